"""A finding: what two papers say differently, and what would clear it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .batch import Told
from .words import Words
from .words_findings import FINDINGS


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    severity: str
    trips: tuple[str, ...]
    persons: tuple[str, ...]
    said: Words
    data: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity,
            "trips": list(self.trips),
            "persons": list(self.persons),
            **self.said.as_dict(),
            "data": dict(self.data),
        }


def finding(code: str, trips: Iterable[Told], **data: object) -> Finding:
    concerned = list(trips)
    ids, persons = (trip.id for trip in concerned), (trip.person for trip in concerned)
    return finding_of(code, ids, persons, **data)


def finding_of(code: str, trips: Iterable[str], persons: Iterable[str], **data: object) -> Finding:
    severity, said = FINDINGS[code]
    return Finding(
        code=code,
        severity=severity,
        trips=tuple(sorted({*trips})),
        persons=tuple(sorted({*persons})),
        said=said,
        data=data,
    )


def folded(text: str) -> str:
    return " ".join(text.split())
