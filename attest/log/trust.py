"""Whom an auditor believes, and up to where: the trust file, and how one key follows another.

    trust file      a C2SP tlog-policy, with our ``#!`` lines
    key rotation    an old key and its heir, signed by both

``log`` lines name the keys that sign now. ``#! log-until SIZE VKEY`` names one that no longer
does: leaf SIZE of the log is its rotation, so checkpoints of up to SIZE leaves are its own, and
longer ones are its heir's. ``#! export-until SIZE VKEY`` says the same of bundles under such
checkpoints, ``#! receipt-until TIME VKEY`` of receipts by the time they name. Programs that skip
our lines believe the keys of now alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from unicodedata import category

from attest.errors import KeysUnusable, LeafMalformed, NoteRefused

from .leaf import read_time, time_text
from .lineage import Lineage, Retired, expect_distinct
from .note import Kind, VerifyingKey, open_note, unsigned_text

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_HOURS: Final = re.compile(r"([1-9][0-9]{0,5})h")
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.pem")
_ROTATION: Final = "tripseal/key-rotation/v1"
_RESERVED: Final = "none"
PAPERS: Final = ("receipt", "export")
ROLES: Final = ("log", *PAPERS)
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


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

    def mark(self, index: int) -> int:
        """Where the old key ends, if this is leaf *index* of the log: see ``Lineage``."""
        return mark_of(self.at) if self.role == "receipt" else index

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
        if read.text() != text or role not in ROLES:
            raise NoteRefused("malformed")
        return read


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed when *least* of its members have."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is believed beforehand. Keys that come with evidence never enter here.

    *log*, *receipt* and *export* sign now; those retired did before, each up to its end.
    """

    log: tuple[VerifyingKey, ...]
    retired: tuple[Retired, ...] = ()
    witnesses: Mapping[str, VerifyingKey] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    quorum: str = _RESERVED
    receipt: tuple[VerifyingKey, ...] = ()
    receipt_retired: tuple[Retired, ...] = ()
    export: tuple[VerifyingKey, ...] = ()
    export_retired: tuple[Retired, ...] = ()
    tsa: tuple[str, ...] = ()
    max_anchor_age: timedelta | None = None

    def __post_init__(self) -> None:
        _check_log_keys(self.every_log_key)
        for role in ROLES:
            self.lineage(role).expect_whole()
        _check_names(self)
        # A log that could cosign itself would be its own independent witness.
        expect_distinct([*self.every_log_key, *self.witnesses.values()])
        if any(key.kind is not Kind.COSIGNATURE for key in self.witnesses.values()):
            raise KeysUnusable("a witness has a cosignature key")
        receipt, export = self.keys_of("receipt"), self.keys_of("export")
        if any(key.name != f"{self.origin}/receipt" for key in receipt):
            raise KeysUnusable("a receipt key is named after its log")
        if any(k.kind is Kind.COSIGNATURE for k in (*receipt, *export)):
            raise KeysUnusable("a witness's key signs checkpoints only")

    @property
    def origin(self) -> str:
        return self.log[0].name

    @property
    def every_log_key(self) -> tuple[VerifyingKey, ...]:
        return self.keys_of("log")

    def lineage(self, role: str) -> Lineage:
        """The keys of *role*, those of before with them."""
        match role:
            case "log":
                return Lineage(self.log, self.retired)
            case "receipt":
                return Lineage(self.receipt, self.receipt_retired)
            case _:
                return Lineage(self.export, self.export_retired)

    def keys_of(self, role: str) -> tuple[VerifyingKey, ...]:
        return self.lineage(role).every

    def log_at(self, size: int) -> tuple[VerifyingKey, ...]:
        """Who signs a log of *size* leaves: of each kind the first that was not yet retired."""
        return self.lineage("log").at(size)

    def followed(self, rotation: Rotation, *, index: int) -> Self:
        """What is believed knowing that *rotation*, checked before, is leaf *index* of the log.

        ``NoteRefused`` where its old key had no say there any more. Where nobody is believed in
        its role at all, nobody is led on to.
        """
        held, mark = self.lineage(rotation.role), rotation.mark(index)
        if not held.now:
            return self
        led = held.followed(rotation.old, rotation.new, mark=mark)
        try:
            return self._with(rotation.role, led)
        except KeysUnusable as wrong:
            raise NoteRefused("no_log_key") from wrong

    def traced(self, rotation: Rotation, *, index: int) -> Self:
        """The same, looking back, from the newest on: see ``Lineage``."""
        held, mark = self.lineage(rotation.role), rotation.mark(index)
        return self._with(rotation.role, held.traced(rotation.old, rotation.new, mark=mark))

    def _with(self, role: str, led: Lineage) -> Self:
        match role:
            case "log":
                return replace(self, log=led.now, retired=led.retired)
            case "receipt":
                return replace(self, receipt=led.now, receipt_retired=led.retired)
            case _:
                return replace(self, export=led.now, export_retired=led.retired)

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
        except (ValueError, LeafMalformed) as wrong:
            raise KeysUnusable("the trust file cannot be read") from wrong
        return cls(
            log=tuple(read.log),
            retired=tuple(read.retired),
            witnesses=read.witnesses,
            groups=tuple(read.groups),
            quorum=read.the_quorum(),
            receipt=tuple(read.receipt),
            receipt_retired=tuple(read.receipt_retired),
            export=tuple(read.export),
            export_retired=tuple(read.export_retired),
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
        lines += [
            f"#! receipt-until {time_text(time_of(one.until))} {one.key.vkey}"
            for one in self.receipt_retired
        ]
        lines += [f"#! export {key.vkey}" for key in self.export]
        lines += [f"#! export-until {one.until} {one.key.vkey}" for one in self.export_retired]
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


class _Reading:
    """A trust file on its way in; ValueError for a line of another form."""

    def __init__(self) -> None:
        self.log: list[VerifyingKey] = []
        self.retired: list[Retired] = []
        self.witnesses: dict[str, VerifyingKey] = {}
        self.groups: list[Group] = []
        self.quorum: list[str] = []
        self.receipt: list[VerifyingKey] = []
        self.receipt_retired: list[Retired] = []
        self.export: list[VerifyingKey] = []
        self.export_retired: list[Retired] = []
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
            case ["receipt-until", at, vkey]:
                ended = Retired(VerifyingKey.parse(vkey), mark_of(read_time(at)))
                self.receipt_retired.append(ended)
            case ["export", vkey]:
                self.export.append(VerifyingKey.parse(vkey))
            case ["export-until", size, vkey]:
                self.export_retired.append(Retired(VerifyingKey.parse(vkey), read_number(size)))
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


def _hours(text: str) -> timedelta:
    if not (found := _HOURS.fullmatch(text)):
        raise ValueError("hours are written like 24h")
    return timedelta(hours=int(found[1]))


def open_rotation(note: str, trust: Trust) -> Rotation:
    """The rotation, if a key trusted in that role and the new one have both signed."""
    said = Rotation.parse(unsigned_text(note))
    # Where nobody is believed in that role there is nobody to be led on from.
    if (known := trust.keys_of(said.role)) and said.old not in known:
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


def mark_of(at: datetime) -> int:
    return (at - _FIRST) // _TICK


def time_of(mark: int) -> datetime:
    return _FIRST + mark * _TICK


def read_number(text: str) -> int:
    """ASCII decimal, no sign, no leading zero, at most 63 bits; else ValueError."""
    if not _NUMBER.fullmatch(text) or int(text) >> 63:
        raise ValueError("not a number as the log writes them")
    return int(text)
