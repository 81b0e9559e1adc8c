"""The story of one trip, in the order in which the server heard of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.saying import moment, won
from trips.models import Appeal, CheckIn, Correction, HostAsk, Item, Kind, Trip, Verdict
from trips.selectors import newest_assessment
from trips.showing import TONES

_TOUCHED = {
    Kind.ARRIVE: gettext_lazy("Arrival"),
    Kind.STOP: pgettext_lazy("touch", "Stop"),
    Kind.RETURN: gettext_lazy("Return"),
}
_DECIDED = {
    (1, "approve"): gettext_lazy("Ordered"),
    (1, "return"): gettext_lazy("Given back to the traveller"),
    (2, "approve"): gettext_lazy("Approved for payment"),
    (2, "return"): gettext_lazy("Sent back"),
    (1, "undone"): gettext_lazy("The order was taken back at once"),
    (2, "undone"): gettext_lazy("The approval was taken back at once"),
}
_ADDED = {
    Item.Kind.STATEMENT: gettext_lazy("Statement added"),
    Item.Kind.SITE_CODE: gettext_lazy("Code of the place read"),
}
_HOSTED = {
    HostAsk.Answer.CONFIRMED: gettext_lazy("A host confirmed the visit"),
    HostAsk.Answer.DENIED: gettext_lazy("A host did not confirm the visit"),
}
_ANSWERED = {
    Correction.State.ACCEPTED: gettext_lazy("Correction accepted"),
    Correction.State.DECLINED: gettext_lazy("Correction declined"),
}
_HEARD = {
    Appeal.State.UPHELD: gettext_lazy("The appeal was upheld"),
    Appeal.State.DECLINED: gettext_lazy("The appeal was declined"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. *touch* is there for a touch, with its verdict and reasons."""

    at: datetime
    what: str
    text: str = ""
    by: str = ""
    touch: CheckIn | None = None
    verdict: str = ""
    tone: str = "info"
    reasons: Sequence[dict[str, Any]] = ()

    @property
    def verdict_word(self) -> str:
        return str(Verdict(self.verdict).label) if self.verdict else ""


def story_of(trip: Trip, *, statements: Sequence[bytes]) -> list[Moment]:
    """Oldest first; *trip* must come from ``with_story``.

    *statements* are its opened items, in the order of their rows.
    """
    moments = [Moment(trip.registered_at, _("Written down"))]
    moments += _decisions(trip)
    moments += [moment for touch in trip.check_ins.all() for moment in _touch(touch)]
    moments += _items(trip, statements)
    moments += _papers(trip)
    moments += _corrections(trip)
    moments += _appeals(trip)
    return sorted(moments, key=lambda moment: moment.at)


def _decisions(trip: Trip) -> Iterator[Moment]:
    for row in trip.decisions.all():
        what = str(_DECIDED[row.step, row.decision])
        name = row.by.name
        if row.instead_of:
            name = _("%(name)s, standing in for %(approver)s") % {
                "name": name,
                "approver": row.instead_of.name,
            }
        yield Moment(row.at, what, row.note, name)


def _touch(touch: CheckIn) -> Iterator[Moment]:
    newest = newest_assessment(touch)
    yield Moment(
        touch.recorded_at,
        str(_TOUCHED[Kind(touch.kind)]),
        touch=touch,
        verdict=newest.verdict,
        tone=TONES[Verdict(newest.verdict)],
        reasons=newest.reasons,
    )
    if touch.withdrawn_at:
        yield Moment(touch.withdrawn_at, _("Withdrawn"))
    for ask in touch.host_asks.all():
        # Who they are lies sealed; here stands what they said, and from where.
        said = " · ".join(part for part in (ask.get_relation_display(), ask.domain) if part)
        yield Moment(
            ask.answered_at or ask.asked_at, str(_HOSTED[HostAsk.Answer(ask.answer)]), said
        )


def _items(trip: Trip, statements: Sequence[bytes]) -> Iterator[Moment]:
    for row, words in zip(trip.items.all(), statements, strict=True):
        yield Moment(row.at, str(_ADDED[Item.Kind(row.kind)]), words.decode(), row.by.name)


def _papers(trip: Trip) -> Iterator[Moment]:
    for row in trip.papers.all():
        parts = [row.get_kind_display(), won(row.amount), moment(row.at)]
        if not row.counted:
            parts.append(_("does not count: %(why)s") % {"why": row.get_why_display()})
        yield Moment(row.added_at, _("Paper attached"), " · ".join(map(str, parts)))


def _corrections(trip: Trip) -> Iterator[Moment]:
    for row in trip.corrections.all():
        parts = (row.get_what_display(), row.shown_value, row.reason)
        said = " · ".join(part for part in parts if part)
        yield Moment(row.at, _("Correction asked for"), said, row.by.name)
        if row.answered_at and row.answered_by:
            what = str(_ANSWERED[Correction.State(row.state)])
            yield Moment(row.answered_at, what, row.answer, row.answered_by.name)


def _appeals(trip: Trip) -> Iterator[Moment]:
    for row in trip.appeals.all():
        said = f"{row.get_about_display()} · {row.text}"
        due = _("Appeal, to be answered by %(day)s") % {"day": row.due_on.isoformat()}
        yield Moment(row.at, due, said, row.by.name)
        if row.answered_at and row.answered_by:
            what = str(_HEARD[Appeal.State(row.state)])
            yield Moment(row.answered_at, what, row.answer, row.answered_by.name)
