"""The newest head is brought to a witness that serves, and its line is taken home."""

from __future__ import annotations

from datetime import datetime

from attest.errors import LogInconsistent, NoteRefused
from attest.log.proof import Checkpoint as Signed
from attest.log.trust import read_number
from ledger.adapters.witness import add_checkpoint
from ledger.anchoring import last_of
from ledger.witnessing import keep_line, request_from


def visit_witness(name: str, *, url: str, now: datetime) -> Signed:
    """The head that was cosigned.

    ``LogInconsistent`` where the witness saw another history; ``NoteRefused`` where it gives
    no line of its own, ``OSError`` where it does not answer.
    """
    old = last_of(name)
    status, said = add_checkpoint(url, _request(old, now))
    if status == 409 and (stands := _size(said)) != old:
        # It stands elsewhere than we know: it may have been visited by another way.
        status, said = add_checkpoint(url, _request(stands, now))
    if status in {409, 422}:
        raise LogInconsistent(f"{name} refuses ({status}): it saw another history")
    if status != 200:
        raise NoteRefused(f"{name} answered {status}")
    return keep_line(said)


def _request(old: int, now: datetime) -> str:
    if (asked := request_from(old, now=now)) is None:
        raise LogInconsistent(f"the witness saw {old} leaves, there are fewer here")
    return asked


def _size(said: str) -> int:
    try:
        return read_number(said.strip())
    except ValueError as wrong:
        raise NoteRefused("the witness names no size") from wrong
