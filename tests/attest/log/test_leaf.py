from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attest.errors import LeafMalformed
from attest.log import leaf as log
from attest.log.leaf import build, canonical, commit, parse_canonical, read_leaf

from .vectors import load

EVENTS: dict[tuple[str, str], Any] = {
    (kind.t, getattr(kind, "phase", "")): kind
    for kind in (
        *(log.TripOpened, log.CheckedIn, log.Approved, log.Settled, log.Voided),
        *(log.Corrected, log.Erased, log.KeyRotated, log.WitnessChanged),
        *(log.ExportRequested, log.ExportDone, log.Accessed, log.Heartbeat),
        *(log.ClockStepped, log.ConfigChanged),
    )
}
HASHES = {"tok", "ofh", "digest", "scope", "manifest", "sha256"}
LEAVES = load("leaves")["leaves"]
AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
WHO = {"actor": "p00000001"}


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def event_of(case: dict[str, Any]) -> log.Event:
    """The event that the leaf of a vector tells of, from its fields and open values."""
    said = json.loads(case["entry"])
    names = {"from": "from_"} | ({"what": "subject"} if said["t"] == "config-change" else {})
    kind = EVENTS[said["t"], said.get("phase", "")]
    held = {names.get(k, k): b64decode(v) if k in HASHES else v for k, v in said.items()}
    groups = {name: group for name, group in log.GROUPS.items() if group in case["open"]}
    held |= {name: case["open"][group]["value"] for name, group in groups.items()}
    own = {one.name for one in fields(kind)}
    event: log.Event = kind(**{k: value for k, value in held.items() if k in own})
    return event


def rebuilt(case: dict[str, Any]) -> log.Leaf:
    said = json.loads(case["entry"])
    return build(
        event_of(case),
        at=log.read_time(said["at"]),
        salts={g: bytes.fromhex(one["salt"]) for g, one in case["open"].items()},
        trip=said.get("trip"),
        n=said.get("n"),
        pc=b64decode(said["pc"]) if said.get("pc") else None,
    )


def changed(**change: Any) -> bytes:
    """The check-in of the vectors with other fields; None takes one away."""
    said = json.loads(LEAVES[4]["entry"]) | change
    return canonical({name: value for name, value in said.items() if value is not None})


def heartbeat(**change: Any) -> bytes:
    said = {"v": 1, "t": "heartbeat", "at": log.time_text(AT), "every": 1} | change
    return canonical(said)


@pytest.mark.parametrize("case", load("canonical")["accept"], ids=lambda c: c["bytes"])
def test_a_value_has_one_spelling(case: dict[str, Any]) -> None:
    raw = case["bytes"].encode()

    assert canonical(case["value"]) == raw
    assert parse_canonical(raw) == case["value"]


@pytest.mark.parametrize("case", load("canonical")["reject"], ids=lambda c: c["why"])
def test_any_other_spelling_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(LeafMalformed, match=r"^not_canonical"):
        parse_canonical(case["bytes"].encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
    ids=["nothing", "half", "not UTF-8", "deep list", "deep object", "endless number"],
)
def test_noise_is_refused_not_crashed_on(raw: bytes) -> None:
    with pytest.raises(LeafMalformed):
        parse_canonical(raw)


@pytest.mark.parametrize(
    "value",
    [
        {"a": None},
        {"a": 1.0},
        {"a": 2**53},
        {"a": "\ud800"},
        {"a": "\x85"},
        {1: 1},
        {"a": b""},
        [],
    ],
)
def test_what_has_no_spelling_is_not_written(value: Any) -> None:
    with pytest.raises(LeafMalformed, match=r"^not_canonical"):
        canonical(value)


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n")).map(
    lambda text: normalize("NFC", text)
)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(value=st.dictionaries(KEYS, VALUES))
def test_every_value_comes_back_from_its_spelling(value: dict[str, Any]) -> None:
    raw = canonical(value)

    assert parse_canonical(raw) == value
    assert canonical(dict(reversed(value.items()))) == raw


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=st.binary(max_size=60))
def test_what_is_accepted_is_written_back_the_same(raw: bytes) -> None:
    try:
        value = parse_canonical(raw)
    except LeafMalformed:
        return
    assert canonical(value) == raw


@pytest.mark.parametrize("case", load("commitments")["cases"])
def test_a_commitment_is_the_hash_of_group_salt_and_value(case: dict[str, Any]) -> None:
    salt = bytes.fromhex(case["salt"])

    assert canonical(case["value"]).decode() == case["value_canonical"]
    assert sha256(bytes.fromhex(case["preimage_hex"])).hexdigest() == case["commitment_hex"]
    assert commit(case["group"], salt, case["value"]).hex() == case["commitment_hex"]


@pytest.mark.parametrize("case", load("commitments")["reject"], ids=lambda c: c["why"])
def test_no_commitment_without_a_whole_salt_and_a_known_group(
    case: dict[str, Any],
) -> None:
    with pytest.raises(LeafMalformed):
        commit(case["group"], bytes(case.get("salt_bytes", 32)), {})


@pytest.mark.parametrize("case", LEAVES, ids=named)
def test_every_event_is_built_to_the_published_bytes(case: dict[str, Any]) -> None:
    leaf = rebuilt(case)

    assert leaf.entry.decode() == case["entry"]
    assert len(leaf.entry) == case["entry_bytes"]
    assert leaf.hash.hex() == case["leaf_hash"]
    assert dict(leaf.openings) == {
        group: bytes.fromhex(one["salt"]) + one["value_canonical"].encode()
        for group, one in case["open"].items()
    }


@pytest.mark.parametrize("case", LEAVES, ids=named)
def test_every_published_leaf_is_read_and_its_openings_fit(
    case: dict[str, Any],
) -> None:
    said = read_leaf(case["entry"].encode())

    assert said == json.loads(case["entry"])
    assert set(log.groups(event_of(case))) == set(case["open"])
    for group, one in case["open"].items():
        shut = commit(group, bytes.fromhex(one["salt"]), one["value"])
        assert said[group] == one["commitment"] == b64encode(shut).decode()


def test_the_vectors_know_every_event() -> None:
    assert {type(event_of(case)) for case in LEAVES} == set(EVENTS.values())


@pytest.mark.parametrize("case", LEAVES, ids=named)
def test_no_single_bit_of_a_leaf_can_turn_unseen(case: dict[str, Any]) -> None:
    entry = case["entry"].encode()
    flipped = bytearray(entry)

    for bit in range(8 * len(entry)):
        flipped[bit // 8] ^= 1 << bit % 8
        assert log.leaf_hash(bytes(flipped)) != bytes.fromhex(case["leaf_hash"])
        flipped[bit // 8] ^= 1 << bit % 8


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (heartbeat(v=2), "unknown_type"),
        (heartbeat(v=True), "unknown_type"),
        (heartbeat(t="heartbeat2"), "unknown_type"),
        (heartbeat(t=["heartbeat"]), "unknown_type"),
        (heartbeat(phase="request"), "unknown_type"),
        (heartbeat(t="export"), "unknown_type"),
        (heartbeat(extra=1), "field: unknown: extra"),
        (heartbeat(id="AAAA"), "field: unknown: id"),
        (heartbeat(every=0), "field: every"),
        (heartbeat(every=True), "field: every"),
        (heartbeat(at="2026-11-23T01:02:03Z"), "field: at"),
        (heartbeat(at="2026-13-23T01:02:03.000000Z"), "field: at"),
        (heartbeat(at="2026-11-23T01:02:60.000000Z"), "field: at"),
        (heartbeat(anchor={"kind": "witness", "size": 1}), "field: anchor"),
        (changed(tok=None), "field: missing: tok"),
        (changed(id=None), "field: missing: id"),
        (changed(tok="AAAA"), "field: tok"),
        (changed(tok=LEAVES[4]["leaf_hash_base64"].replace("c=", "d=")), "field: tok"),
        (changed(trip="T" + "0" * 32), "field: trip"),
        (changed(n=-1), "field: n"),
        (changed(n=0), "field: pc"),
        (changed(pc=""), "field: pc"),
        (changed(loc="no commitment"), "field: loc"),
    ],
)
def test_an_unknown_or_ill_formed_field_fails(entry: bytes, why: str) -> None:
    with pytest.raises(LeafMalformed, match=f"^{why}"):
        read_leaf(entry)


def test_a_leaf_without_its_position_is_a_leaf() -> None:
    assert "loc" not in read_leaf(changed(loc=None))


@pytest.mark.parametrize(
    "ranges", [[], [[4, 4]], [[5, 4]], [[1, 3], [2, 4]], [[4, 5], [1, 2]], [4]]
)
def test_erased_ranges_are_real_apart_and_in_order(ranges: Any) -> None:
    erased = log.Erased(group="loc", ranges=ranges, count=1, reason="order", policy="p", who=WHO)

    with pytest.raises(LeafMalformed, match=r"^field: ranges"):
        build(erased, at=AT, salts={"id": bytes(32)})


def test_only_an_earlier_leaf_can_be_voided() -> None:
    void = log.Voided(of=3, ofh=bytes(32), who=WHO, what={"reason": "r"})
    salts = {"id": bytes(32), "biz": b"\x01" * 32}

    with pytest.raises(LeafMalformed, match=r"^field: of"):
        build(void, at=AT, salts=salts, trip="t" + "0" * 32, n=3, pc=bytes(32))


@pytest.mark.parametrize(
    "salts",
    [
        {},
        {"id": bytes(32)},
        {"id": bytes(32), "biz": bytes(32)},
        {"id": bytes(32), "biz": b"\x01" * 31},
        {"id": bytes(32), "biz": b"\x01" * 32, "loc": b"\x02" * 32},
    ],
    ids=["none", "one short", "one twice", "31 bytes", "one too many"],
)
def test_every_group_has_a_whole_salt_of_its_own(salts: dict[str, bytes]) -> None:
    opened = log.TripOpened(who=WHO, what={"area": "in"})

    with pytest.raises(LeafMalformed):
        build(opened, at=AT, salts=salts, trip="t" + "0" * 32, n=0)


def test_a_deed_of_a_trip_says_which_and_others_say_none() -> None:
    opened = log.TripOpened(who=WHO, what={"area": "in"})
    salts = {"id": bytes(32), "biz": b"\x01" * 32}

    with pytest.raises(LeafMalformed, match=r"^field: missing"):
        build(opened, at=AT, salts=salts)
    with pytest.raises(LeafMalformed, match=r"^field: unknown"):
        build(log.Heartbeat(every=1), at=AT, salts={}, trip="t" + "0" * 32, n=0)


def test_an_entry_too_long_for_its_frame_is_not_built() -> None:
    access = log.Accessed(method="view", purpose="x" * 4096, count=1, who=WHO)

    with pytest.raises(LeafMalformed, match="4096"):
        build(access, at=AT, salts={"id": bytes(32)})


def test_a_name_cannot_hold_a_second_line() -> None:
    change = log.ConfigChanged(subject="setting", name="a\nb", who=WHO)

    with pytest.raises(LeafMalformed, match=r"^field: name"):
        build(change, at=AT, salts={"id": bytes(32)})


def test_a_time_is_written_in_utc_with_six_digits() -> None:
    seoul = timezone(timedelta(hours=9))

    assert log.time_text(datetime(2026, 1, 1, 9, tzinfo=seoul)) == "2026-01-01T00:00:00.000000Z"
    assert log.read_time(log.time_text(AT)) == AT
    with pytest.raises(LeafMalformed):
        log.time_text(datetime(2026, 1, 1))  # noqa: DTZ001 -- the missing zone is the point


@pytest.mark.parametrize("case", LEAVES, ids=named)
def test_what_is_personal_shows_in_no_repr(case: dict[str, Any]) -> None:
    shown = repr(event_of(case)) + repr(rebuilt(case))

    for name, group in log.GROUPS.items():
        assert f", {name}=" not in shown
        assert f"({name}=" not in shown
        if group in case["open"]:
            assert repr(case["open"][group]["value"]) not in shown
            assert case["open"][group]["salt"] not in shown
    assert "openings" not in shown
