"""Totals and verdict (evidence.md §4.1), and what a policy still asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .reasons import Reason
from .weights import Group, Line, Weights

INVALID, REVIEW, SUPPLEMENT, SUFFICIENT = (
    "INVALID",
    "REVIEW",
    "SUPPLEMENT",
    "SUFFICIENT",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a verdict depends on: support by family, and which codes are there."""

    support: Mapping[str, int]
    shown: frozenset[str]
    concern: tuple[str, ...]


def standing_of(reasons: Iterable[Reason], weights: Weights) -> Standing:
    support: dict[str, int] = {}
    shown, concern = set(), []
    for one in reasons:
        if one.kind == "support":
            family = weights.support[one.code].family
            cap = weights.support_caps[family]
            support[family] = min(cap, support.get(family, 0) + one.points)
            shown.add(one.code)
        elif one.kind == "concern":
            concern.append(one.code)
    return Standing(support, frozenset(shown), tuple(concern))


def concern_of(standing: Standing, weights: Weights) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in _lines(standing, weights):
        cap = weights.concern_caps[line.family]
        totals[line.family] = min(cap, totals.get(line.family, 0) + line.points)
    return totals


def total(families: Mapping[str, int]) -> int:
    return min(100, sum(families.values()))


def verdict_of(standing: Standing, policy: str, weights: Weights) -> str:
    verdict = _by_totals(standing, weights)
    if verdict == SUFFICIENT and unmet(standing, policy, weights):
        return SUPPLEMENT
    return verdict


def unmet(standing: Standing, policy: str, weights: Weights) -> list[Group]:
    groups = weights.policies[policy]
    return [group for group in groups if standing.shown.isdisjoint(group.any)]


def _by_totals(standing: Standing, weights: Weights) -> str:
    bars, families = weights.verdict, concern_of(standing, weights)
    support, concern = total(standing.support), total(families)
    witnessed = _witnessed(standing, weights)
    decisive = any(line.decisive for line in _lines(standing, weights))
    if decisive and concern >= bars.decisive_concern:
        return REVIEW
    if concern >= bars.review_concern and _broad(families, weights):
        return SUPPLEMENT if witnessed else REVIEW
    if support >= bars.sufficient_support and concern < bars.sufficient_concern_below:
        return SUFFICIENT
    if witnessed and concern < bars.witnessed_concern_below:
        return SUFFICIENT
    return SUPPLEMENT


def _lines(standing: Standing, weights: Weights) -> list[Line]:
    return [weights.concern[code] for code in standing.concern]


def _witnessed(standing: Standing, weights: Weights) -> bool:
    """A live code of the place, and a person of another house."""
    bars = weights.verdict
    site, host = bars.strong_site, bars.strong_host
    return not standing.shown.isdisjoint(site) and not standing.shown.isdisjoint(host)


def _broad(families: Mapping[str, int], weights: Weights) -> bool:
    """Several families are troubled, and not only those that say little."""
    bars = weights.verdict
    big = {name for name, points in families.items() if points >= bars.review_family_points}
    return len(big) >= bars.review_families and not big <= set(bars.weak_families)


def families_of(standing: Standing, weights: Weights) -> dict[str, dict[str, int]]:
    """Capped totals in the order of the weights file, of families with a reason."""
    concern = concern_of(standing, weights)
    return {
        "support": {
            name: standing.support[name]
            for name in weights.support_caps
            if name in standing.support
        },
        "concern": {name: concern[name] for name in weights.concern_caps if name in concern},
    }
