"""Which paper proves what: rule R44."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from .claim import Dates

LODGING = frozenset({"card", "cash_receipt", "tax_invoice"})
FARE = LODGING | {"ticket"}
# R25: that this car was driven there. What was bought on the way does not show it.
OWN_CAR = frozenset({"toll", "fuel", "parking", "photo"})


class Proved(Protocol):
    """What was paid, and the paper that is to show it."""

    @property
    def evidence(self) -> str: ...

    @property
    def evidence_date(self) -> date | None: ...


def proved(cost: Proved, dates: Dates, accepted: frozenset[str]) -> bool:
    return cost.evidence in accepted and not misdated(cost, dates)


def misdated(cost: Proved, dates: Dates) -> bool:
    """Paper for a day outside the trip proves nothing about it."""
    if cost.evidence == "none" or cost.evidence_date is None:
        return False
    return cost.evidence_date not in dates
