"""How the templates say what the core and the rows hold (ux.md, Voice)."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import saying
from accounts.models import Person
from audit.retention import last_goes_at
from trips.made import made_words

register = template.Library()
for say in (
    saying.won,
    saying.day,
    saying.whole_day,
    saying.weekday,
    saying.clock,
    saying.month,
    saying.moment,
    saying.metres,
    saying.exact_metres,
    saying.lasting,
    saying.numbered,
):
    register.filter(say.__name__, say)
register.filter("made", made_words)


@register.filter
def in_words(said: dict[str, str]) -> str:
    """A sentence of the core, which comes in both languages."""
    return (
        said["why_ko" if saying.korean() else "why_en"]
        if "why_ko" in said
        else said["ko" if saying.korean() else "en"]
    )


_VERDICTS = {
    "SUFFICIENT": _("Enough evidence"),
    "SUPPLEMENT": _("One more item"),
    "REVIEW": _("Needs review"),
    "INVALID": _("Not usable as evidence"),
}
_MARKS = {"SUFFICIENT": "○", "SUPPLEMENT": "△", "REVIEW": "◇", "INVALID": "✕"}


@register.filter
def verdict(code: str) -> str:
    """The mark and the words of an evidence verdict; never a colour alone."""
    return f"{_MARKS[code]} {_VERDICTS[code]}"


@register.filter
def korean(name: str) -> str:
    """A name that is Korean on a page of any language: of a place, of an article."""
    return format_html('<span lang="ko">{}</span>', name)


@register.filter(name="hex")
def hex_of(raw: bytes) -> str:
    return bytes(raw).hex()


@register.simple_tag
def backup_days() -> int:
    """How long a backup of the keys may still bring back what was erased."""
    return int(settings.SHRED_BACKUP_DAYS)


@register.simple_tag
def positions_until(person: Person) -> datetime | None:
    """When the last exact position of *person* that is kept today will be erased."""
    return last_goes_at(person)
