"""Whom an auditor believes, and up to where: the trust file, and how one key follows another.

    trust file      a C2SP tlog-policy, with our ``#!`` lines
    key rotation    an old key and its heir, signed by both

``log`` lines name the keys that sign now. ``#! log-until SIZE VKEY`` names one that no longer
does: leaf SIZE of the log is its rotation, so checkpoints of up to SIZE leaves are its own, and
longer ones are its heir's. Programs that skip our lines believe the keys of now alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self
from unicodedata import category

from attest.errors import KeysUnusable, LeafMalformed, NoteRefused

from .leaf import read_time, time_text
from .note import Kind, VerifyingKey, open_note, unsigned_text

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_HOURS: Final = re.compile(r"([1-9][0-9]{0,5})h")
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.pem")
_ROTATION: Final = "tripseal/key-rotation/v1"
_RESERVED: Final = "none"


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


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed when *least* of its members have."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retired:
    """A key of the log whose rotation is leaf *until*: it signed up to so many leaves."""

    key: VerifyingKey
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is believed beforehand. Keys that come with evidence never enter here.

    *log* signs now; each of *retired* did before, and no longer log is believed by it.
    """

    log: tuple[VerifyingKey, ...]
    retired: tuple[Retired, ...] = ()
    witnesses: Mapping[str, VerifyingKey] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    quorum: str = _RESERVED
    receipt: tuple[VerifyingKey, ...] = ()
    export: tuple[VerifyingKey, ...] = ()
    tsa: tuple[str, ...] = ()
    max_anchor_age: timedelta | None = None

    def __post_init__(self) -> None:
        _check_log_keys((*self.log, *(one.key for one in self.retired)))
        _check_retired(self)
        _check_names(self)
        # A log that could cosign itself would be its own independent witness.
        _check_distinct([*self.every_log_key, *self.witnesses.values()])
        if any(key.kind is not Kind.COSIGNATURE for key in self.witnesses.values()):
            raise KeysUnusable("a witness has a cosignature key")
        if any(key.name != f"{self.origin}/receipt" for key in self.receipt):
            raise KeysUnusable("a receipt key is named after its log")
        if any(k.kind is Kind.COSIGNATURE for k in (*self.receipt, *self.export)):
            raise KeysUnusable("a witness's key signs checkpoints only")

    @property
    def origin(self) -> str:
        return self.log[0].name

    @property
    def every_log_key(self) -> tuple[VerifyingKey, ...]:
        return (*self.log, *(one.key for one in self.retired))

    def log_at(self, size: int) -> tuple[VerifyingKey, ...]:
        """Who signs a log of *size* leaves: of each kind the first that was not yet retired."""
        held: dict[Kind, VerifyingKey] = {}
        for one in sorted(self.retired, key=lambda one: one.until):
            if size <= one.until:
                held.setdefault(one.key.kind, one.key)
        return tuple(dict.fromkeys(held.get(key.kind, key) for key in self.log))

    def followed(self, rotation: Rotation, *, index: int) -> Self:
        """What is believed knowing that *rotation*, checked before, is leaf *index* of the log.

        Said again it changes nothing: its first leaf is where the key went. ``NoteRefused`` where
        its old key had no say there any more: whoever kept or stole it names no second heir.
        """
        old, new = rotation.old, rotation.new
        if rotation.role != "log" or Retired(old, index) in self.retired:
            return self
        if any(one.until < index for one in self._said_of(rotation)):
            return self
        if old not in self.log or new in {one.key for one in self.retired}:
            raise NoteRefused("no_log_key")
        heirs = dict.fromkeys(new if key == old else key for key in self.log)
        try:
            return replace(self, log=tuple(heirs), retired=(*self.retired, Retired(old, index)))
        except KeysUnusable as wrong:
            raise NoteRefused("no_log_key") from wrong

    def traced(self, rotation: Rotation, *, index: int) -> Self:
        """The same, looking back: whoever believes the heir learns whose place it took.

        Told of the newest first; of one said twice the first leaf counts. A rotation that leads
        to no key believed adds nothing.
        """
        if later := [one for one in self._said_of(rotation) if index < one.until]:
            others = (one for one in self.retired if one not in later)
            return replace(self, retired=(Retired(rotation.old, index), *others))
        first = self.log_at(0)
        if rotation.role != "log" or rotation.new not in first or rotation.old in first:
            return self
        return replace(self, retired=(Retired(rotation.old, index), *self.retired))

    def _said_of(self, rotation: Rotation) -> list[Retired]:
        """Where the old key went to this heir, and to no other, as far as is known."""
        went = (one for one in self.retired if one.key == rotation.old)
        return [one for one in went if rotation.new in self.log_at(one.until + 1)]

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
            retired=tuple(read.retired),
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
        lines += [f"#! log-until {one.until} {one.key.vkey}" for one in self.retired]
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
            "log": self.every_log_key,
            "receipt": self.receipt,
            "export": self.export,
        }
        return roles.get(role, ())


class _Reading:
    """A trust file on its way in; ValueError for a line of another form."""

    def __init__(self) -> None:
        self.log: list[VerifyingKey] = []
        self.retired: list[Retired] = []
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
            case ["log-until", size, vkey]:
                self.retired.append(Retired(VerifyingKey.parse(vkey), read_number(size)))
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


def _check_log_keys(keys: Collection[VerifyingKey]) -> None:
    if not keys or any(key.kind is Kind.COSIGNATURE for key in keys):
        raise KeysUnusable("a trust file names the keys of its log")
    if len({key.name for key in keys}) != 1:
        raise KeysUnusable("a trust file is for one log")


def _check_retired(trust: Trust) -> None:
    ends = {(one.key.kind, one.until) for one in trust.retired}
    # Two of one kind that end at one leaf would leave the order of them open.
    if len(ends) != len(trust.retired) or any(one.until < 1 for one in trust.retired):
        raise KeysUnusable("a key of the log is retired by a leaf of its own")
    if not {kind for kind, _ in ends} <= {key.kind for key in trust.log}:
        raise KeysUnusable("a key that was retired has an heir")


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


def open_rotation(note: str, trust: Trust) -> Rotation:
    """The rotation, if a key trusted in that role and the new one have both signed."""
    said = Rotation.parse(unsigned_text(note))
    if said.old not in trust.keys_of(said.role):
        raise NoteRefused("no_log_key")
    rotation = signed_rotation(note)
    if rotation.origin != trust.origin:
        raise NoteRefused("malformed")
    return rotation


def signed_rotation(note: str) -> Rotation:
    """One that both keys it names have signed. Whether either is believed, the caller asks."""
    # Which keys to ask stands in the text; what they signed is that same text.
    said = Rotation.parse(unsigned_text(note))
    try:
        return Rotation.parse(open_note(note, [said.old, said.new]).text)
    except NoteRefused as no:
        # That it names a key nobody believes is another matter than that a key did not sign.
        raise NoteRefused("bad_signature") from no


def read_number(text: str) -> int:
    """ASCII decimal, no sign, no leading zero, at most 63 bits; else ValueError."""
    if not _NUMBER.fullmatch(text) or int(text) >> 63:
        raise ValueError("not a number as the log writes them")
    return int(text)
