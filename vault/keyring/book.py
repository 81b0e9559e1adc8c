"""The token keys as a ceremony edits them: both documents, open for writing, and the root.

    sealing-keys.json       sign     private halves that still sign      seal_to  recipients
    opening-keys.json       open     private halves, all there were      verify   signers, all
    root-sealing-keys.json  sign     the root alone; lies with two administrators

A kid is never used twice: the next one counts on from the highest that was ever written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attest.documents import sign_keyset
from attest.errors import KeysUnusable
from attest.keyfile import public_record, read_opening_keys, read_sealing_keys
from attest.keys import LETTERS, LIFE_S, Alg, RecipientKey, SealingKey, Use, VerifyKey

from . import OPENING, ROOT, ROOT_SEALING, SEALING, file, making, providers, root

Record = dict[str, Any]
SIGNING = (Use.CHECK_IN, Use.TRIP, Use.STATUS)
# What an installation has successors of: the root is made once in ten years, by hand.
TURNING = (*SIGNING, Use.OPEN)


@dataclass(slots=True)
class Book:
    sign: list[Record]
    seal_to: list[Record]
    open: list[Record]
    verify: list[Record]
    dropped: list[str] = field(default_factory=list)

    @classmethod
    def new(cls) -> Book:
        return cls([], [], [], [])

    @classmethod
    def read(cls) -> Book:
        """Both documents. Where one of them does not lie, no ceremony is held."""
        expect_both()
        sealing, opening = (_records(providers.folder() / name) for name in (SEALING, OPENING))
        return cls(sealing["sign"], sealing["seal_to"], opening["open"], opening["verify"])

    def add(self, use: Use, *, nbf: int, naf: int | None = None) -> Record:
        """A new key for *use*; its public record."""
        alg = Alg.HPKE_7 if use is Use.OPEN else Alg.ES256
        end = nbf + LIFE_S[use] if naf is None else naf
        record = making.make(use=use, alg=alg, kid=self._next(use), nbf=nbf, naf=end)
        public = public_record(record)
        private, known = (self.open, self.seal_to) if use is Use.OPEN else (self.sign, self.verify)
        private.append(record)
        known.append(public)
        return public

    def newest(self, use: Use) -> Record | None:
        """The key for *use* whose window begins last, of those that were not withdrawn."""
        held = self.seal_to if use is Use.OPEN else self.sign
        standing = [r for r in held if r["use"] == use and "withdrawn" not in r]
        return max(standing, key=lambda record: (record["nbf"], record["kid"]), default=None)

    def withdraw(self, kid: str, *, at: int) -> Record:
        """From *at* on the key is good for nothing, and this installation signs no more with it."""
        found = [record for record in (*self.verify, *self.seal_to) if record["kid"] == kid]
        if not found:
            raise ImproperlyConfigured(f"no key {kid} here")
        for record in found:
            record["withdrawn"] = min(at, record.get("withdrawn", at))
        self._drop([record for record in self.sign if record["kid"] == kid])
        return found[0]

    def drop_ended(self, *, now: int) -> None:
        """A private half that can sign no more is kept no longer; its public half stays."""
        self._drop([record for record in self.sign if record["naf"] < now])

    def _drop(self, records: Sequence[Record]) -> None:
        self.dropped += [record["kid"] for record in records]
        self.sign = [record for record in self.sign if record not in records]

    def keyset(self, signer: SealingKey, *, seq: int, at: int) -> bytes:
        """``keyset.cbor``: every public half there is, by the root."""
        opening = _text("opening-keys", open=[], verify=self.verify)
        sealing = _text("sealing-keys", sign=[], seal_to=self.seal_to)
        everybody: Sequence[VerifyKey | RecipientKey] = [
            *read_opening_keys(opening).verify.verify,
            *read_sealing_keys(sealing).seal_to,
        ]
        return sign_keyset(everybody, root=signer, host=settings.HOST, seq=seq, at=at)

    def write(self, place: Path | None = None) -> None:
        """Opening first: nobody seals what could not be opened a moment later."""
        where = providers.folder() if place is None else place
        opening = _text("opening-keys", open=self.open, verify=self.verify)
        sealing = _text("sealing-keys", sign=self.sign, seal_to=self.seal_to)
        file.replace_key(where / OPENING, opening.encode())
        file.replace_key(where / SEALING, sealing.encode())
        for kid in self.dropped:
            making.destroy(kid)

    def _next(self, use: Use) -> bytes:
        letter = LETTERS[use]
        kids = (bytes.fromhex(r["kid"]) for r in (*self.verify, *self.seal_to, *self.open))
        serial = 1 + max((kid[1] for kid in kids if kid[:1] == letter), default=0)
        if serial > 255:
            raise ImproperlyConfigured(f"there are no more names for a {use} key")
        return letter + bytes([serial])


@contextmanager
def editing(root_file: Path) -> Iterator[Book]:
    """Both documents, for one ceremony at a time, written when it went well.

    The root is asked for first: without it nothing that changes could be published.
    """
    expect_both()
    root_signer(root_file)
    with file.alone(providers.folder()):
        book = Book.read()
        yield book
        book.write()


def make_root(place: Path, *, nbf: int, naf: int) -> Record:
    """The root in two files: one to take away, and its public half, which stays."""
    record = making.in_file(use=Use.KEYSET, alg=Alg.ES256, kid=b"R\x01", nbf=nbf, naf=naf)
    file.write_key(place / ROOT_SEALING, _text("sealing-keys", sign=[record], seal_to=[]).encode())
    file.write_key(place / ROOT, json.dumps(public_record(record), indent=1).encode())
    return public_record(record)


def root_signer(path: Path) -> SealingKey:
    """The root in *path*, if it is the one whose public half lies here."""
    if not path.is_file():
        raise ImproperlyConfigured(f"no root key in {path.name}: name its file with --root")
    try:
        signers = read_sealing_keys(file.read_key(path).decode("utf-8")).sign
    except (KeysUnusable, UnicodeDecodeError) as wrong:
        raise ImproperlyConfigured(f"{path.name}: {wrong}") from wrong
    ours = [key for key in signers if (key.kid, key.public) == (root().kid, root().public)]
    if len(signers) != 1 or not ours:
        raise ImproperlyConfigured(f"{path.name} is not the root of this installation")
    return ours[0]


def expect_both() -> None:
    """A ceremony is held where both documents lie and may be written, or not at all."""
    if providers.name() == providers.ENVIRONMENT:
        raise ImproperlyConfigured("keys in the environment change where they come from")
    if not settings.KEYS_OPEN:
        raise ImproperlyConfigured("this server only seals: keys change where receipts are opened")


def _records(path: Path) -> dict[str, list[Record]]:
    said: dict[str, list[Record]] = json.loads(file.read_key(path))
    return said


def _text(kind: str, **records: Sequence[Record]) -> str:
    return json.dumps(
        {"tripseal": f"{kind}/1"} | {k: list(v) for k, v in records.items()}, indent=1
    )
