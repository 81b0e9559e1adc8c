"""The traveller's own receipt: the token's text, digits and spoken code, from the sealed row.

Of one touch, or of a whole trip.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from accounts.models import Person
from attest.errors import KeyGone, NotYours
from attest.token import digits_of, text_of
from trips.models import CheckIn, TripToken


@dataclass(frozen=True, slots=True)
class Receipt:
    text: str = field(repr=False)
    digits: str = field(repr=False)
    spoken: str


def receipt_of(row: CheckIn | TripToken, *, reader: Person) -> Receipt:
    """Opened for who travelled, and for nobody else: one's own records need no diary."""
    if row.trip.traveller_id != reader.pk:
        raise NotYours("a receipt is its traveller's")
    box = row.box("token")
    if box is None:
        raise KeyGone("this receipt was erased with its position")
    token = box.open()
    return Receipt(text_of(token, settings.HOST), digits_of(token), row.spoken)
