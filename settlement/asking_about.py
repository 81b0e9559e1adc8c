"""What is said between clerk and traveller about an exception, while it is open."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Person
from attest.errors import MoveRefused
from settlement.models import Hold

OPEN = (Hold.State.NEW, Hold.State.ASKED, Hold.State.ANSWERED)
# A conversation, not a mailbox.
MOST_SAID = 40


def open_to_words(hold: Hold) -> Hold:
    """*hold* as it stands now, kept until the deed ends; refused where all has been said."""
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.state not in OPEN or hold.messages.count() >= MOST_SAID:
        raise MoveRefused("resolved already, or enough was said")
    return hold


def holds_of_traveller(person: Person) -> QuerySet[Hold]:
    """What holds or held one's own payments, newest first."""
    rows = Hold.objects.filter(trip__traveller=person).select_related("trip")
    return rows.prefetch_related("messages__by").order_by("-pk")
