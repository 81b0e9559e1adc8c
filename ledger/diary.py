"""The access diary: who looked at whom, in which role, from where, and what for.

Written before anything is shown, in the same transaction as its leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from attest.log.leaf import Accessed
from attest.values import month_of
from ledger.models import Access, AccessSubject
from ledger.outbox import put
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal
from vault.sealed.files import FileBox
from vault.together import insert, together

Depth = Literal["times", "place", "position"]
Method = Literal["view", "scan", "search", "report"]
_CLOSER = {"times": 0, "place": 1, "position": 2}


class Somebody(Protocol):
    """A person, as far as this room knows one: rows point to people, leaves name their ref."""

    @property
    def pk(self) -> int: ...
    @property
    def ref(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Look:
    """One thing of one person: a sealed field to open, or what a page shows of them."""

    person: Somebody
    depth: Depth = "times"
    box: Box | FileBox | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, in which role, from which address."""

    person: Somebody
    role: str
    source: str = ""


def write(  # every argument is a column of the law's record
    reader: Reader,
    others: Sequence[Look],
    method: Method,
    action: str,
    purpose: str,
    reason: str,
    reference: str,
    at: datetime,
) -> None:
    closest = _closest(others)
    event = _event(reader, closest, method, purpose)
    uid = uuid7()
    key = KeyName(reader.person.ref, month_of(at), "id")
    source = seal(reader.source.encode(), key=key, table="ledger_access", row=uid, field="source")
    with together():
        leaf = put(event=event, at=at, subject=reader.person.ref)
        access = Access(
            uid=uid,
            actor_id=reader.person.pk,
            role=reader.role,
            source=source,
            method=method,
            action=action,
            purpose=purpose,
            reason=reason,
            reference=reference,
            at=at,
            leaf_hash=leaf.hash,
        )
        insert(access)
        insert(
            *(
                AccessSubject(access=access, person_id=pk, depth=look.depth)
                for pk, look in closest.items()
            )
        )


def _closest(looks: Sequence[Look]) -> dict[int, Look]:
    found: dict[int, Look] = {}
    for look in looks:
        known = found.get(look.person.pk)
        if known is None or _CLOSER[look.depth] > _CLOSER[known.depth]:
            found[look.person.pk] = look
    return found


def _event(reader: Reader, closest: dict[int, Look], method: Method, purpose: str) -> Accessed:
    refs = sorted(look.person.ref for look in closest.values())
    who = {
        "actor": reader.person.ref,
        "role": reader.role,
        "source": reader.source,
        "subjects": refs,
    }
    return Accessed(method=method, purpose=purpose, count=len(refs), who=who)
