"""Sign-in by organisation, employee number and password, over the blind index."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db.models import BigIntegerField, DateTimeField
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Person
from accounts.selectors import keep_grants, organisation_by_name, with_grants
from vault.prepared import Prepared

# Its own name, as sessions keep it.
BACKEND = "accounts.backends.NumberBackend"

_SIGNED_IN = Prepared(
    lambda pk, at: with_grants(
        Person.objects.select_related("organisation").filter(pk=pk, is_active=True), at=at
    )[:1],
    pk=BigIntegerField(),
    at=DateTimeField(),
)


class NumberBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        number: str | None = None,
        password: str | None = None,
        organisation: str = "",
        **_: Any,
    ) -> Person | None:
        """The person, or none; an unknown number costs as much time as a wrong password."""
        del request
        if not number or not password:
            return None
        office = organisation_by_name(organisation)
        person = Person.objects.numbered(office, number) if office else None
        if person is None:
            make_password(password)
            return None
        return person if person.check_password(password) and person.is_active else None

    def get_user(self, user_id: int) -> Person | None:
        found = _SIGNED_IN.first(pk=user_id, at=timezone.now())
        return keep_grants(found) if found else None
