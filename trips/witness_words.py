"""What is said where a witness of place does not count, by its reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from attest.errors import HostAskRefused, SiteCodeRefused

_SITE: dict[str, Any] = {
    "unread": _("This is not the code of a screen, of a printed sign or of a tag."),
    "wrong": _("The code does not match. Please read the new code on the screen."),
    "elsewhere": _("This code belongs to a place your trip does not lead to."),
    "over": _("The trip is over. A code counts only while you are there."),
    "batch": _("The keys of this batch of tags are not here."),
    "resting": _("Please try again in ten minutes. The other ways work now too."),
}
_HOST: dict[str, Any] = {
    "unknown": _("This confirmation is not known here."),
    "expired": _("The time is over. Please ask your visitor for a new code."),
    "answered": _("This confirmation has been answered already."),
    "own": _("Nobody can confirm their own visit."),
    "many": _("Five links wait for an answer already."),
    "letters": _("Ten letters went out for you today. Please show the code on your phone."),
    "mailbox": _("This mailbox was written to three times today. Please show the code."),
    "unnamed": _("Please tell your name and department."),
    "closed": _("The answer can no longer be changed."),
}


def of_site_code(refused: SiteCodeRefused) -> dict[str, Any]:
    said = {"code": f"site-code.{refused.why}", "detail": str(_SITE[refused.why])}
    if refused.left is None:
        return said
    left = ngettext("%(n)s try is left.", "%(n)s tries are left.", refused.left)
    return {
        **said,
        "detail": f"{said['detail']} {left % {'n': refused.left}}",
        "left": refused.left,
    }


def of_host_ask(refused: HostAskRefused) -> dict[str, Any]:
    return {"code": f"host-ask.{refused.why}", "detail": str(_HOST[refused.why])}
