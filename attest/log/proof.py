"""The papers of the log: text on one side, values on the other.

    checkpoint      origin, size, root: how long the log is and what it adds up to
    tlog-proof      one leaf's way up to a checkpoint, in one file
    receipt         the promise to merge a leaf by a given time
    key rotation    an old key and its heir, signed by both
    trust file      whom an auditor believes: a C2SP tlog-policy, with our ``#!`` lines

Text is read only after its signatures held. A refused note names in ``why`` what is
wrong with it, or, once it is known to be ours, ``checkpoint.malformed`` or
``checkpoint.origin``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self
from unicodedata import category

from attest.errors import KeysUnusable, LeafMalformed, NoteRefused, ProofRefused

from . import merkle
from .leaf import read_time, time_text
from .note import Kind, Note, VerifyingKey, open_note, unsigned_text
from .strict64 import decode64, decode_hash, encode64

MERGED_WITHIN: Final = timedelta(hours=1)

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_HOURS: Final = re.compile(r"([1-9][0-9]{0,5})h")
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.pem")
_PROOF: Final = "c2sp.org/tlog-proof@v1"
_RECEIPT: Final = "tripseal/receipt/v1"
_ROTATION: Final = "tripseal/key-rotation/v1"
_RESERVED: Final = "none"
_MOST_HASHES: Final = 63


# Trust


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed when *least* of its members have."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is believed beforehand. Keys that come with evidence never enter here."""

    log: tuple[VerifyingKey, ...]
    witnesses: Mapping[str, VerifyingKey] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    quorum: str = _RESERVED
    receipt: tuple[VerifyingKey, ...] = ()
    export: tuple[VerifyingKey, ...] = ()
    tsa: tuple[str, ...] = ()
    max_anchor_age: timedelta | None = None

    def __post_init__(self) -> None:
        _check_log_keys(self.log)
        _check_names(self)
        # A log that could cosign itself would be its own independent witness.
        _check_distinct([*self.log, *self.witnesses.values()])
        if any(key.kind is not Kind.COSIGNATURE for key in self.witnesses.values()):
            raise KeysUnusable("a witness has a cosignature key")
        if any(key.name != f"{self.origin}/receipt" for key in self.receipt):
            raise KeysUnusable("a receipt key is named after its log")
        if any(k.kind is Kind.COSIGNATURE for k in (*self.receipt, *self.export)):
            raise KeysUnusable("a witness's key signs checkpoints only")

    @property
    def origin(self) -> str:
        return self.log[0].name

    @classmethod
    def parse(cls, text: str) -> Self:
        """KeysUnusable for any line that is not understood: half a policy is none."""
        plain = text.replace("\n", "").replace("\t", "")
        if any(category(one) in {"Cc", "Cs"} for one in plain):
            raise KeysUnusable("a trust file holds text only")
        read = _Reading()
        try:
            for line in text.split("\n"):
                read.line([word for word in re.split("[ \t]+", line) if word])
        except ValueError as wrong:
            raise KeysUnusable("the trust file cannot be read") from wrong
        return cls(
            log=tuple(read.log),
            witnesses=read.witnesses,
            groups=tuple(read.groups),
            quorum=read.the_quorum(),
            receipt=tuple(read.receipt),
            export=tuple(read.export),
            tsa=tuple(read.tsa),
            max_anchor_age=read.max_anchor_age,
        )

    def text(self) -> str:
        lines = [f"log {key.vkey}" for key in self.log]
        lines += [f"witness {name} {key.vkey}" for name, key in self.witnesses.items()]
        lines += [f"group {one.name} {one.least} {' '.join(one.members)}" for one in self.groups]
        lines += [f"quorum {self.quorum}"]
        lines += [f"#! receipt {key.vkey}" for key in self.receipt]
        lines += [f"#! export {key.vkey}" for key in self.export]
        lines += [f"#! tsa {name}" for name in self.tsa]
        if self.max_anchor_age is not None:
            lines += [f"#! max-anchor-age {self.max_anchor_age // timedelta(hours=1)}h"]
        return "\n".join(lines) + "\n"

    def has_quorum(self, cosigners: Collection[VerifyingKey]) -> bool:
        if self.quorum == _RESERVED:
            return True
        seen = {name for name, key in self.witnesses.items() if key in cosigners}
        # A group only names what stands above it, so one pass is enough.
        for group in self.groups:
            if len(seen & set(group.members)) >= group.least:
                seen.add(group.name)
        return self.quorum in seen

    def keys_of(self, role: str) -> tuple[VerifyingKey, ...]:
        roles = {
            "log": self.log,
            "receipt": self.receipt,
            "export": self.export,
        }
        return roles.get(role, ())


class _Reading:
    """A trust file on its way in; ValueError for a line of another form."""

    def __init__(self) -> None:
        self.log: list[VerifyingKey] = []
        self.witnesses: dict[str, VerifyingKey] = {}
        self.groups: list[Group] = []
        self.quorum: list[str] = []
        self.receipt: list[VerifyingKey] = []
        self.export: list[VerifyingKey] = []
        self.tsa: list[str] = []
        self.max_anchor_age: timedelta | None = None

    def line(self, words: list[str]) -> None:
        match words:
            case []:
                pass
            case ["log", vkey] | ["log", vkey, _]:
                self.log.append(VerifyingKey.parse(vkey))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._name(name)
                self.witnesses[name] = VerifyingKey.parse(vkey)
            case ["group", name, least, *members] if members:
                self._name(name)
                self.groups.append(Group(name, self._least(least, members), self._known(members)))
            case ["quorum", name]:
                self.quorum += (name,) if name == _RESERVED else self._known([name])
            case ["#!", *ours]:
                self._ours(ours)
            case [first, *_] if first.startswith("#") and not first.startswith("#!"):
                pass
            case _:
                raise ValueError("unknown line")

    def the_quorum(self) -> str:
        if len(self.quorum) != 1:
            raise KeysUnusable("a trust file has one quorum line")
        return self.quorum[0]

    def _ours(self, words: list[str]) -> None:
        match words:
            case ["receipt", vkey]:
                self.receipt.append(VerifyingKey.parse(vkey))
            case ["export", vkey]:
                self.export.append(VerifyingKey.parse(vkey))
            case ["tsa", file] if _FILE.fullmatch(file):
                self.tsa.append(file)
            case ["max-anchor-age", age] if self.max_anchor_age is None:
                self.max_anchor_age = _hours(age)
            case _:
                raise ValueError("unknown line")

    def _name(self, name: str) -> None:
        if name in {_RESERVED, *self.witnesses, *(one.name for one in self.groups)}:
            raise ValueError("a name twice")

    def _known(self, names: list[str]) -> tuple[str, ...]:
        if not {*names} <= {*self.witnesses, *(one.name for one in self.groups)}:
            raise ValueError("a name nobody has yet")
        return tuple(names)

    def _least(self, word: str, members: list[str]) -> int:
        written = {"any": 1, "all": len(members)}
        return written[word] if word in written else read_number(word)


def _check_log_keys(keys: tuple[VerifyingKey, ...]) -> None:
    if not keys or any(key.kind is Kind.COSIGNATURE for key in keys):
        raise KeysUnusable("a trust file names the keys of its log")
    if len({key.name for key in keys}) != 1:
        raise KeysUnusable("a trust file is for one log")


def _check_names(trust: Trust) -> None:
    members = [name for group in trust.groups for name in group.members]
    # A witness counted through two groups would be one voice heard twice.
    if len(set(members)) != len(members):
        raise KeysUnusable("a member of two groups")
    if any(not 1 <= group.least <= len(group.members) for group in trust.groups):
        raise KeysUnusable("a group asks for more than it has")
    known = {*trust.witnesses}
    for group in trust.groups:
        if not known >= {*group.members} or group.name in {*known, _RESERVED}:
            raise KeysUnusable("a group names what stands above it")
        known.add(group.name)
    if trust.quorum not in {*known, _RESERVED}:
        raise KeysUnusable("the quorum is nobody's")


def _check_distinct(keys: Collection[VerifyingKey]) -> None:
    if len({key.material for key in keys}) != len(keys):
        raise KeysUnusable("one key under two names")


def _hours(text: str) -> timedelta:
    if not (found := _HOURS.fullmatch(text)):
        raise ValueError("hours are written like 24h")
    return timedelta(hours=int(found[1]))


# Checkpoints


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Exactly three lines; the empty log has the one root it can have."""
        try:
            origin, size, root, end = text.split("\n")
            read = cls(origin, read_number(size), decode_hash(root))
        except ValueError as wrong:
            raise NoteRefused("checkpoint.malformed") from wrong
        if end or not origin or (read.size == 0 and read.root != merkle.EMPTY):
            raise NoteRefused("checkpoint.malformed")
        return read


def open_checkpoint(note: str, trust: Trust) -> Checkpoint:
    """The checkpoint, signed by every log key of *trust* and a quorum of witnesses."""
    return witnessed_checkpoint(note, trust)[0]


def witnessed_checkpoint(note: str, trust: Trust) -> tuple[Checkpoint, Note]:
    """The same, with the lines that held: which witnesses, and when."""
    opened = open_note(note, [*trust.log, *trust.witnesses.values()])
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != trust.origin:
        raise NoteRefused("checkpoint.origin")
    if not trust.has_quorum(opened.signers):
        raise NoteRefused("quorum")
    return checkpoint, opened


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a witness is asked (C2SP tlog-witness): from *old* leaves to the note's, by *proof*."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        return "\n".join([f"old {self.old}", *map(encode64, self.proof)]) + "\n\n" + self.note

    @classmethod
    def parse(cls, text: str) -> Self:
        head, blank, note = text.partition("\n\n")
        first, *rest = head.split("\n")
        try:
            if not first.startswith("old ") or not blank or len(rest) > _MOST_HASHES:
                raise ProofRefused("shape")
            return cls(read_number(first[4:]), tuple(map(decode_hash, rest)), note)
        except ValueError as wrong:
            raise ProofRefused("shape") from wrong


# Proofs of one leaf


@dataclass(frozen=True, slots=True)
class TlogProof:
    """*checkpoint* is a note as it came. *extra* is opaque and never trusted."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        extra = [] if self.extra is None else [f"extra {encode64(self.extra)}"]
        head = [_PROOF, *extra, f"index {self.index}", *map(encode64, self.hashes)]
        return "\n".join(head) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Self:
        head, _, checkpoint = text.partition("\n\n")
        try:
            return cls._of(head.split("\n"), checkpoint)
        except ValueError as wrong:
            raise ProofRefused("shape") from wrong

    @classmethod
    def _of(cls, head: list[str], checkpoint: str) -> Self:
        first, *rest = head
        extra = None
        if rest and rest[0].startswith("extra "):
            extra, rest = decode64(rest[0].removeprefix("extra ")), rest[1:]
        if first != _PROOF or not rest or not rest[0].startswith("index "):
            raise ProofRefused("shape")
        index = read_number(rest[0].removeprefix("index "))
        return cls(index, tuple(map(decode_hash, rest[1:])), checkpoint, extra)


def verify_proof(proof: TlogProof, leaf_hash: bytes, trust: Trust) -> tuple[Checkpoint, Note]:
    """The checkpoint over the leaf: ProofRefused or NoteRefused if there is none."""
    checkpoint, opened = witnessed_checkpoint(proof.checkpoint, trust)
    merkle.verify_inclusion(
        leaf_hash,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint, opened


# Receipts


@dataclass(frozen=True, slots=True)
class Receipt:
    """The leaf will be in the log an hour after *at*."""

    origin: str
    leaf_hash: bytes
    at: datetime

    @property
    def merge_by(self) -> datetime:
        return self.at + MERGED_WITHIN

    def text(self) -> str:
        times = [time_text(self.at), time_text(self.merge_by)]
        return "\n".join([_RECEIPT, self.origin, encode64(self.leaf_hash), *times]) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            _, origin, leaf_hash, at, _, _ = text.split("\n")
            read = cls(origin, decode_hash(leaf_hash), read_time(at))
        except (ValueError, LeafMalformed) as wrong:
            raise NoteRefused("malformed") from wrong
        if not origin or read.text() != text:
            raise NoteRefused("malformed")
        return read


def open_receipt(note: str, trust: Trust) -> Receipt:
    receipt = Receipt.parse(open_note(note, trust.receipt).text)
    if receipt.origin != trust.origin:
        raise NoteRefused("malformed")
    return receipt


# Key rotations


@dataclass(frozen=True, slots=True)
class Rotation:
    """*role* is log, receipt or export; the heir has its kind and its name."""

    origin: str
    role: str
    old: VerifyingKey
    new: VerifyingKey
    at: datetime

    def __post_init__(self) -> None:
        same = (self.old.name, self.old.kind) == (self.new.name, self.new.kind)
        if not same or self.old == self.new:
            raise KeysUnusable("a key is followed by another of its name and kind")

    def text(self) -> str:
        keys = [self.old.vkey, self.new.vkey, time_text(self.at)]
        return "\n".join([_ROTATION, self.origin, self.role, *keys]) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            _, origin, role, old, new, at, _ = text.split("\n")
            keys = VerifyingKey.parse(old), VerifyingKey.parse(new)
            read = cls(origin, role, *keys, read_time(at))
        except (ValueError, LeafMalformed, KeysUnusable) as wrong:
            raise NoteRefused("malformed") from wrong
        if read.text() != text:
            raise NoteRefused("malformed")
        return read


def open_rotation(note: str, trust: Trust) -> Rotation:
    """The rotation, if a key trusted in that role and the new one have both signed."""
    # Which keys to ask stands in the text; what they signed is that same text.
    said = Rotation.parse(unsigned_text(note))
    if said.old not in trust.keys_of(said.role):
        raise NoteRefused("no_log_key")
    rotation = Rotation.parse(open_note(note, [said.old, said.new]).text)
    if rotation.origin != trust.origin:
        raise NoteRefused("malformed")
    return rotation


def read_number(text: str) -> int:
    """ASCII decimal, no sign, no leading zero, at most 63 bits; else ValueError."""
    if not _NUMBER.fullmatch(text) or int(text) >> 63:
        raise ValueError("not a number as the log writes them")
    return int(text)
