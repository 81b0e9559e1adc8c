"""A host's answer: whose it may be, what it makes of the touch, and who is asked how.

host-ask      in the QR (a minute) and in the link (a day); opens the question
host-answer   given with the question; ten minutes to answer it
host-change   given with the answer; ten minutes to change it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from accounts.models import Person
from attest import ticket
from attest.errors import HostAskRefused, RecordMalformed
from ledger.services.append import append
from trips import leaves
from trips.models import CheckIn, HostAsk, State, Trip
from trips.reweighing import again, weigh_again
from trips.writing import locked
from vault.sealed import blind_index, seal

SHOWN, LINK, ANSWER = timedelta(seconds=60), timedelta(hours=24), timedelta(minutes=10)
ASK, ANSWERING, CHANGING = "host-ask", "host-answer", "host-change"

_OVER = {State.CANCELLED, State.VOIDED}
# The stronger word counts, where several confirmed.
_STRONGER = (
    HostAsk.Relation.OTHER_ORGANISATION,
    HostAsk.Relation.GUEST_LINK,
    HostAsk.Relation.TEAMMATE,
)


@dataclass(frozen=True, slots=True)
class Host:
    """Who answers: a *person* signed in, or somebody who says who they are.

    *browser* is the mark of the browser they answer from, if one ever asked from it.
    """

    name: str = field(repr=False, default="")
    department: str = field(repr=False, default="")
    person: Person | None = None
    browser: bytes | None = field(repr=False, default=None)

    @property
    def words(self) -> str:
        if self.person:
            return f"{self.person.name} · {self.person.organisation.name}"
        return " · ".join(part for part in (self.name, self.department) if part)

    @property
    def mark(self) -> bytes:
        """Equal for one host: keyed, whatever blanks they typed."""
        plain = self.person.ref if self.person else "".join(self.words.casefold().split())
        return blind_index("host", plain)


def issued(ask: HostAsk, *, purpose: str, until: datetime, key: bytes) -> str:
    said = {"ask": str(ask.uid), "exp": int(until.timestamp())}
    return ticket.issue(said, purpose=purpose, key=key)


def asked_by(text: str, *, purpose: str, keys: Sequence[bytes], at: datetime) -> UUID:
    """The ask a ticket of ours names; ``unknown`` or ``expired`` where it names none now."""
    try:
        said = ticket.read(text, purpose=purpose, keys=keys, at=0)
    except RecordMalformed as wrong:
        raise HostAskRefused("unknown") from wrong
    if said["exp"] <= int(at.timestamp()):
        raise HostAskRefused("expired")
    return UUID(said["ask"])


def held(ask: HostAsk) -> HostAsk:
    """*ask* afresh under the lock of its trip; the row is the only one that may be answered."""
    trip = locked(ask.check_in.trip)
    fresh = HostAsk.objects.select_related("check_in").get(pk=ask.pk)
    fresh.check_in.trip = trip
    if trip.state in _OVER or fresh.check_in.withdrawn_at is not None:
        raise HostAskRefused("closed")
    return fresh


def refuse_own(trip: Trip, host: Host) -> None:
    """Nobody is their own host: not signed in, and not from the browser they asked from."""
    same = bool(host.person) and host.person == trip.traveller
    if not same and host.browser is not None:
        asks = HostAsk.objects.filter(check_in__trip__traveller=trip.traveller_id)
        same = asks.filter(asked_from=host.browser).exists()
    if same:
        raise HostAskRefused("own")


def put_answer(ask: HostAsk, *, answer: str, host: Host, now: datetime) -> HostAsk:
    """The answer, the leaf that holds it, and the touch weighed again with it."""
    trip = ask.check_in.trip
    words = host.words.encode()
    ask.relation, ask.answer = relation_of(host, trip), answer
    ask.answered_at, ask.answered_by, ask.mark = ask.answered_at or now, host.person, host.mark
    ask.words = seal(words, key=trip.key("biz"), table="trips_hostask", row=ask.uid, field="words")
    ask.save()
    every = ask.check_in.host_asks.exclude(answer="")
    judged = weigh_again(ask.check_in, now=now, host=counted(every))
    new: dict[str, Any] = {
        "item": "host-answer",
        "answer": answer,
        "relation": ask.relation,
        "sha256": sha256(words).hexdigest(),
    } | again(judged)
    actor = host.person.ref if host.person else "host"
    event = leaves.corrected(trip, actor=actor, reason="host", new=new, touch=ask.check_in)
    append(event=event, trip=trip.line, at=now)
    return ask


def relation_of(host: Host, trip: Trip) -> str:
    if host.person is None:
        return HostAsk.Relation.GUEST_LINK
    if host.person.organisation_id != trip.traveller.organisation_id:
        return HostAsk.Relation.OTHER_ORGANISATION
    return HostAsk.Relation.TEAMMATE


def counted(answers: Iterable[HostAsk]) -> dict[str, Any] | None:
    """What the facts say of several answers: a "no" stands, else the strongest "yes"."""
    rows = list(answers)
    no = [row for row in rows if row.answer == HostAsk.Answer.DENIED]
    if not rows:
        return None
    row = min(no or rows, key=lambda one: _STRONGER.index(HostAsk.Relation(one.relation)))
    return {"relation": row.relation, "answer": row.answer}


def witnessable(touch: CheckIn) -> bool:
    return touch.withdrawn_at is None and touch.trip.state not in _OVER
