"""The phone's record: one touch has one spelling, and a signature over it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attest.errors import RecordMalformed
from attest.record import (
    BYTES_LIMIT,
    FIXES_LIMIT,
    Record,
    best_fix,
    canonical,
    lat_lon_e6,
    signing_challenge,
)

Said = dict[str, Any]

MISSING: Any = object()
AT_MS = 1_795_395_600_000
ID = "019a0000-0000-7000-8000-000000000001"
FIX: Said = {
    "lat_e7": 352_280_210,
    "lon_e7": 1_286_811_340,
    "acc_cm": 1_250,
    "fix_ms": AT_MS - 400,
    "seen_ms": AT_MS,
}
RECORD: Said = {
    "v": 1,
    "id": ID,
    "trip": "019a0000-0000-7000-8000-000000000002",
    "challenge": "019a0000-0000-7000-8000-000000000003",
    "kind": "arrive",
    "repair": False,
    "at_ms": AT_MS,
    "mono_ms": 12_000,
    "state": "given",
    "fixes": [FIX],
    "errors_between": 0,
    "device": {
        "form": "phone",
        "utc_offset_min": 540,
        "automated": False,
        "patched": False,
        "motion": "seen",
    },
    "site": None,
    "photo_sha256": None,
}


def spelled(said: Said) -> str:
    """As a phone spells it."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text(**changes: object) -> str:
    said = RECORD | changes
    return spelled({name: value for name, value in said.items() if value is not MISSING})


def refused(text: str) -> str:
    with pytest.raises(RecordMalformed) as no:
        Record.read(text)
    assert no.value.code == "record.malformed"
    return str(no.value)


def test_a_touch_is_read_and_keeps_the_text_that_was_signed() -> None:
    record = Record.read(text())

    assert record.text == text()
    assert record.id == UUID(ID)
    assert (record.kind, record.state, record.at_ms) == ("arrive", "given", AT_MS)
    assert [fix.lat_e7 for fix in record.fixes] == [FIX["lat_e7"]]
    assert (record.device.form, record.device.utc_offset_min) == ("phone", 540)


def test_the_spelling_of_the_core_is_the_phones() -> None:
    assert canonical(dict(reversed(RECORD.items()))) == text()


def test_what_is_signed_is_the_published_fingerprint() -> None:
    assert signing_challenge('{"v":1}', bytes(range(32))).hex() == (
        "1cd99e217499d1764efd76ffac5a33e411d204f338908ac8289c65d7ff0917b0"
    )


def test_the_fingerprint_covers_purpose_length_record_and_nonce() -> None:
    nonce = bytes(range(32))
    drawn = b"tripseal/check-in/1\x00" + (7).to_bytes(4, "big") + b'{"v":1}' + nonce

    assert signing_challenge('{"v":1}', nonce) == sha256(drawn).digest()


def test_no_single_bit_can_turn_under_the_fingerprint() -> None:
    record, nonce = b'{"v":1}', bytes(range(32))
    first = signing_challenge(record.decode(), nonce)

    flipped = {first}
    for bit in range(7 * len(record)):
        altered = bytearray(record)
        altered[bit // 7] ^= 1 << bit % 7
        flipped.add(signing_challenge(altered.decode(), nonce))
    for bit in range(8 * len(nonce)):
        other = bytearray(nonce)
        other[bit // 8] ^= 1 << bit % 8
        flipped.add(signing_challenge(record.decode(), bytes(other)))
    assert len(flipped) == 1 + 7 * len(record) + 8 * len(nonce)


# -- one spelling ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        text().replace(":", ": ", 1),
        text().replace(",", ", ", 1),
        text() + "\n",
        " " + text(),
        "\ufeff" + text(),
        spelled({"v": 1} | RECORD)[:-1] + ',"a":1}',
        json.dumps(RECORD, separators=(",", ":")),
        text().replace('"v":1', '"v":1.0'),
        text().replace('"v":1', '"v":1e0'),
        text().replace('"v":1', '"v":01'),
        text().replace('"errors_between":0', '"errors_between":-0'),
        text().replace('"errors_between":0', '"errors_between":0.0'),
        text().replace('"arrive"', '"arriv\\u0065"'),
        text().replace('"v":1', '"v":1,"v":1'),
        text().replace('"state":"given"', '"state":"given","state":"given"'),
        text().replace("null", "NULL", 1),
        text().replace("false", "False", 1),
        text(site="출장지"),
        text(site="caf\u00e9"),
        text(site=MISSING).replace("}", ',"site":"\\ud800"}'),
        text()[:-1],
        "",
        "null",
        "[]",
        "1",
        "{}{}",
        "[" * 16_000,
        '{"a":' * 3_000,
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_another_spelling_is_no_record(other: str) -> None:
    assert refused(other)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000])
def test_a_number_that_is_none_is_no_record(literal: str) -> None:
    assert refused(text().replace(str(FIX["lat_e7"]), literal))


def test_the_least_and_the_greatest_whole_number_have_a_spelling() -> None:
    most = 2**53 - 1

    assert canonical({"a": most, "b": -most}) == f'{{"a":{most},"b":{-most}}}'
    for beyond in (2**53, -(2**53)):
        with pytest.raises(RecordMalformed):
            canonical({"a": beyond})


@pytest.mark.parametrize("value", [1.0, b"a", "é", {"é": 1}, {1: 1}, {1}, 2 + 0j, float("nan")])
def test_what_has_no_spelling_is_not_written(value: object) -> None:
    with pytest.raises(RecordMalformed):
        canonical({"a": value})


def test_four_deep_is_read_and_five_deep_is_not() -> None:
    four: Said = {"a": [{"b": [1]}]}

    assert canonical(four) == '{"a":[{"b":[1]}]}'
    with pytest.raises(RecordMalformed):
        canonical({"a": [{"b": [[]]}]})


def test_sixteen_kibibytes_are_read_and_one_more_is_not() -> None:
    fixes = [FIX | {"alt_cm": 2_000_000, "altacc_cm": 2_000_000_000}] * FIXES_LIMIT
    full = text(fixes=fixes, site="x" * 128, photo_sha256="0" * 64)
    assert len(full) < BYTES_LIMIT == 16 * 1024

    Record.read(full)
    padding = "p" * (BYTES_LIMIT - len(text(surplus="")))
    assert "unknown-field" in refused(text(surplus=padding))
    assert refused(text(surplus=padding + "p")) == "longer than 16 KiB"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(max_codepoint=127), max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


@settings(max_examples=100)
@given(said=st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), PLAIN))
def test_a_spelling_is_its_own_spelling(said: Said) -> None:
    try:
        once = canonical(said)
    except RecordMalformed:
        return
    assert canonical(json.loads(once)) == once
    assert canonical(dict(reversed(said.items()))) == once
    assert json.loads(once) == said


@settings(max_examples=200)
@given(noise=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_noise_is_malformed_and_never_a_crash(noise: str) -> None:
    assert refused(noise)


@settings(max_examples=200)
@given(place=st.integers(0, len(text()) - 1), letter=st.characters())
def test_a_letter_altered_is_another_record_or_none(place: int, letter: str) -> None:
    altered = text()[:place] + letter + text()[place + 1 :]
    try:
        record = Record.read(altered)
    except RecordMalformed:
        return
    assert record.text == altered


# -- what a record may say ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("v", 2, "v: wrong-version"),
        ("v", True, "v: wrong-type"),
        ("id", ID.upper(), "id: wrong-value"),
        ("id", ID.replace("-", ""), "id: wrong-value"),
        ("id", f"{{{ID}}}", "id: wrong-value"),
        ("id", "urn:uuid:" + ID, "id: wrong-value"),
        ("id", ID + "0", "id: wrong-value"),
        ("id", None, "id: wrong-type"),
        ("id", 1, "id: wrong-type"),
        ("trip", "", "trip: wrong-value"),
        ("challenge", None, "challenge: wrong-type"),
        ("kind", "leave", "kind: wrong-value"),
        ("kind", None, "kind: wrong-type"),
        ("repair", 1, "repair: wrong-type"),
        ("at_ms", -1, "at_ms: out-of-range"),
        ("at_ms", 4_102_444_800_001, "at_ms: out-of-range"),
        ("at_ms", str(AT_MS), "at_ms: wrong-type"),
        ("mono_ms", -1, "mono_ms: out-of-range"),
        ("mono_ms", "1", "mono_ms: wrong-type"),
        ("state", "denied", "state: wrong-value"),
        ("fixes", None, "fixes: wrong-type"),
        ("fixes", {}, "fixes: wrong-type"),
        ("fixes", [FIX] * (FIXES_LIMIT + 1), "fixes: too-many"),
        ("fixes", [None], "fixes.0: wrong-type"),
        ("errors_between", 1_001, "errors_between: out-of-range"),
        ("errors_between", -1, "errors_between: out-of-range"),
        ("device", None, "device: wrong-type"),
        ("device", {"form": "watch"}, "device.form: wrong-value"),
        ("device", {"utc_offset_min": 841}, "device.utc_offset_min: out-of-range"),
        ("device", {"automated": 0}, "device.automated: wrong-type"),
        ("device", {"imei": "1"}, "device: unknown-field"),
        ("site", "x" * 129, "site: too-long"),
        ("site", 1, "site: wrong-type"),
        ("photo_sha256", "0" * 63, "photo_sha256: wrong-value"),
        ("photo_sha256", "A" * 64, "photo_sha256: wrong-value"),
        ("photo_sha256", "0" * 64 + "\n", "photo_sha256: wrong-value"),
        ("secret", 1, "record: unknown-field"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(name: str, value: object, why: str) -> None:
    assert refused(text(**{name: value})) == why


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("lat_e7", 999 * 10**7, "out-of-range"),
        ("lat_e7", 900_000_001, "out-of-range"),
        ("lon_e7", -1_800_000_001, "out-of-range"),
        ("lat_e7", "352280210", "wrong-type"),
        ("lon_e7", None, "wrong-type"),
        ("acc_cm", -1, "out-of-range"),
        ("acc_cm", 2_000_000_001, "out-of-range"),
        ("alt_cm", -50_001, "out-of-range"),
        ("alt_cm", 2_000_001, "out-of-range"),
        ("altacc_cm", -1, "out-of-range"),
        ("fix_ms", -1, "out-of-range"),
        ("seen_ms", True, "wrong-type"),
        ("lat_e7", MISSING, "missing"),
        ("acc_cm", MISSING, "missing"),
        ("seen_ms", MISSING, "missing"),
    ],
)
def test_a_position_that_is_none_is_refused_by_its_key(name: str, value: object, why: str) -> None:
    fix = {key: one for key, one in (FIX | {name: value}).items() if one is not MISSING}

    assert refused(text(fixes=[FIX, fix])) == f"fixes.1.{name}: {why}"


@pytest.mark.parametrize("name", ["v", "id", "trip", "challenge", "kind", "at_ms", "state"])
def test_what_every_touch_has_may_not_be_missing(name: str) -> None:
    assert refused(text(**{name: MISSING})) == f"{name}: missing"


def test_the_limits_themselves_are_read() -> None:
    edge = {"lat_e7": -900_000_000, "lon_e7": 1_800_000_000, "acc_cm": 0, "alt_cm": -50_000}
    edge |= {"altacc_cm": 2_000_000_000, "fix_ms": 0, "seen_ms": 4_102_444_800_000}

    record = Record.read(text(fixes=[edge] * FIXES_LIMIT, site="x" * 128, errors_between=1_000))
    assert len(record.fixes) == FIXES_LIMIT == 32


def test_what_is_left_out_has_one_plain_meaning() -> None:
    bare = dict.fromkeys(
        ["repair", "mono_ms", "fixes", "errors_between", "device", "site", "photo_sha256"], MISSING
    )

    record = Record.read(text(**bare, state="refused", trip=None))
    assert (record.repair, record.mono_ms, record.fixes) == (False, None, ())
    assert (record.device.form, record.device.motion) == ("unknown", "unknown")
    assert (record.trip, record.site, record.photo_sha256) == (None, None, None)


@pytest.mark.parametrize("state", ["refused", "unavailable", "timeout", "unsupported"])
def test_a_touch_without_a_position_is_a_touch(state: str) -> None:
    assert Record.read(text(state=state, fixes=[])).state == state
    assert refused(text(state=state)) == "state does not go with fixes"


def test_a_touch_whose_every_position_was_left_out_stands_without_one() -> None:
    record = Record.read(text(fixes=[]))

    assert (record.state, record.fixes) == ("unavailable", ())
    assert record.text == text(fixes=[])


def test_no_coordinate_shows_in_a_repr_or_in_a_refusal() -> None:
    assert str(FIX["lat_e7"]) not in repr(Record.read(text(site="TSC1.SECRET")))
    assert "SECRET" not in repr(Record.read(text(site="TSC1.SECRET")))

    assert str(FIX["lat_e7"]) not in refused(text(fixes=[FIX | {"lon_e7": 10**10}]))
    assert refused(text(**{"35.2280210": 1})) == "record: unknown-field"
    assert refused(text(fixes=[FIX | {"35.2280210": 1}])) == "fixes.0: unknown-field"


# -- where the touch was -----------------------------------------------------------------


def test_the_best_position_is_the_first_of_least_accuracy() -> None:
    fixes = [FIX | {"acc_cm": cm, "fix_ms": n} for n, cm in enumerate([900, 400, 400, 700])]

    best = best_fix(Record.read(text(fixes=fixes)))
    assert best is not None
    assert (best.acc_cm, best.fix_ms) == (400, 1)
    assert best_fix(Record.read(text(state="refused", fixes=[]))) is None


@pytest.mark.parametrize(
    ("e7", "e6"),
    [
        (0, 0),
        (4, 0),
        (5, 1),
        (-4, 0),
        (-5, -1),
        (14, 1),
        (15, 2),
        (-15, -2),
        (352_280_214, 35_228_021),
    ],
)
def test_leaves_round_half_away_from_zero(e7: int, e6: int) -> None:
    assert lat_lon_e6(e7, -e7) == (e6, -e6)
