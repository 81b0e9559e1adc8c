"""Facts that cannot be weighed: one code, and a pointer to where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from attest.errors import FactsRefused
from attest.evidence import BYTES_LIMIT, facts_from, read_facts

from .evidence_facts import AT_MS, FILE, Said, fix, seen, touch

MISSING: Any = object()
FULL: Said = seen(
    fix(altitude_m=1.5, altitude_accuracy_m=2.5),
    previous={"lat": 1, "lon": 2, "accuracy_m": 3, "seconds_before": 4},
    office_trace={"km": 1, "minutes": -2},
    site={"kind": "nfc"},
    host={"relation": "teammate", "answer": "denied"},
    delivery={},
    device={},
    cross={},
)
FIX = "/position/fixes/0"
PLACE = "/trip/places/0"


def refused(text: str | bytes) -> tuple[str, str]:
    with pytest.raises(FactsRefused) as no:
        read_facts(text, policies=FILE["policies"])
    return no.value.why.removeprefix("facts."), no.value.path


def with_at(pointer: str, value: object) -> Said:
    """The full facts, *value* at *pointer*; MISSING takes what is there away."""
    said = deepcopy(FULL)
    *above, last = [int(step) if step.isdigit() else step for step in pointer[1:].split("/")]
    here: Any = said
    for step in above:
        here = here[step]
    here[last] = value
    return without(said)


def without(said: Mapping[str, Any]) -> Said:
    return {
        name: without(one) if isinstance(one, Mapping) else one
        for name, one in said.items()
        if one is not MISSING
    }


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"\xff",
        b'{"v":1}\xff',
        b"\xef\xbb\xbf{}",
        b"{'v':1}",
        b'{"v":1}{',
        b'{"v":1} 1',
        b'{"v":01}',
        b'{"v":1,}',
        b'{"v":NaN}',
        b'{"v":Infinity}',
        b'{"v":-Infinity}',
        b'{"v":"\\ud800"}',
        b'{"v":"\\udc00\\ud800"}',
        b'{"\\ud800":1}',
        b'{"v":"\n"}',
        b"[" * 30_000,
        b'{"v":' * 10_000,
        b"[" * 600 + b"]" * 600,
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_what_is_no_json_text_is_refused_as_a_whole(text: bytes) -> None:
    assert refused(text) == ("not-json", "")


def test_half_a_letter_in_a_text_is_no_json_either() -> None:
    assert refused('{"v":"\ud800"}') == ("not-json", "")


def test_the_size_is_looked_at_first() -> None:
    fits = json.dumps(touch()).encode()

    read_facts(fits.ljust(BYTES_LIMIT))
    assert refused(fits.ljust(BYTES_LIMIT + 1)) == ("too-large", "")
    assert refused(b"{" * (BYTES_LIMIT + 1)) == ("too-large", "")
    assert refused(b"\xff" * (BYTES_LIMIT + 1)) == ("too-large", "")


def test_a_text_is_as_large_as_its_bytes() -> None:
    assert refused("가" * (BYTES_LIMIT // 3 + 1)) == ("too-large", "")
    assert refused("가" * (BYTES_LIMIT // 3)) == ("not-json", "")


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1,"v":1}',
        '{"v":2,"extra":{"a":1,"a":2}}',
        '[{"a":[{"b":1,"b":1}]}]',
        '{"\\u0076":1,"v":1}',
    ],
)
def test_a_field_given_twice_anywhere_is_refused_before_its_sense(text: str) -> None:
    assert refused(text) == ("duplicate-field", "")


def test_no_json_is_said_before_a_field_given_twice() -> None:
    assert refused('{"v":1,"v":"\\ud800"}') == ("not-json", "")
    assert refused('{"v":1,"v":"\\ud800","v":2}') == ("not-json", "")


@pytest.mark.parametrize("text", ["1", "null", "true", '"v"', "[]", "1.5"])
def test_facts_are_one_object(text: str) -> None:
    assert refused(text) == ("wrong-type", "")


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/v", MISSING, "missing"),
        ("/v", 2, "wrong-version"),
        ("/v", 0, "wrong-version"),
        ("/v", "1", "wrong-type"),
        ("/v", 1.0, "wrong-type"),
        ("/v", True, "wrong-type"),
        ("/v", None, "wrong-type"),
        ("/surplus", 1, "unknown-field"),
        ("/trip", None, "wrong-type"),
        ("/trip", [], "wrong-type"),
        ("/trip/abroad", 0, "wrong-type"),
        ("/trip/moving", "no", "wrong-type"),
        ("/trip/self_approved", None, "wrong-type"),
        ("/trip/mode", "foot", "wrong-value"),
        ("/trip/mode", 1, "wrong-type"),
        ("/trip/policy", "lenient", "wrong-value"),
        ("/trip/policy", None, "wrong-type"),
        ("/trip/places", {}, "wrong-type"),
        ("/trip/places", [{}] * 21, "too-many"),
        (PLACE, 1, "wrong-type"),
        (f"{PLACE}/radius_m", 9.9, "out-of-range"),
        (f"{PLACE}/radius_m", 50_000.1, "out-of-range"),
        (f"{PLACE}/name", "x", "unknown-field"),
        (f"{PLACE}/lat", 90.0000001, "out-of-range"),
        (f"{PLACE}/lon", -180.0000001, "out-of-range"),
        ("/signer", MISSING, "missing"),
        ("/signer/kind", MISSING, "missing"),
        ("/signer/kind", "Passkey", "wrong-value"),
        ("/signer/signature", "good", "wrong-value"),
        ("/signer/user_verified", 1, "wrong-type"),
        ("/challenge", MISSING, "missing"),
        ("/challenge/state", MISSING, "missing"),
        ("/challenge/state", "expired", "wrong-value"),
        ("/challenge/age_s", MISSING, "missing"),
        ("/challenge/age_s", -1, "out-of-range"),
        ("/challenge/age_s", 31_622_401, "out-of-range"),
        ("/challenge/age_s", 24.0, "wrong-type"),
        ("/challenge/age_s", True, "wrong-type"),
        ("/challenge/life_s", MISSING, "missing"),
        ("/challenge/life_s", 0, "out-of-range"),
        ("/challenge/life_s", 604_801, "out-of-range"),
        ("/delivery/mode", "post", "wrong-value"),
        ("/delivery/delay_s", -1, "out-of-range"),
        ("/delivery/delay_s", 31_622_401, "out-of-range"),
        ("/delivery/clock_skew_s", 3_155_760_001, "out-of-range"),
        ("/delivery/clock_skew_s", -3_155_760_001, "out-of-range"),
        ("/delivery/inside_bounds", None, "wrong-type"),
        ("/position/state", "denied", "wrong-value"),
        ("/position/fixes", [{}] * 33, "too-many"),
        ("/position/errors_between", 1_001, "out-of-range"),
        ("/position/errors_between", -1, "out-of-range"),
        (f"{FIX}/lat", "35.1", "wrong-type"),
        (f"{FIX}/lat", True, "wrong-type"),
        (f"{FIX}/lat", 999, "out-of-range"),
        (f"{FIX}/lon", None, "wrong-type"),
        (f"{FIX}/accuracy_m", -0.1, "out-of-range"),
        (f"{FIX}/accuracy_m", 20_000_000.1, "out-of-range"),
        (f"{FIX}/altitude_m", -500.1, "out-of-range"),
        (f"{FIX}/altitude_m", 20_000.1, "out-of-range"),
        (f"{FIX}/altitude_accuracy_m", -1, "out-of-range"),
        (f"{FIX}/fix_ms", -1, "out-of-range"),
        (f"{FIX}/fix_ms", 4_102_444_800_001, "out-of-range"),
        (f"{FIX}/fix_ms", AT_MS + 0.0, "wrong-type"),
        (f"{FIX}/seen_ms", 10**400, "out-of-range"),
        (f"{FIX}/speed", 1, "unknown-field"),
        ("/device/form", "watch", "wrong-value"),
        ("/device/enrolled_s", -1, "out-of-range"),
        ("/device/enrolled_s", 3_155_760_001, "out-of-range"),
        ("/device/shared", True, "wrong-type"),
        ("/device/people", 0, "out-of-range"),
        ("/device/people", 1_001, "out-of-range"),
        ("/device/motion", "still", "wrong-value"),
        ("/device/utc_offset_min", -721, "out-of-range"),
        ("/device/utc_offset_min", 841, "out-of-range"),
        ("/network", "home", "wrong-value"),
        ("/network", None, "wrong-type"),
        ("/previous", [], "wrong-type"),
        ("/previous/seconds_before", MISSING, "missing"),
        ("/previous/seconds_before", 31_622_401, "out-of-range"),
        ("/previous/lat", MISSING, "missing"),
        ("/office_trace/km", 20_100.1, "out-of-range"),
        ("/office_trace/km", -0.1, "out-of-range"),
        ("/office_trace/minutes", 1_440.1, "out-of-range"),
        ("/office_trace/minutes", -1_440.1, "out-of-range"),
        ("/site/kind", MISSING, "missing"),
        ("/site/kind", "qr", "wrong-value"),
        ("/site/steps_off", 1_000_001, "out-of-range"),
        ("/host/relation", "friend", "wrong-value"),
        ("/host/answer", MISSING, "missing"),
        ("/receipts", -1, "out-of-range"),
        ("/receipts", 21, "out-of-range"),
        ("/receipts", "1", "wrong-type"),
        ("/receipts", None, "wrong-type"),
        ("/stay_s", 31_622_401, "out-of-range"),
        ("/photo", "selfie", "wrong-value"),
        ("/cross/same_point", "yes", "wrong-value"),
        ("/cross/burst_copied", "no", "wrong-type"),
        ("/phase", "before", "wrong-value"),
    ],
)
def test_one_wrong_value_is_one_refusal_at_its_pointer(
    pointer: str, value: object, code: str
) -> None:
    assert refused(json.dumps(with_at(pointer, value))) == (code, pointer)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{PLACE}/radius_m", 10),
        (f"{PLACE}/radius_m", 50_000),
        (f"{FIX}/lat", -90),
        (f"{FIX}/lon", 180),
        (f"{FIX}/accuracy_m", 0),
        (f"{FIX}/accuracy_m", 20_000_000),
        (f"{FIX}/altitude_m", None),
        (f"{FIX}/altitude_m", -500),
        (f"{FIX}/altitude_accuracy_m", None),
        (f"{FIX}/fix_ms", 0),
        (f"{FIX}/seen_ms", 4_102_444_800_000),
        ("/trip/places", []),
        ("/position/fixes", [fix()] * 32),
        ("/position/errors_between", 1_000),
        ("/challenge/life_s", 1),
        ("/challenge/life_s", 604_800),
        ("/challenge/age_s", 31_622_400),
        ("/delivery/clock_skew_s", -3_155_760_000),
        ("/device/people", 1_000),
        ("/device/utc_offset_min", 840),
        ("/office_trace/minutes", -1_440),
        ("/site/steps_off", -1_000_000),
        ("/receipts", 20),
        ("/stay_s", None),
        ("/previous", None),
        ("/office_trace", None),
        ("/site", None),
        ("/host", None),
    ],
)
def test_the_limits_themselves_are_facts(pointer: str, value: object) -> None:
    read_facts(json.dumps(with_at(pointer, value)), policies=FILE["policies"])


@pytest.mark.parametrize("literal", ["1e999", "-1e999", "9" * 5_000])
def test_a_number_that_overflows_is_out_of_range(literal: str) -> None:
    text = json.dumps(touch({"office_trace": {"km": 1, "minutes": 0}}))

    assert refused(text.replace('"km": 1', f'"km": {literal}')) == (
        "out-of-range",
        "/office_trace/km",
    )


@pytest.mark.parametrize("literal", ["24.0", "2.4e1", "24E0"])
def test_a_whole_number_has_neither_fraction_nor_exponent(literal: str) -> None:
    text = json.dumps(touch()).replace("24", literal)

    assert refused(text) == ("wrong-type", "/challenge/age_s")


@pytest.mark.parametrize("state", ["refused", "unavailable", "timeout", "unsupported"])
def test_positions_belong_to_the_state_given_and_to_no_other(state: str) -> None:
    assert refused(json.dumps(seen(fix(), position__state=state))) == ("inconsistent", "/position")
    assert refused(json.dumps(touch({"position.state": "given"}))) == ("inconsistent", "/position")


def test_a_pointer_spells_a_strange_name_as_pointers_do() -> None:
    assert refused(json.dumps(touch({"a/b~c": 1}))) == ("unknown-field", "/a~1b~0c")


def test_of_several_unknown_fields_the_least_name_is_told() -> None:
    strange = {"zeta": 1, "alpha": 1, "Beta": 1}

    assert refused(json.dumps(touch(strange))) == ("unknown-field", "/Beta")


def test_the_first_fault_in_the_order_of_the_table_is_told() -> None:
    wrong = touch({"phase": "x", "network": "x", "challenge.age_s": -1, "signer.kind": "x"})
    order = []

    for pointer, right in {
        "signer.kind": "none",
        "challenge.age_s": 1,
        "network": "vpn",
        "phase": "there",
    }.items():
        order.append(refused(json.dumps(dict(reversed(wrong.items()))))[1])
        *above, last = pointer.split(".")
        (wrong[above[0]] if above else wrong)[last] = right
    assert order == ["/signer/kind", "/challenge/age_s", "/network", "/phase"]


def test_what_an_object_is_comes_before_what_it_holds() -> None:
    several = seen(fix(), position__state="refused", surplus=1, receipts=-1)

    assert refused(json.dumps(several)) == ("unknown-field", "/surplus")
    del several["surplus"]
    assert refused(json.dumps(several)) == ("out-of-range", "/receipts")
    del several["receipts"]
    assert refused(json.dumps(several)) == ("inconsistent", "/position")


def test_what_is_left_out_has_the_default_of_the_contract() -> None:
    bare = touch({"signer": {"kind": "none"}})
    told = bare | {name: {} for name in ("trip", "delivery", "position", "device", "cross")}
    del bare["trip"]

    facts = facts_from(bare)
    assert facts == facts_from(told)
    assert (facts.trip.mode, facts.trip.policy, facts.trip.places) == ("ground", "standard", ())
    assert (facts.signer.signature, facts.signer.synced) == ("absent", True)
    assert (facts.delivery.mode, facts.delivery.inside_bounds) == ("online", True)
    assert (facts.position.state, facts.device.people) == ("unsupported", 1)
    assert (facts.network, facts.photo, facts.phase) == ("unknown", "none", "there")
    assert (facts.stay_s, facts.site, facts.host, facts.previous) == (None, None, None, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 999, "35.1", None])
def test_facts_put_together_by_a_server_are_checked_as_well(value: object) -> None:
    with pytest.raises(FactsRefused):
        facts_from(with_at(f"{FIX}/lat", value))


def test_no_coordinate_shows_in_a_repr_or_in_a_refusal() -> None:
    said = seen(fix() | {"lat": 35.1795543}, trip__places=[])
    assert "35.1795" not in repr(facts_from(said))

    spoilt = seen(fix() | {"lat": 35.1795543, "lon": 235.1795543}, trip__places=[])
    with pytest.raises(FactsRefused) as no:
        facts_from(spoilt)
    assert "5.1795" not in repr(no.value) + str(no.value)
    assert no.value.__cause__ is None
