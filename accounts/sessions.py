"""Sessions in the database, as Django keeps them; session, person and roles in one question.

What a session holds is closed to the database, so whose it is must be guessed before it is read:
it is whose it was when this process saw it last. The guess only says where to look. What counts
is what the session itself says once it is read, and a wrong guess costs a second question.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.backends import BACKEND
from accounts.models import Person
from accounts.selectors import keep_grants, with_grants
from vault.prepared import Prepared

_MOST = 10_000


def _whose(key: Any, at: Any, person: Any) -> QuerySet[Person]:
    live = Session.objects.filter(session_key=key, expire_date__gt=at)
    mine = Person.objects.select_related("organisation").filter(pk=person, is_active=True)
    return with_grants(mine, at=at).annotate(session=Subquery(live.values("session_data")))


_LIVE = Prepared(
    lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at),
    key=CharField(),
    at=DateTimeField(),
)
_WHOSE = Prepared(_whose, key=CharField(), at=DateTimeField(), person=BigIntegerField())

# By session, the key of its owner.
seen: dict[str, int] = {}
_guard = Lock()


class SessionStore(db.SessionStore):
    # Who was guessed to be its owner, as read beside it.
    _guess: Person | None = None

    @property
    def owner(self) -> Person | None:
        """Who is signed in by it, if the guess was right; none says nothing yet."""
        said, guess = self.get(SESSION_KEY), self._guess
        if guess is None or said != str(guess.pk) or self.get(BACKEND_SESSION_KEY) != BACKEND:
            return None
        # A new password ends the sessions of the old one, and a change of role all there are.
        proof = self.get(HASH_SESSION_KEY) or ""
        return guess if constant_time_compare(proof, guess.get_session_auth_hash()) else None

    def learn(self, owner: Person) -> None:
        """Look for *owner* beside it the next time."""
        if self.session_key:
            with _guard:
                if len(seen) >= _MOST:
                    seen.clear()
                seen[self.session_key] = owner.pk

    def _get_session_from_db(self) -> Session | None:
        key, at = self.session_key, timezone.now()
        guessed = seen.get(key or "")
        if key and guessed and (person := _WHOSE.first(key=key, at=at, person=guessed)):
            data = vars(person).pop("session")
            if data is not None:
                self._guess = keep_grants(person)
                return Session(session_key=key, session_data=data)
        found = _LIVE.first(key=key, at=at)
        # Django's own way knows what to do with a key that opens nothing.
        return found or super()._get_session_from_db()  # type: ignore[misc]  # unknown to the plugin
