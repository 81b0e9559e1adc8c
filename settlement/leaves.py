"""What the leaves of a settlement say (log.md §3)."""

from __future__ import annotations

from typing import Any

from accounts.models import Person
from attest.log.leaf import Settled, Voided
from settlement.models import Settlement
from settlement.paying import Sum
from trips.models import Trip


def settled(trip: Trip, total: Sum, *, clerk: Person, history: tuple[int, bytes]) -> Settled:
    own = total.own
    what: dict[str, Any] = {
        "facts": total.claim,
        "rule_set": own["rule_set"],
        "rule_digest": own["rule_digest"],
        "lines": [
            {
                "item": line["item"],
                "amount": line["amount"],
                "rule": line["rule"],
                "status": line["status"],
            }
            for line in own["lines"]
        ],
        "total": own["total"],
    }
    if len(total.claim["trips"]) > 1:
        what["own"] = str(trip.uid)
    who = {"actor": clerk.ref, "person": trip.traveller.ref}
    count, digest = history
    return Settled(count=count, digest=digest, who=who, what=what)


def unsettled(paid: Settlement, *, clerk: Person, reason: str) -> Voided:
    ofh = bytes(paid.leaf_hash)
    return Voided(of=paid.leaf_n, ofh=ofh, who={"actor": clerk.ref}, what={"reason": reason})
