"""What holds for every touch, whatever was there and whatever was not (evidence.md §6)."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from attest.errors import FactsRefused
from attest.evidence import Assessment, assess, read_facts

from .evidence_facts import (
    DEVICES,
    FILE,
    NETWORKS,
    POSITIONS,
    TOUCHES,
    WEIGHTS,
    Said,
    fix,
    seen,
    weighed,
)

WORSE_FIRST = ["INVALID", "REVIEW", "SUPPLEMENT", "SUFFICIENT"]
REFUSALS = {
    *("too-large", "not-json", "duplicate-field", "wrong-type", "unknown-field", "missing"),
    *("too-many", "out-of-range", "wrong-value", "wrong-version", "inconsistent"),
}
GUEST = {"relation": "guest_link", "answer": "confirmed"}
HOST = {"relation": "other_organisation", "answer": "confirmed"}
often = settings(max_examples=60)


def rank(said: Said) -> int:
    return WORSE_FIRST.index(weighed(said).verdict)


@often
@given(said=TOUCHES)
def test_one_more_receipt_never_worsens_the_verdict(said: Said) -> None:
    assert rank(said | {"receipts": said.get("receipts", 0) + 1}) >= rank(said)


@often
@given(said=TOUCHES, answer=st.sampled_from([GUEST, HOST]))
def test_a_host_who_confirms_never_worsens_the_verdict(said: Said, answer: Said) -> None:
    alone = said | {"host": None}

    assert rank(said | {"host": answer}) >= rank(alone)


@often
@given(said=TOUCHES, kind=st.sampled_from(["rotating", "nfc"]))
def test_a_live_code_never_worsens_the_verdict(said: Said, kind: str) -> None:
    assert rank(said | {"site": {"kind": kind}}) >= rank(said)


@often
@given(said=TOUCHES, state=st.sampled_from(["refused", "unavailable", "unsupported"]))
def test_without_the_position_there_is_never_more_concern(said: Said, state: str) -> None:
    without = said | {"position": {"state": state}}

    assert weighed(without).concern <= weighed(said).concern


@often
@given(said=TOUCHES, motion=st.sampled_from(["refused", "unknown"]))
def test_who_keeps_the_sensor_to_themselves_has_never_more_concern(said: Said, motion: str) -> None:
    quiet = said | {"device": said.get("device", {}) | {"motion": motion}}

    assert weighed(quiet).concern <= weighed(said).concern


@often
@given(device=DEVICES, network=NETWORKS)
def test_browser_and_network_alone_never_call_for_a_review(device: Said, network: str) -> None:
    alone = {name: one for name, one in device.items() if name not in OWN_FAMILY}
    said = weighed(seen(fix(), device=alone, network=network))

    assert set(said.families["concern"]) <= {"env", "net"}
    assert said.verdict != "REVIEW"


OWN_FAMILY = {"enrolled_s", "shared", "shadow"}


@often
@given(said=TOUCHES)
def test_the_order_of_keys_is_without_effect(said: Said) -> None:
    assert weighed(turned(said)).as_json() == weighed(said).as_json()


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: turned(one) for name, one in reversed(value.items())}
    return [turned(one) for one in value] if isinstance(value, list) else value


@often
@given(said=TOUCHES)
def test_text_and_objects_are_weighed_alike(said: Said) -> None:
    read = assess(read_facts(json.dumps(said)), WEIGHTS)

    assert read.as_json() == weighed(said).as_json()


@often
@given(said=TOUCHES)
def test_every_assessment_keeps_the_shape_of_its_contract(said: Said) -> None:
    answer = weighed(said)

    support, concern = answer.families["support"], answer.families["concern"]
    assert answer.reasons
    assert answer.verdict in WORSE_FIRST
    assert answer.support == min(100, sum(support.values()))
    assert answer.concern == min(100, sum(concern.values()))
    assert all(points <= FILE["support_caps"][name] for name, points in support.items())
    assert all(points <= FILE["concern_caps"][name] for name, points in concern.items())
    assert (answer.missing_mode is not None) == (answer.verdict == "SUPPLEMENT")
    assert len(answer.missing) <= 3
    assert all("{" not in one.why_ko + one.why_en for one in answer.reasons)


@often
@given(said=TOUCHES)
def test_whatever_alone_is_asked_for_is_enough_once_it_is_there(said: Said) -> None:
    answer = weighed(said)
    alone = [one.code for one in answer.missing if answer.missing_mode == "any"]

    for code in set(alone) & GIVEN.keys():
        assert weighed(said | GIVEN[code](said)).verdict == "SUFFICIENT"


GIVEN: dict[str, Any] = {
    "ask.receipt": lambda said: {"receipts": said.get("receipts", 0) + 1},
    "ask.site-code": lambda _: {"site": {"kind": "rotating"}},
    "ask.departure": lambda _: {"stay_s": FILE["limits"]["stay_s"]},
    "ask.photo": lambda _: {"photo": "challenge_code"},
    "ask.change-request": lambda said: {"trip": said["trip"] | {"change_requested": True}},
}


def outcome(text: str | bytes) -> str:
    """Assessed, or refused with a known code; anything else is a traceback."""
    try:
        answer = assess(read_facts(text), WEIGHTS)
    except FactsRefused as no:
        assert no.why.removeprefix("facts.") in REFUSALS  # noqa: PT017 -- either is fine
        return "refused"
    assert isinstance(answer, Assessment)
    return "assessed"


@settings(max_examples=120)
@given(text=st.text() | st.binary())
@example(text='{"a":' * 20_000)
@example(text="9" * 60_000)
@example(text='"\\ud83d"')
def test_any_text_is_assessed_or_refused(text: str | bytes) -> None:
    assert outcome(text) == "refused"


NOISE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=120)
@given(said=TOUCHES, data=st.data(), noise=NOISE)
def test_noise_in_any_field_is_assessed_or_refused(
    said: Said, data: st.DataObject, noise: object
) -> None:
    name = data.draw(st.sampled_from(sorted(said)))
    inner = said[name] if isinstance(said[name], dict) and said[name] else {name: None}
    deep = data.draw(st.sampled_from(sorted(inner)))

    assert outcome(json.dumps(said | {name: noise}))
    assert outcome(json.dumps(said | {name: inner | {deep: noise}}))


@settings(max_examples=120)
@given(said=TOUCHES, data=st.data())
def test_a_text_with_one_byte_altered_is_assessed_or_refused(
    said: Said, data: st.DataObject
) -> None:
    text = bytearray(json.dumps(said).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255))

    assert outcome(bytes(text))


@often
@given(position=POSITIONS, factor=st.sampled_from([1e-300, 5e-324, -0.0]))
def test_places_closer_than_any_number_are_weighed(position: Said, factor: float) -> None:
    tiny = [one | {"lat": factor, "lon": -factor} for one in position.get("fixes", [])]
    said = seen(fix(), position=position | ({"fixes": tiny} if tiny else {}))

    assert weighed(said).reasons
