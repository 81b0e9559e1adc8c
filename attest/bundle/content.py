"""What goes into a bundle, as whoever exports hands it over, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attest.log.leaf import SALT_BYTES, canonical, leaf_hash, parse_canonical, read_leaf
from attest.log.note import SigningKey, VerifyingKey

from .columns import Row


@dataclass(frozen=True, slots=True)
class Opened:
    """A leaf with what may be shown of it.

    *open* holds salt ‖ canonical value by group, *shut* why another group is not shown:
    ``erased``, ``withheld`` (not asked for) or ``sealed`` (the whole leaf is out of scope).
    """

    index: int
    entry: bytes
    open: Mapping[str, bytes] = field(repr=False)
    shut: Mapping[str, str]

    def line(self) -> bytes:
        """Its line in ``leaves.jsonl``, of openings that ``row`` has read.

        They are canonical, so what is put together from them in order is; nothing is spelled anew.
        """
        shown = b",".join(
            b'"%s":{"salt":"%s","value":%s}'
            % (group.encode(), raw[:SALT_BYTES].hex().encode(), raw[SALT_BYTES:])
            for group, raw in sorted(self.open.items())
        )
        shut = canonical(dict(self.shut))
        return b'{"leaf":%d,"open":{%s},"shut":%s}\n' % (self.index, shown, shut)

    def row(self) -> Row:
        values = {g: parse_canonical(raw[SALT_BYTES:]) for g, raw in self.open.items()}
        return Row(self.index, read_leaf(self.entry), leaf_hash(self.entry), values, self.shut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asked, for which leaves [*start*, *stop*), and why. *scope* is what was searched."""

    nonce: str
    start: int
    stop: int
    groups: Sequence[str]
    scope: Mapping[str, Any]
    purpose: str
    requester: str
    requested_at: str
    since: int | None = None

    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "nonce": self.nonce,
            "from": self.start,
            "to": self.stop,
            "groups": list(self.groups),
            "scope": dict(self.scope),
            "purpose": self.purpose,
            "requester": self.requester,
            "requested_at": self.requested_at,
        }
        return told if self.since is None else told | {"since": self.since}


@dataclass(frozen=True, slots=True)
class Support:
    """A leaf outside the stretch, and its way up to the same checkpoint."""

    index: int
    entry: bytes
    proof: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Since:
    """The older checkpoint this bundle continues from, and that it was not rewritten."""

    note: str
    consistency: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """*checkpoint* is the signed note; *left* and *right* the range proof.

    *rules* are files by name under ``rules/``; *anchors* by name under ``proof/anchors/``;
    *parquet*: whether that view is wanted as well.
    *leaves* gives those from a number on, in order.
    """

    request: Request
    leaves: Callable[[int], Iterable[Opened]]
    origin: str
    size: int
    root: bytes
    checkpoint: str
    left: Sequence[bytes]
    right: Sequence[bytes]
    support: Sequence[Support]
    rules: Mapping[str, bytes]
    keys: Mapping[str, Sequence[VerifyingKey]]
    signer: SigningKey
    since: Since | None = None
    anchors: Mapping[str, bytes] = field(default_factory=dict)
    parquet: bool = False

    @property
    def name(self) -> str:
        asked = self.request
        return bundle_name(
            self.origin, start=asked.start, stop=asked.stop, size=self.size, nonce=asked.nonce
        )


def bundle_name(origin: str, *, start: int, stop: int, size: int, nonce: str) -> str:
    """Of the archive, and of the one folder in it."""
    log = origin.replace("/", "-").replace(":", "-")
    return f"tripseal-{log}-{start}-{stop}-{size}-{nonce[:8]}"


@dataclass(slots=True)
class Counts:
    """What the summary says."""

    rows: int = 0
    open: int = 0
    erased: int = 0
    withheld: int = 0
    sealed: int = 0
    trips: int = 0
    total: int = 0
    first_at: str = ""
    last_at: str = ""

    def see(self, row: Row) -> None:
        states = set(row.shut.values())
        self.rows += 1
        self.sealed += "sealed" in states
        self.erased += "erased" in states
        self.withheld += "withheld" in states
        self.open += not states
        self.trips += row.leaf["t"] == "trip-open" and "sealed" not in states
        self.first_at = self.first_at or row.leaf["at"]
        self.last_at = row.leaf["at"]


@dataclass(frozen=True, slots=True)
class Written:
    """*manifest* is the hash of the tag manifest: what the log is told of this bundle."""

    name: str
    manifest: bytes
    counts: Counts
