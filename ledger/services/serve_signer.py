"""The signer on its own: it starts only where its memory is whole, and answers two questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from attest.errors import LogInconsistent, NoteRefused
from attest.log.strict64 import decode_hash
from ledger.adapters.head_file import alone, read_head
from ledger.adapters.signer_socket import serving
from ledger.selectors import newest_checkpoint
from ledger.signer import Asked, own_head, sign
from ledger.succession import Handover, crowned, rotation_notes


@contextmanager
def serve_signer(path: Path, *, clock: Callable[[], datetime]) -> Iterator[UnixStreamServer]:
    """A server at *path* for as long as the context lasts; ``LogInconsistent`` where it may not."""
    if settings.SIGNER:
        raise ImproperlyConfigured("TRIPSEAL_SIGNER is for those who ask: not for the signer")
    with alone():
        begun = _expect_a_whole_memory()
        server = serving(path, _Signer(clock, begun=begun))
        try:
            yield server
        finally:
            server.server_close()
            path.unlink(missing_ok=True)


def _expect_a_whole_memory() -> bool:
    """Whether anything was ever signed: without a head file, as the database says."""
    try:
        if own_head():
            return True
        last = newest_checkpoint()
    except NoteRefused as wrong:
        raise LogInconsistent("the head file does not hold") from wrong
    except DatabaseError as away:
        raise LogInconsistent("no head file, and no database to say that the log is new") from away
    if last:
        raise LogInconsistent(f"the head file is gone, {last.size} leaves were signed: --adopt")
    return False


class _Signer:
    def __init__(self, clock: Callable[[], datetime], *, begun: bool) -> None:
        self._clock, self._begun = clock, begun

    def __call__(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._begun and not read_head():
            return {"refused": "the head file is gone while checkpoints exist"}
        try:
            if said == {"deed": "head"}:
                return {"note": read_head()}
            if said == {"deed": "rotation"}:
                return {"notes": _notes(self._clock())}
            if said == {"deed": "end"}:
                return {"ended": crowned()}
            note = sign(_asked(said), now=self._clock())
        except NoteRefused:
            return {"refused": "the head file does not hold"}
        except (LogInconsistent, OSError) as no:
            # A full disk too: nothing was kept, so nothing is shown.
            return {"refused": str(no)}
        self._begun = True
        return {"note": note}


def _notes(now: datetime) -> list[str]:
    """Heirs come to be by the deed of whoever keeps this signer, never by a question."""
    if not (notes := rotation_notes(now=now)):
        raise LogInconsistent("the log's keys have no heirs: run `manage.py ledger_signer --heirs`")
    return notes


def _asked(said: Mapping[str, Any]) -> Asked:
    match said:
        case {
            "deed": "sign",
            "text": str(text),
            "proof": list(hashes),
            "published": int(size),
            "handed": list(handed),
        }:
            try:
                proof = [decode_hash(one) for one in hashes]
                return Asked(text, proof, size, [_handover(*one) for one in handed])
            except (ValueError, TypeError, AttributeError) as wrong:
                raise LogInconsistent("a proof is a list of hashes") from wrong
    raise LogInconsistent("no such question")


def _handover(index: int, entry: str, hashes: Sequence[str]) -> Handover:
    return Handover(int(index), entry.encode(), [decode_hash(one) for one in hashes])
