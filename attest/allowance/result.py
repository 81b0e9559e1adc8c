"""What a claim comes to, in the form of the contract (travel-expenses.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .facts import CONTRACT
from .rules import Rules
from .sheet import Caution, Line


@dataclass(frozen=True, slots=True)
class TripResult:
    id: str
    area: str
    rules: Rules
    claimed_seconds: int
    evidenced_seconds: int | None
    lines: tuple[Line, ...]
    warnings: tuple[Caution, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    def as_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "area": self.area,
            "total": self.total,
            "rule_set": list(self.rules.chain),
            "rule_digest": self.rules.digest,
            "seconds": {
                "claimed": self.claimed_seconds,
                "evidenced": self.evidenced_seconds,
            },
            "lines": [line.as_dict() for line in self.lines],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class StandingResult:
    rules: Rules
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    def as_dict(self) -> dict[str, object]:
        return {
            "total": self.total,
            "rule_set": list(self.rules.chain),
            "rule_digest": self.rules.digest,
            "lines": [line.as_dict() for line in self.lines],
        }


@dataclass(frozen=True, slots=True)
class Recover:
    """What is owed back. It stands outside the total of the claim."""

    principal: int
    surcharge: int

    def as_dict(self) -> dict[str, object]:
        return {
            "principal": self.principal,
            "surcharge": self.surcharge,
            "total": self.principal + self.surcharge,
        }


@dataclass(frozen=True, slots=True)
class Result:
    id: str | None
    trips: tuple[TripResult, ...]
    already_paid: int
    standing: StandingResult | None
    recover: Recover | None
    warnings: tuple[Caution, ...]

    @property
    def total(self) -> int:
        standing = self.standing.total if self.standing else 0
        return sum(trip.total for trip in self.trips) + standing

    @property
    def balance(self) -> int:
        """Below zero: to be paid back."""
        return self.total - self.already_paid

    def as_dict(self) -> dict[str, Any]:
        asked = {"standing": self.standing, "recover": self.recover}
        return {
            "contract": CONTRACT,
            "id": self.id,
            "total": self.total,
            "balance": self.balance,
            "trips": [trip.as_dict() for trip in self.trips],
            **{name: part.as_dict() for name, part in asked.items() if part},
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


def part_of(said: Mapping[str, Any], trip: str) -> dict[str, Any] | None:
    """What the result *said*, as it is printed, holds for *trip*.

    Where no trips were asked for it is the standing sum, which a row of its own is paid by.
    """
    if not said["trips"] and "standing" in said:
        return {"id": trip, "area": "in", "warnings": said["warnings"], **said["standing"]}
    return next((one for one in said["trips"] if one["id"] == trip), None)
