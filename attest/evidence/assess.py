"""Facts and weights in, an assessment out.

A verdict is advice to a person: no verdict changes money by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from attest.errors import FactsRefused

from . import rules
from .facts import Facts
from .missing import Offer, Wanted, missing
from .reasons import Reason, in_order, policy_reason, reason
from .verdict import (
    INVALID,
    SUPPLEMENT,
    Standing,
    concern_of,
    families_of,
    standing_of,
    total,
    unmet,
    verdict_of,
)
from .weights import Weights

_FORMAT = 1
_NOTHING = Wanted(None)


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask for, and how many points it would add."""

    code: str
    points: int
    why_ko: str
    why_en: str

    def said(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Assessment:
    weights_version: str
    verdict: str
    support: int
    concern: int
    reasons: tuple[Reason, ...]
    missing_mode: str | None
    missing: tuple[Ask, ...]
    families: Mapping[str, Mapping[str, int]]

    def as_json(self) -> str:
        """One line, keys in the order of evidence.md §4.3, non-ASCII as it is."""
        said = {
            "v": _FORMAT,
            "weights_version": self.weights_version,
            "verdict": self.verdict,
            "support": self.support,
            "concern": self.concern,
            "reasons": [one.said() for one in self.reasons],
            "missing_mode": self.missing_mode,
            "missing": [one.said() for one in self.missing],
            "families": self.families,
        }
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def assess(facts: Facts, weights: Weights) -> Assessment:
    """How much *facts* show, and why. A policy these weights do not know is refused."""
    if facts.trip.policy not in weights.policies:
        raise FactsRefused("facts.wrong-value", path="/trip/policy")
    if broken := [reason(seen, weights) for seen in rules.integrity(facts)]:
        return _invalid(broken, weights)
    reasons = [reason(seen, weights) for seen in rules.everything(facts, weights.limits)]
    standing = standing_of(reasons, weights)
    groups = unmet(standing, facts.trip.policy, weights)
    reasons += [policy_reason(group.code, weights) for group in groups]
    return _judged(reasons, standing, facts, weights)


def _judged(
    reasons: list[Reason], standing: Standing, facts: Facts, weights: Weights
) -> Assessment:
    verdict = verdict_of(standing, facts.trip.policy, weights)
    wanted = _NOTHING
    if verdict == SUPPLEMENT:
        wanted = missing(standing, facts, weights)
    return Assessment(
        weights_version=weights.weights_version,
        verdict=verdict,
        support=total(standing.support),
        concern=total(concern_of(standing, weights)),
        reasons=in_order(reasons),
        missing_mode=wanted.mode,
        missing=tuple(_ask(offer) for offer in wanted.offers),
        families=families_of(standing, weights),
    )


def _invalid(broken: list[Reason], weights: Weights) -> Assessment:
    """Kept and shown, but not evidence: nothing in it is weighed."""
    return Assessment(
        weights_version=weights.weights_version,
        verdict=INVALID,
        support=0,
        concern=0,
        reasons=in_order(broken),
        missing_mode=None,
        missing=(),
        families={"support": {}, "concern": {}},
    )


def _ask(offer: Offer) -> Ask:
    return Ask(offer.item.code, offer.gain, offer.item.ko, offer.item.en)
