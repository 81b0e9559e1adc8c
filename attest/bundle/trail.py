"""The leaves of each trip, followed from its first to its last (log.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from attest.log.strict64 import decode_hash

from .columns import Row
from .findings import Findings

_AFTER_CLOSE: Final = frozenset({"void", "correction", "approval"})


@dataclass(slots=True)
class _Trip:
    """*hashes* are joined, from counter *first* on."""

    first: int
    n: int
    hashes: bytes
    sealed: bool | None = None
    settled: int | None = None
    done: bool = False


class Trail:
    def __init__(self, findings: Findings) -> None:
        self._findings, self._trips = findings, dict[str, _Trip]()
        self._begin_before = 0

    def before(self, leaf: dict[str, Any], leaf_hash: bytes) -> None:
        """An earlier leaf of a trip that the range cuts, proved on its own."""
        self._follow(leaf, leaf_hash, {"file": "proof/support.jsonl"})

    def see(self, row: Row, where: dict[str, Any]) -> None:
        if "trip" not in row.leaf:
            return
        trip = self._follow(dict(row.leaf), row.hash, where)
        sealed = [state == "sealed" for state in row.shut.values()]
        is_sealed = all(sealed) and bool(sealed) and not row.open
        if any(sealed) != is_sealed or trip.sealed not in {None, is_sealed}:
            self._findings.fail("trip.half_sealed", column="trip", **where)
        trip.sealed = is_sealed

    def close(self) -> None:
        unfinished = sum(not trip.done for trip in self._trips.values())
        if self._begin_before:
            self._findings.note("trip.begins_before", count=self._begin_before)
        if unfinished:
            self._findings.note("trip.unfinished", count=unfinished)

    def _follow(self, leaf: dict[str, Any], leaf_hash: bytes, where: dict[str, Any]) -> _Trip:
        trip = self._trips.get(leaf["trip"])
        if trip is None:
            trip = self._begin(leaf, leaf_hash, where)
        else:
            self._go_on(trip, leaf, where)
            trip.n, trip.hashes = leaf["n"], trip.hashes + leaf_hash
        self._aim(trip, leaf, where)
        self._settle(trip, leaf, where)
        return trip

    def _begin(self, leaf: dict[str, Any], leaf_hash: bytes, where: dict[str, Any]) -> _Trip:
        if (leaf["n"] == 0) != (leaf["t"] == "trip-open"):
            if leaf["n"] == 0:
                self._findings.fail("trip.gap", column="n", found=leaf["t"], **where)
            else:
                self._begin_before += 1
        trip = _Trip(leaf["n"], leaf["n"], leaf_hash)
        self._trips[leaf["trip"]] = trip
        return trip

    def _go_on(self, trip: _Trip, leaf: dict[str, Any], where: dict[str, Any]) -> None:
        fail = self._findings.fail
        if leaf["n"] != trip.n + 1:
            fail("trip.gap", column="n", expected=trip.n + 1, found=leaf["n"], **where)
        elif leaf["pc"] == "" or decode_hash(leaf["pc"]) != trip.hashes[-32:]:
            fail("trip.chain", column="pc", **where)
        elif leaf["t"] == "trip-open":
            fail("trip.chain", column="type", found=leaf["t"], **where)

    def _aim(self, trip: _Trip, leaf: dict[str, Any], where: dict[str, Any]) -> None:
        """*of* and *ofh* name an earlier leaf of this trip; one before the range is not known."""
        if "of" not in leaf or leaf["of"] < trip.first:
            return
        at = 32 * (leaf["of"] - trip.first)
        if trip.hashes[at : at + 32] != decode_hash(leaf["ofh"]):
            self._findings.fail("trip.target", column="of", found=leaf["of"], **where)

    def _settle(self, trip: _Trip, leaf: dict[str, Any], where: dict[str, Any]) -> None:
        fail, kind = self._findings.fail, leaf["t"]
        if trip.settled is not None and kind not in _AFTER_CLOSE:
            fail("trip.after_close", column="type", found=kind, **where)
        if kind == "void":
            if leaf["of"] == trip.settled:
                trip.settled, trip.done = None, False
            elif leaf["of"] == 0:
                trip.done = True
        if kind != "settlement":
            return
        trip.settled, trip.done = leaf["n"], True
        if leaf["count"] != leaf["n"]:
            fail("trip.settlement_count", expected=leaf["n"], found=leaf["count"], **where)
        elif trip.first == 0:
            covered = sha256(trip.hashes[: 32 * leaf["count"]]).digest()
            if decode_hash(leaf["digest"]) != covered:
                fail("trip.settlement_digest", column="digest", **where)
