"""How often a person may ask: a token bucket on the cache, one a person and act.

A bucket holds what may be asked at once and fills again evenly. Between two servers
without a shared cache each has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from threading import Lock

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

from accounts.models import Person

_alone = Lock()


class TooMany(APIException):
    """429 with ``Retry-After``; *wait* is in whole seconds."""

    status_code = 429
    default_code = "rate.limit"

    def __init__(self, wait: int) -> None:
        super().__init__(_("Please try again in %(wait)s s.") % {"wait": wait})
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Bucket:
    """*most* at once; an empty one is full again after *fills_s* seconds."""

    name: str
    most: int
    fills_s: float


def spend(person: Person, bucket: Bucket, *, now: datetime) -> None:
    """Take one from *person*'s bucket, or refuse."""
    key = f"limit:{bucket.name}:{person.pk}"
    moment, a_second = now.timestamp(), bucket.most / bucket.fills_s
    # Whoever asks by eight hands at once must not be counted as one.
    with _alone:
        level, seen = cache.get(key) or (float(bucket.most), moment)
        level = min(float(bucket.most), level + max(0.0, moment - seen) * a_second)
        if level < 1:
            raise TooMany(max(1, ceil((1 - level) / a_second)))
        cache.set(key, (level - 1, moment), timeout=2 * bucket.fills_s)
