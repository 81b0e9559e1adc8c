"""Touches to weigh: an honest one, and what may be different about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from math import radians
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from attest.evidence import Assessment, Weights, assess, facts_from, read_weights

Said = dict[str, Any]

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "attest" / "weights" / "2026.11-1.json"
FILE: Said = json.loads(SHIPPED.read_text(encoding="utf-8"))
WEIGHTS = read_weights(SHIPPED.read_bytes())
CASES: Said = json.loads((ROOT / "tests" / "cases" / "evidence.json").read_text(encoding="utf-8"))

AT_MS = 1_795_395_600_000
RADIUS_M = 300
_DEGREE_M = radians(1) * 6_371_000  # along a meridian

HONEST: Said = {
    "v": 1,
    "trip": {"places": [{"lat": 0.0, "lon": 0.0, "radius_m": RADIUS_M}]},
    "signer": {"kind": "passkey", "signature": "valid", "user_verified": True},
    "challenge": {"state": "fresh", "age_s": 24, "life_s": 600},
}


def touch(changes: Mapping[str, object] | None = None) -> Said:
    """The honest touch, without a position, and with *changes* by dotted path."""
    said = deepcopy(HONEST)
    for path, value in (changes or {}).items():
        *above, last = path.split(".")
        here = said
        for name in above:
            here = here.setdefault(name, {})
        here[last] = value
    return said


def fix(north_m: float = 0.0, accuracy_m: float = 20.0, **other: object) -> Said:
    """A position *north_m* from the planned place, with as many decimals as a phone has."""
    where = {"lat": 0.0000001 + north_m / _DEGREE_M, "lon": 0.0000001, "accuracy_m": accuracy_m}
    return where | {"fix_ms": AT_MS, "seen_ms": AT_MS} | other


def seen(*fixes: Said, **changes: object) -> Said:
    """The honest touch with these positions; changes name their path with ``__``."""
    named = {path.replace("__", "."): value for path, value in changes.items()}
    return touch({"position.state": "given", "position.fixes": list(fixes)} | named)


def weighed(said: Said, weights: Weights = WEIGHTS) -> Assessment:
    return assess(facts_from(said), weights)


def codes(said: Said, weights: Weights = WEIGHTS) -> list[str]:
    return sorted(one.code for one in weighed(said, weights).reasons)


def weights_with(table: str, **changes: object) -> Weights:
    """The shipped weights, other numbers in one of their tables."""
    return read_weights(json.dumps(FILE | {table: FILE[table] | changes}))


# -- any touch at all --------------------------------------------------------------------

FLAG = st.booleans()
LATS = st.sampled_from([0.0, 0.0000004, 0.002, 0.5, 35.1, 35.1795543]) | st.floats(-90, 90)
ACCURACIES = st.sampled_from([0, 1, 15, 20.5, 100, 150, 1_000, 10_000]) | st.floats(0, 20_000_000)
INSTANTS = st.integers(AT_MS - 100_000, AT_MS + 100_000)
FIXES = st.fixed_dictionaries(
    {
        "lat": LATS,
        "lon": LATS,
        "accuracy_m": ACCURACIES,
        "fix_ms": INSTANTS,
        "seen_ms": INSTANTS,
    },
    optional={"altitude_m": st.sampled_from([None, 0, 31.5])},
)


def several(fixes: list[Said]) -> Said:
    return {"state": "given", "fixes": fixes}


POSITIONS = st.one_of(
    st.sampled_from(["refused", "unavailable", "timeout", "unsupported"]).map(
        lambda state: {"state": state}
    ),
    st.lists(FIXES, min_size=1, max_size=6).map(several),
    FIXES.map(lambda one: several([one] * 6)),
)
SITES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["printed", "rotating", "nfc"])},
    optional={"steps_off": st.integers(-3, 3), "counter_fresh": FLAG},
)
HOSTS = st.fixed_dictionaries(
    {
        "relation": st.sampled_from(["other_organisation", "guest_link", "teammate"]),
        "answer": st.sampled_from(["confirmed", "denied"]),
    }
)
DEVICES = st.fixed_dictionaries(
    {},
    optional={
        "form": st.sampled_from(["phone", "tablet", "desktop", "unknown"]),
        "enrolled_s": st.sampled_from([None, 0, 86_399, 86_400]),
        "shared": st.sampled_from(["no", "declared", "undeclared"]),
        "shadow": FLAG,
        "automated": FLAG,
        "patched": FLAG,
        "motion_before": FLAG,
        "motion": st.sampled_from(["seen", "silent", "refused", "unknown"]),
        "utc_offset_min": st.sampled_from([None, 0, 540]),
    },
)
NETWORKS = st.sampled_from(["domestic", "foreign", "hosting", "vpn", "unknown"])
TRIPS = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(sorted(FILE["policies"])),
        "places": st.sampled_from([[], HONEST["trip"]["places"]]),
    },
    optional=dict.fromkeys(
        (
            *("abroad", "moving", "change_requested", "gnss_disturbed"),
            *("location_forbidden", "self_approved", "site_equipped"),
        ),
        FLAG,
    ),
)
SIGNERS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["passkey", "device_key", "none"]),
        "signature": st.sampled_from(["valid"] * 5 + ["invalid"]),
    },
    optional={"user_verified": FLAG, "synced": FLAG},
)
PREVIOUS = st.fixed_dictionaries(
    {
        "lat": LATS,
        "lon": LATS,
        "accuracy_m": ACCURACIES,
        "seconds_before": st.integers(0, 10_000),
    }
)
TRACES = st.fixed_dictionaries({"km": st.floats(0, 600), "minutes": st.floats(-150, 150)})
TOUCHES = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "signer": SIGNERS,
        "challenge": st.just(HONEST["challenge"]),
        "trip": TRIPS,
        "position": POSITIONS,
    },
    optional={
        "device": DEVICES,
        "network": NETWORKS,
        "site": st.none() | SITES,
        "host": st.none() | HOSTS,
        "receipts": st.integers(0, 3),
        "stay_s": st.sampled_from([None, 0, 1_799, 1_800]),
        "photo": st.sampled_from(["none", "challenge_code", "content_credentials"]),
        "previous": st.none() | PREVIOUS,
        "office_trace": st.none() | TRACES,
        "delivery": st.fixed_dictionaries(
            {},
            optional={
                "mode": st.sampled_from(["online", "offline"]),
                "delay_s": st.sampled_from([0, 90_000, 300_000]),
                "clock_skew_s": st.sampled_from([0, -121, 86_401]),
                "inside_bounds": FLAG,
            },
        ),
        "cross": st.fixed_dictionaries(
            {"burst_copied": FLAG, "same_point": st.sampled_from(["no", "companion", "other"])}
        ),
        "phase": st.sampled_from(["there", "after"]),
    },
)
