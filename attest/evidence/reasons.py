"""What a rule saw, and the line that tells it to traveller, clerk and auditor alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .weights import Weights

# The order in which reasons are told.
KINDS = ("integrity", "policy", "concern", "support", "note")


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule that held: *said* fills its sentence, its points count *times* over."""

    code: str
    said: Mapping[str, int] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    kind: str
    points: int
    decisive: bool
    why_ko: str
    why_en: str

    def said(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def reason(seen: Seen, weights: Weights) -> Reason:
    line = weights.line(seen.code)
    points = line.points
    if seen.times != 1:
        points = min(points * seen.times, weights.support_caps[line.family])
    ko, en = _filled(line.ko, seen.said), _filled(line.en, seen.said)
    return Reason(seen.code, line.kind, points, line.decisive, ko, en)


def policy_reason(code: str, weights: Weights) -> Reason:
    line = weights.notes[code]
    return Reason(code, "policy", 0, False, line.ko, line.en)  # noqa: FBT003 -- not decisive


def in_order(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda one: (KINDS.index(one.kind), -one.points, one.code)))


def _filled(sentence: str, said: Mapping[str, int]) -> str:
    for name, number in said.items():
        sentence = sentence.replace(f"{{{name}}}", str(number))
    return sentence
