"""What is said between clerk and traveller about an exception, while it is open."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Person
from settlement.models import Hold

OPEN = (Hold.State.NEW, Hold.State.ASKED, Hold.State.ANSWERED)
# A conversation, not a mailbox.
MOST_SAID = 40


def most_said(hold: Hold) -> bool:
    return hold.messages.count() >= MOST_SAID


def holds_of_traveller(person: Person) -> QuerySet[Hold]:
    """What holds or held one's own payments, newest first."""
    rows = Hold.objects.filter(trip__traveller=person).select_related("trip")
    return rows.prefetch_related("messages__by").order_by("-pk")
