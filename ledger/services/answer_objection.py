"""An objection gets its answer, from somebody it is not about."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.errors import DutiesClash, MoveRefused
from attest.log.leaf import ConfigChanged
from ledger.diary import Somebody
from ledger.models import Objection
from ledger.outbox import put


@transaction.atomic
def answer_objection(
    objection: Objection, *, by: Somebody, answer: str, now: datetime
) -> Objection:
    """Not by who looked and not by who objects. It is answered once."""
    rows = Objection.objects.select_for_update(of=("self",))
    objection = rows.select_related("look__access", "look__person").get(pk=objection.pk)
    look = objection.look
    if by.pk in {look.access.actor_id, look.person_id}:
        raise DutiesClash("somebody it is not about has to answer")
    if objection.answered_at is not None:
        raise MoveRefused("this objection was answered already")
    if not (said := answer.strip()):
        raise MoveRefused("an answer needs words")
    who = {"actor": by.ref, "person": look.person.ref}
    event = ConfigChanged(subject="setting", name="objection-answered", who=who)
    put(event=event, at=now, subject=look.person.ref)
    objection.answer, objection.answered_by_id, objection.answered_at = said[:500], by.pk, now
    objection.save(update_fields=["answer", "answered_by", "answered_at"])
    return objection
