"""Somebody withdrew their consent: their exact positions go, at once and whole months of them.

A month is one data key. With every trip of it emptied the key can be destroyed, and then no
copy of the database, however old, gives a position away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.consents import PHOTO, POSITION
from accounts.models import Consent, Person
from accounts.selectors import consent_of
from ledger.services.sequence import sequence
from trips.erasing import AT_ONCE, photo_files_of, with_positions
from trips.models import CheckIn, Photo, Trip
from trips.services.erase_positions import erase_positions
from trips.services.shred_keys import shred_keys
from vault.sealed.files import remove

# A touch may come in between; the daily job looks once more.
_ROUNDS = 3


def on_withdrawal(*, person: Person, purpose: str, now: datetime, **said: Any) -> None:
    """What the consent page and its address call, once the answer stands."""
    del said
    if purpose == POSITION:
        positions_go(person, now=now)
    elif purpose == PHOTO:
        trips = list(Trip.objects.filter(traveller=person, check_ins__photo__isnull=False))
        remove(*photo_files_of(trips))


def positions_go(person: Person, *, now: datetime) -> int:
    """Erase every exact position of *person*; how many touches it was, none the second time."""
    touches = 0
    for _ in range(_ROUNDS):
        left = to_go(person)
        if not left:
            break
        # Every leaf gets its place first, so that the erasure can name it.
        sequence(now=now)
        for start in range(0, len(left), AT_ONCE):
            _, gone, _ = erase_positions(
                left[start : start + AT_ONCE],
                reason="withdrawal",
                who={"actor": person.ref},
                subject=person.ref,
                now=now,
            )
            touches += gone
        shred_keys(now=now)
    return touches


def to_go(person: Person) -> list[int]:
    """The trips of every month in which a position of *person* is kept."""
    fixes = CheckIn.objects.filter(trip=OuterRef("pk")).exclude(best_fix=None)
    own = Trip.objects.filter(traveller=person)
    photos = Photo.objects.filter(check_in__trip=OuterRef("pk"))
    shown = Exists(fixes) | Exists(photos)
    months = {trip.month for trip in with_positions(own).filter(shown)}
    return [trip.pk for trip in with_positions(own).order_by("pk") if trip.month in months]


def still_to_go() -> list[Person]:
    """Who withdrew and has positions here all the same: the server stopped in between."""
    fixes = CheckIn.objects.filter(trip__traveller=OuterRef("pk")).exclude(best_fix=None)
    withdrew = Consent.objects.filter(
        person=OuterRef("pk"), purpose=POSITION, answer=Consent.Answer.WITHDRAWN
    )
    photos = Photo.objects.filter(
        check_in__trip__traveller=OuterRef("pk"), check_in__trip__erased_at=None
    )
    shown = Exists(fixes) | Exists(photos)
    people = Person.objects.filter(shown, Exists(withdrew)).order_by("pk")
    newest = ((person, consent_of(person, POSITION)) for person in people)
    return [who for who, said in newest if said and said.answer == Consent.Answer.WITHDRAWN]
