"""The cheapest that would make a touch sufficient (evidence.md §4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from .facts import Facts
from .verdict import SUFFICIENT, Standing, verdict_of
from .weights import Item, Weights

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """An item with what it would bring this touch."""

    item: Item
    gain: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """``any`` of these, ``all`` of these, or ``none``: then a person decides."""

    mode: str | None
    offers: tuple[Offer, ...] = ()


def missing(standing: Standing, facts: Facts, weights: Weights) -> Wanted:
    offers = _offers(standing, facts, weights)

    def enough(*chosen: Offer) -> bool:
        then = standing
        for offer in chosen:
            then = _with(then, offer.item, weights)
        return verdict_of(then, facts.trip.policy, weights) == SUFFICIENT

    if alone := [offer for offer in offers if enough(offer)]:
        return Wanted("any", tuple(sorted(alone, key=_cheapness)[:_SHOWN]))
    for pair in sorted(combinations(offers, 2), key=_pair_cheapness):
        if enough(*pair):
            return Wanted("all", tuple(sorted(pair, key=_effort)))
    return Wanted("none")


def _offers(standing: Standing, facts: Facts, weights: Weights) -> list[Offer]:
    found = []
    for item in weights.menu:
        if facts.phase in item.when and _possible(item, facts):
            gain = _gain(standing, item, weights)
            if gain > 0 or not item.replaces.keys().isdisjoint(standing.concern):
                found.append(Offer(item, gain))
    return found


def _possible(item: Item, facts: Facts) -> bool:
    trip = facts.trip
    if item.code == "ask.position":
        unwilling = facts.position.state in ("refused", "unsupported")
        return not (unwilling or trip.location_forbidden or trip.moving or not trip.places)
    if item.code == "ask.site-code":
        return trip.site_equipped or facts.site is not None
    return True


def _gain(standing: Standing, item: Item, weights: Weights) -> int:
    if item.brings is None:
        return 0
    family = weights.support[item.brings].family
    then = _with(standing, item, weights)
    return then.support[family] - standing.support.get(family, 0)


def _with(standing: Standing, item: Item, weights: Weights) -> Standing:
    """How things would stand with *item* there."""
    replaced = [item.replaces.get(code, code) for code in standing.concern]
    concern = tuple([code for code in replaced if code is not None])
    if item.brings is None:
        return Standing(standing.support, standing.shown, concern)
    line = weights.support[item.brings]
    before = standing.support.get(line.family, 0)
    reached = before + line.points if item.stacks else max(before, line.points)
    after = min(weights.support_caps[line.family], reached)
    support = {**standing.support, line.family: after}
    return Standing(support, standing.shown | {item.brings}, concern)


def _effort(offer: Offer) -> tuple[int, str]:
    return offer.item.effort, offer.item.code


def _cheapness(offer: Offer) -> tuple[int, int, str]:
    return offer.item.effort, -offer.gain, offer.item.code


def _pair_cheapness(pair: Sequence[Offer]) -> tuple[int, int, list[str]]:
    effort = sum(offer.item.effort for offer in pair)
    gain = sum(offer.gain for offer in pair)
    return effort, -gain, sorted(offer.item.code for offer in pair)
