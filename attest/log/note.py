r"""Signed text, as C2SP signed-note has it.

    <text, one or more lines>
                                               one blank line, the last of the note
    — <key name> <base64(key id[4] ‖ signature)>

    kind          type  key id = first 4 of             signature
    Ed25519       01    H(name ‖ 0A ‖ 01 ‖ public)      over the text
    ECDSA P-256   02    H(SPKI)                         DER, over SHA-256 of the text
    cosignature   04    H(name ‖ 0A ‖ 04 ‖ public)      u64 time ‖ Ed25519 over
                           "cosignature/v1\ntime <t>\n" ‖ text

A key in text (vkey) is ``name+hex(key id)+base64(type ‖ material)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final, Protocol, Self

from attest.errors import KeysUnusable, NoteRefused

from .strict64 import decode64, encode64

try:
    from . import library_curves as curves
except ImportError:
    # An auditor's python3 may stand alone; then integers do it.
    from . import plain_curves as curves  # type: ignore[no-redef]  # the same four functions

MOST_LINES: Final = 64
MOST_LETTERS: Final = 1_000_000

# SubjectPublicKeyInfo of an uncompressed point on named curve P-256, up to the point.
_P256_SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_LINE: Final = re.compile("— ([^ ]+) ([^ ]+)")


class Kind(IntEnum):
    ED25519 = 1
    ECDSA_P256 = 2
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """*material*: 32 bytes, for ECDSA the SPKI DER. Checked at birth: KeysUnusable."""

    name: str
    kind: Kind
    material: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise KeysUnusable("a key's name has no spaces and no plus")
        _check(self)

    @property
    def id(self) -> bytes:
        if self.kind is Kind.ECDSA_P256:
            return sha256(self.material).digest()[:4]
        return sha256(self.name.encode() + bytes([0x0A, self.kind]) + self.material).digest()[:4]

    @property
    def vkey(self) -> str:
        packed = encode64(bytes([self.kind]) + self.material)
        return f"{self.name}+{self.id.hex()}+{packed}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        try:
            name, _, packed = vkey.split("+", 2)
            raw = decode64(packed)
            key = cls(name, Kind(raw[0]), raw[1:])
        except (ValueError, IndexError) as wrong:
            raise KeysUnusable("not a vkey") from wrong
        # Also the written key id: it is what a person compares by telephone.
        if key.vkey != vkey:
            raise KeysUnusable("the key id is another key's")
        return key

    def holds(self, text: bytes, signature: bytes) -> bool:
        return _holds(self, text, signature)

    def verify(self, text: bytes, signature: bytes) -> None:
        if not self.holds(text, signature):
            raise NoteRefused("bad_signature")


class SigningKey(Protocol):
    @property
    def verifying(self) -> VerifyingKey: ...

    def sign(self, text: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Signature:
    key: VerifyingKey
    raw: bytes

    @property
    def time(self) -> int:
        """When a witness says it signed, in seconds since 1970."""
        if self.key.kind is not Kind.COSIGNATURE:
            raise ValueError("only a cosignature has a time")
        return int.from_bytes(self.raw[:8], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """Text whose signatures held, and those of them whose keys were known."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def signers(self) -> frozenset[VerifyingKey]:
        return frozenset(one.key for one in self.signatures)


def sign_note(text: str, signers: Sequence[SigningKey]) -> str:
    lines = "".join(signature_line(text, signer) for signer in signers)
    note = f"{text}\n{lines}"
    # Nothing is sent out that a reader would not take apart the same way.
    if _take_apart(note)[0] != text:
        raise NoteRefused("malformed")
    return note


def signature_line(text: str, signer: SigningKey) -> str:
    key = signer.verifying
    return f"— {key.name} {encode64(key.id + signer.sign(text.encode()))}\n"


def open_note(note: str, keys: Collection[VerifyingKey]) -> Note:
    """The text, if every key but a witness's has signed and no known line fails.

    Lines by unknown keys are ignored, also under a known name.
    """
    text, lines = _take_apart(note)
    found = tuple(_known(lines, keys))
    for one in found:
        one.key.verify(text.encode(), one.raw)
    needed = {key for key in keys if key.kind is not Kind.COSIGNATURE}
    # Without a needed key nobody would have said anything.
    if not needed or not needed <= {one.key for one in found}:
        raise NoteRefused("no_log_key")
    return Note(text, found)


def is_signed_by(note: str, key: VerifyingKey) -> bool:
    """Whether *key* signed *note*, whoever else did."""
    try:
        open_note(note, [key])
    except NoteRefused:
        return False
    return True


def unsigned_text(note: str) -> str:
    """What nobody has vouched for yet. Only to find out which keys to ask for."""
    return _take_apart(note)[0]


Line = tuple[str, bytes]


def _take_apart(note: str) -> tuple[str, list[Line]]:
    text, blank, signed = note.rpartition("\n\n")
    if not blank or not signed.endswith("\n") or len(note) > MOST_LETTERS:
        raise NoteRefused("malformed")
    lines = signed[:-1].split("\n")
    if len(lines) > MOST_LINES or not _is_plain(note.replace("\n", "")):
        raise NoteRefused("malformed")
    return text + "\n", [_line(line) for line in lines]


def _line(line: str) -> Line:
    if not (found := _LINE.fullmatch(line)) or not _is_name(found[1]):
        raise NoteRefused("malformed")
    try:
        raw = decode64(found[2])
    except ValueError as wrong:
        raise NoteRefused("malformed") from wrong
    if len(raw) < 5:
        raise NoteRefused("malformed")
    return found[1], raw


def _known(lines: Iterable[Line], keys: Collection[VerifyingKey]) -> Iterator[Signature]:
    for name, raw in lines:
        # Four bytes can be made to collide: every key of that id is asked, one fails.
        for key in keys:
            if (key.name, key.id) == (name, raw[:4]):
                yield Signature(key, raw[4:])


def _is_plain(text: str) -> bool:
    """No control character, and nothing that UTF-8 cannot write."""
    # What can be printed is neither; only text that cannot is looked at letter by letter.
    return text.isprintable() or all(unicodedata.category(one) not in {"Cc", "Cs"} for one in text)


def _is_name(name: str) -> bool:
    spaced = name.split() != [name] or "+" in name
    return not spaced and _is_plain(name)


def cosigned(time: int, text: bytes) -> bytes:
    """What a witness signs who saw *text* at *time*."""
    return f"cosignature/v1\ntime {time}\n".encode() + text


def ed25519_public(seed: bytes) -> bytes:
    return curves.ed25519_public(seed)


def ed25519_sign(seed: bytes, text: bytes) -> bytes:
    """With the key of *seed*; ValueError where that is not 32 bytes."""
    return curves.ed25519_sign(seed, text)


def _check(key: VerifyingKey) -> None:
    try:
        if key.kind is Kind.ECDSA_P256:
            curves.check_p256(_p256_point(key.material))
        else:
            curves.check_ed25519(key.material)
    except ValueError as wrong:
        raise KeysUnusable("not a public key of its kind") from wrong


def _p256_point(spki: bytes) -> bytes:
    # One spelling of each key, so that one key has one id.
    if not spki.startswith(_P256_SPKI) or len(spki) != len(_P256_SPKI) + 64:
        raise KeysUnusable("P-256 only, uncompressed, with the curve by name")
    return spki[-65:]


def _holds(key: VerifyingKey, text: bytes, signature: bytes) -> bool:
    if key.kind is Kind.ECDSA_P256:
        return curves.p256_holds(_p256_point(key.material), text, signature)
    if key.kind is Kind.COSIGNATURE:
        time = int.from_bytes(signature[:8], "big")
        return curves.ed25519_holds(key.material, cosigned(time, text), signature[8:])
    return curves.ed25519_holds(key.material, text, signature)
