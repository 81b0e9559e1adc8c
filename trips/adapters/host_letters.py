"""The letter to a host: who asks, and the link. Never a place, a purpose or a day."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from trips.models import HostLetter


def send(letter: HostLetter, *, address: str, ticket: str) -> None:
    """Hand it over, or raise one of ``NOT_SENT``. Sent a second time, it is the same letter."""
    traveller = letter.ask.check_in.trip.traveller
    said = {
        "name": traveller.name,
        "office": traveller.organisation.name,
        "link": f"{settings.ORIGIN}/host#{ticket}",
    }
    with translation.override(letter.language):
        EmailMessage(
            subject=_("Please confirm a visit"),
            body=_(
                "%(name)s of %(office)s asks you to confirm a visit. No account is needed:\n"
                "%(link)s\n\n"
                "The link can be answered once, within 24 hours. If you know nothing of a visit, "
                "answer “No” or do nothing."
            )
            % said,
            to=[address],
            headers={
                "Message-ID": f"<{letter.uid}@{settings.RP_ID}>",
                "Auto-Submitted": "auto-generated",
            },
        ).send()
