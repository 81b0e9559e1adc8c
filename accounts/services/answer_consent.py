"""A person says yes, not now, or no longer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.consents import VERSIONS
from accounts.models import Consent, Person
from accounts.selectors import consent_of
from attest.errors import BatchChanged, MoveRefused


@transaction.atomic
def answer_consent(
    person: Person, *, purpose: str, version: str, answer: str, now: datetime
) -> Consent:
    """Write the answer beside the earlier ones; none is ever changed.

    Saying the same again writes nothing. A yes counts only for the text that is in force.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    newest = consent_of(person, purpose)
    if answer == Consent.Answer.GIVEN and version != VERSIONS[purpose]:
        raise BatchChanged("the text has changed since it was read")
    if answer == Consent.Answer.PAUSED and (
        newest is None or newest.answer == Consent.Answer.WITHDRAWN
    ):
        raise MoveRefused("there is no consent to pause")
    if newest and (newest.answer, newest.text_version) == (answer, version):
        return newest
    return Consent.objects.create(
        person=person, purpose=purpose, text_version=version, answer=answer, at=now
    )
