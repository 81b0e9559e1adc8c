"""What comes back of a payment that was taken back: by the engine, not by hand."""

from __future__ import annotations

from datetime import datetime

from attest.allowance import claim_from, compute
from settlement.models import Clawback, Settlement
from trips.rules import rule_sets


def clawback_of(paid: Settlement, *, reason: str, now: datetime) -> Clawback:
    """Principal and surcharge by R38; nobody here says fraud, so there is no surcharge."""
    person = paid.traveller
    claim = {
        "contract": "allowance/1",
        "rule_set": person.organisation.rule_set,
        "person": {"id": person.ref, "grade": person.grade},
        "trips": [],
        "recovery": [
            {
                "id": str(paid.uid),
                "amount": paid.total,
                "received_on": str(paid.payment_on),
                "fraud": False,
            }
        ],
    }
    back = compute(claim_from(claim), rule_sets()).as_dict()["recover"]
    return Clawback(
        settlement=paid,
        principal=back["principal"],
        surcharge=back["surcharge"],
        reason=reason,
        at=now,
    )
