"""Who decides for whom just now, and whom that ties together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Delegation, Person


@dataclass(frozen=True, slots=True)
class Hands:
    """*of*: who put their approvals into this person's hands. *tied*: whose trips are closed.

    Tied is whoever is reached along delegations in one direction: those whose delegate (or
    whose delegate's delegate) this person is, and those who are this person's.
    """

    of: frozenset[int] = frozenset()
    tied: frozenset[int] = frozenset()


def hands_of(person: Person, *, at: datetime) -> Hands:
    """As it stands at *at*: asked at every decision, for a delegation ends by itself."""
    live = Delegation.objects.live(at).filter(person__organisation=person.organisation_id)
    edges = list(live.values_list("person_id", "to_id"))
    back = [(to, giver) for giver, to in edges]
    return Hands(
        of=frozenset(giver for giver, to in edges if to == person.pk),
        tied=frozenset(_reached(person.pk, edges) | _reached(person.pk, back)),
    )


def _reached(start: int, edges: Iterable[tuple[int, int]]) -> set[int]:
    onward: dict[int, list[int]] = {}
    for one, other in edges:
        onward.setdefault(one, []).append(other)
    seen, waiting = {start}, [start]
    while waiting:
        for other in onward.get(waiting.pop(), []):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen - {start}
