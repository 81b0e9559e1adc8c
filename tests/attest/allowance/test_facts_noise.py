"""Noise for facts is read or refused, and never a crash."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from attest.allowance import Refused, claim_from, read_claims
from attest.errors import ClaimRefused

from .claims import claim, trip
from .facts_told import (
    EVERYTHING,
    changed,
    faults,
)

# -- noise -----------------------------------------------------------------------------


def test_a_refused_claim_keeps_its_id_only_if_it_has_a_sound_one() -> None:
    said = [claim(id="kept"), claim(id=7), claim(id="x" * 65)]
    refused = read_claims(json.dumps(said)).claims

    ids = [one.id for one in refused if isinstance(one, Refused)]
    assert ids == ["kept", None, None]


def test_a_strange_name_can_still_be_printed() -> None:
    ((code, path),) = faults(claim(trip(), **{"\ud800" + "x" * 100_000: 1}))

    assert code == "facts.unknown_field"
    assert len(path.encode()) < 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
T = "trips[0]"
PATHS = [
    *["contract", "id", "rule_set", "person", "trips", "standing", "recovery"],
    *[f"{T}.{name}" for name in EVERYTHING["trips"][0]],
    *[f"{T}.fares[0].{name}" for name in EVERYTHING["trips"][0]["fares"][0]],
    *[f"{T}.nights[0].{name}" for name in EVERYTHING["trips"][0]["nights"][0]],
]


@given(path=st.sampled_from(PATHS), noise=JSON)
def test_noise_anywhere_is_read_or_refused_and_never_a_crash(path: str, noise: object) -> None:
    try:
        claim_from(changed(path, noise))
    except ClaimRefused as refusal:
        assert refusal.faults  # noqa: PT017 - either outcome is fine, a crash is not


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_answered(raw: bytes) -> None:
    assert all(isinstance(one, Refused) for one in read_claims(raw).claims)
