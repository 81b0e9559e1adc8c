"""A town with a log and nothing else: honest histories, bundles of them, and hands that alter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.allowance import claim_from, compute
from attest.bundle import bag
from attest.bundle.archive import Archive
from attest.bundle.asked import Asked, Report
from attest.bundle.content import Content, Opened, Request, Since, Support
from attest.bundle.packing import archive_of, packed
from attest.bundle.verify import verify
from attest.bundle.write import write
from attest.commands.shipped import shipped
from attest.log.leaf import (
    Accessed,
    Approved,
    CheckedIn,
    ClockStepped,
    ConfigChanged,
    Corrected,
    Erased,
    Event,
    ExportRequested,
    Heartbeat,
    KeyRotated,
    Leaf,
    Settled,
    TripOpened,
    Voided,
    build,
    canonical,
    groups,
    leaf_hash,
    parse_canonical,
    time_text,
)
from attest.log.note import Kind, SigningKey, sign_note
from attest.log.proof import Checkpoint, Receipt
from attest.log.signing import EcdsaSigner, Ed25519Signer
from attest.log.tiles import Tree, extend
from attest.log.trust import Rotation, Trust
from tests.attest.allowance import claims
from tests.attest.log.vectors import cosigner, ecdsa, ed25519, key

ORIGIN = "tripseal.example.go.kr/log"
START = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)
LATER = datetime(2027, 3, 1, tzinfo=UTC)
NONCE = "n" + "5a" * 16
SCOPE = {"since": "2026-10-01"}
NATIONAL = "kr-national@2026-07-01"


@cache
def rule_files() -> Mapping[str, bytes]:
    """The shipped sets by ``id@version``."""
    found = {}
    for text in shipped():
        said = dict(
            line.split(" = ", 1) for line in text.splitlines() if line[:4] in {"id =", "vers"}
        )
        found[f"{said['id'].strip(chr(34))}@{said['version'].strip(chr(34))}"] = text.encode()
    return found


class Dice:
    """The same throws for the same seed, on every machine."""

    def __init__(self, seed: int) -> None:
        self._seed, self._thrown = seed, 0

    def bytes(self) -> bytes:
        self._thrown += 1
        return sha256(f"{self._seed}/{self._thrown}".encode()).digest()

    def below(self, bound: int) -> int:
        return int.from_bytes(self.bytes()[:8], "big") % bound


def both_keys() -> tuple[SigningKey, ...]:
    return ed25519("log"), ecdsa("log_ecdsa")


def rotation_of(old: SigningKey, new: SigningKey, at: datetime, *, role: str = "log") -> KeyRotated:
    rotation = Rotation(ORIGIN, role, old.verifying, new.verifying, at)
    note = sign_note(rotation.text(), [old, new])
    return KeyRotated(role=role, note=note, who={"actor": "p1"})


def receipt_keys() -> tuple[SigningKey, ...]:
    return ed25519("receipt"), ecdsa("receipt_ecdsa")


@dataclass(slots=True)
class TripSoFar:
    id: str
    hashes: list[bytes] = field(default_factory=list)
    touches: list[int] = field(default_factory=list)
    paid: int | None = None
    over: bool = False


@dataclass
class Town:
    """Every leaf, with its openings, in order."""

    dice: Dice = field(default_factory=lambda: Dice(0))
    leaves: list[Leaf] = field(default_factory=list)
    trips: dict[str, TripSoFar] = field(default_factory=dict)
    owner: list[str] = field(default_factory=list)
    erased: dict[int, set[str]] = field(default_factory=dict)
    now: datetime = START
    signers: Sequence[SigningKey] = field(default_factory=both_keys)
    # Who signed up to which leaf.
    before: list[tuple[int, Sequence[SigningKey]]] = field(default_factory=list)
    exporter: SigningKey = field(default_factory=lambda: ed25519("export"))
    promisers: Sequence[SigningKey] = field(default_factory=receipt_keys)

    # -- writing ---------------------------------------------------------------------------

    def put(self, event: Event, *, trip: str = "", wait: timedelta = timedelta(minutes=3)) -> Leaf:
        self.now += wait
        salts = {group: self.dice.bytes() for group in groups(event)}
        line: dict[str, Any] = {}
        if trip:
            before = self.trips.setdefault(trip, TripSoFar(trip)).hashes
            line = {"trip": trip, "n": len(before), "pc": before[-1] if before else None}
        leaf = build(event, at=self.now, salts=salts, **line)
        if trip:
            self.trips[trip].hashes.append(leaf.hash)
        self.leaves.append(leaf)
        self.owner.append(trip)
        return leaf

    def found(self) -> None:
        """Log start and the rules, as the first deeds leave them."""
        vkeys = "".join(f"{one.verifying.vkey}\n" for one in self.signers)
        self.config("log-start", ORIGIN, sha256(vkeys.encode()).digest())
        for name, raw in rule_files().items():
            self.config("rule-set", name, sha256(raw).digest(), from_="2018-01-01")

    def config(self, what: str, name: str, digest: bytes | None = None, **more: Any) -> Leaf:
        who = {"actor": "p00000001"}
        return self.put(ConfigChanged(subject=what, name=name, sha256=digest, who=who, **more))

    def open(self, person: str = "p00000002") -> str:
        trip = "t" + self.dice.bytes()[:16].hex()
        who = {"person": person, "name": "=가나다", "dept": "안전총괄과", "grade": 2}
        what = {
            "area": "in",
            "purpose": "도로 점검",
            "starts": "2026-10-06T09:00+09:00",
            "ends": "2026-10-06T13:30+09:00",
            "vehicle": "transit",
            "stops": ["시험구청", "+시험\n동"],
        }
        where = {"stops": [{"lat_e6": 35_228_021, "lon_e6": 128_681_134}]}
        self.put(TripOpened(who=who, what=what, where=where), trip=trip)
        return trip

    def touch(self, trip: str, kind: str = "arrive") -> Leaf:
        what = {"kind": kind, "support": 71, "concern": -3, "verdict": "SUFFICIENT", "rules": "1"}
        where = {"lat_e6": 35_253_647, "lon_e6": 128_640_312, "acc_m": 13}
        tok = self.dice.bytes()
        self.trips[trip].touches.append(len(self.trips[trip].hashes))
        return self.put(
            CheckedIn(tok=tok, who={"person": "p00000002"}, what=what, where=where), trip=trip
        )

    def approve(self, trip: str, step: int = 2) -> Leaf:
        what = {"decision": "approve", "step": step}
        ofh = self.trips[trip].hashes[0]
        return self.put(Approved(of=0, ofh=ofh, who={"actor": "p0000000b"}, what=what), trip=trip)

    def correct(self, trip: str, of: int = 0) -> Leaf:
        what = {"reason": "오기", "new": {"purpose": "교량 점검"}}
        ofh = self.trips[trip].hashes[of]
        return self.put(Corrected(of=of, ofh=ofh, who={"actor": "p2"}, what=what), trip=trip)

    def void(self, trip: str, of: int) -> Leaf:
        ofh = self.trips[trip].hashes[of]
        self.trips[trip].paid = None
        self.trips[trip].over = of == 0
        what = {"reason": "잘못 누름"}
        return self.put(Voided(of=of, ofh=ofh, who={"actor": "p2"}, what=what), trip=trip)

    def settle(self, trip: str, *, hours: str = "09:00:00-13:30:00", **changed: Any) -> Leaf:
        so_far = self.trips[trip]
        digest = sha256(b"".join(so_far.hashes)).digest()
        so_far.paid = len(so_far.hashes)
        who = {"actor": "p0000000c", "person": "p00000002"}
        event = Settled(
            count=len(so_far.hashes), digest=digest, who=who, what=settled(hours) | changed
        )
        return self.put(event, trip=trip)

    def whole_trip(self, **said: Any) -> str:
        trip = self.open()
        self.touch(trip)
        self.touch(trip, "return")
        self.approve(trip)
        self.settle(trip, **said)
        return trip

    def erase(self, group: str, start: int, stop: int, *, reason: str = "order") -> Leaf:
        for index in range(start, stop):
            if group in self.leaves[index].openings:
                self.erased.setdefault(index, set()).add(group)
        return self.put(
            Erased(
                group=group,
                ranges=[[start, stop]],
                count=stop - start,
                reason=reason,
                policy="loc-60",
                who={"actor": "p1", "second": "p3"},
            )
        )

    def rotate(self, kind: Kind = Kind.ED25519) -> Leaf:
        """One key of the log is followed by another; both sign."""
        (old,) = (one for one in self.signers if one.verifying.kind is kind)
        new = self.heir(kind)
        self.before.append((len(self.leaves), self.signers))
        self.signers = tuple(new if one is old else one for one in self.signers)
        return self.put(rotation_of(old, new, self.now))

    def rotate_exporter(self) -> Leaf:
        old, self.exporter = self.exporter, self.heir(Kind.ED25519, self.exporter.verifying.name)
        return self.put(rotation_of(old, self.exporter, self.now, role="export"))

    def rotate_promisers(self) -> None:
        old, name = self.promisers, f"{ORIGIN}/receipt"
        self.promisers = tuple(self.heir(one.verifying.kind, name) for one in old)
        at = self.now
        for before, after in zip(old, self.promisers, strict=True):
            self.put(rotation_of(before, after, at, role="receipt"))

    def promise(self, leaf: Leaf, at: datetime | None = None) -> str:
        return sign_note(Receipt(ORIGIN, leaf.hash, at or self.now).text(), self.promisers)

    def heir(self, kind: Kind, name: str = ORIGIN) -> SigningKey:
        seed = self.dice.bytes()
        if kind is Kind.ED25519:
            return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(seed))
        return EcdsaSigner(name, derive_private_key(int.from_bytes(seed[1:]), SECP256R1()))

    def signers_at(self, size: int) -> Sequence[SigningKey]:
        return next((held for until, held in self.before if size <= until), self.signers)

    def beat(self) -> Leaf:
        return self.put(Heartbeat(every=3600))

    def look(self) -> Leaf:
        who = {"actor": "p9", "role": "clerk", "source": "10.0.0.1", "subjects": ["p00000002"]}
        return self.put(Accessed(method="scan", purpose="settlement", count=1, who=who))

    def step_back(self) -> None:
        """A row that committed late: the sequencer says so before it."""
        was, is_now = self.now, self.now - timedelta(minutes=10)
        self.now = is_now
        step = ClockStepped(was=time_text(was), now=time_text(is_now), cause="late-commit")
        self.put(step, wait=timedelta())

    # -- proving ---------------------------------------------------------------------------

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(leaf.entry) for leaf in self.leaves]

    def tree(self, size: int = -1) -> Tree:
        hashes = self.hashes[: size if size >= 0 else None]
        tiles = extend({}, hashes)
        return Tree(lambda level, index: tiles[level, index], len(hashes))

    def note(self, size: int = -1, *, witness: datetime | None = None) -> str:
        tree = self.tree(size)
        signers = [*self.signers_at(tree.size)]
        if witness:
            signers.append(cosigner(int(witness.timestamp())))
        return sign_note(Checkpoint(ORIGIN, tree.size, tree.root()).text(), signers)

    def bundle(self, *said: Any, **more: Any) -> bytes:
        return written(self.content(*said, **more))

    def content(
        self,
        start: int = 0,
        stop: int = -1,
        *,
        groups: Sequence[str] = ("biz", "id", "loc"),
        seal: Sequence[str] = (),
        since: int | None = None,
        witness: bool = True,
        rules: Mapping[str, bytes] | None = None,
        scope: Mapping[str, Any] = SCOPE,
        parquet: bool = False,
    ) -> Content:
        """As an honest server hands it out: the request is logged first."""
        stop = stop if stop >= 0 else len(self.leaves)
        self.put(
            ExportRequested(
                nonce=NONCE,
                from_=start,
                to=stop,
                groups=sorted(groups),
                purpose="regular-audit",
                scope=sha256(canonical(scope)).digest(),
                who={"actor": "p0000000a"},
            )
        )
        asked = Request(
            nonce=NONCE,
            start=start,
            stop=stop,
            groups=sorted(groups),
            scope=scope,
            purpose="regular-audit",
            requester="p0000000a",
            requested_at=time_text(self.now),
            since=since,
        )
        tree = self.tree()
        left, right = tree.range(start, stop)
        older = Since(self.note(since), tree.consistency(since)) if since is not None else None
        return Content(
            request=asked,
            leaves=lambda at: (self.opened(index, groups, seal) for index in range(at, stop)),
            origin=ORIGIN,
            size=tree.size,
            root=tree.root(),
            checkpoint=self.note(witness=self.now if witness else None),
            left=left,
            right=right,
            support=list(self._support(tree, start, stop, seal)),
            rules={f"{k}.toml": v for k, v in rule_files().items()} if rules is None else rules,
            keys={
                "log": [one.verifying for one in self.signers],
                "receipt": [one.verifying for one in self.promisers],
                "export": [self.exporter.verifying],
            },
            signer=self.exporter,
            since=older,
            parquet=parquet,
        )

    def opened(self, index: int, asked: Sequence[str], seal: Sequence[str]) -> Opened:
        leaf, gone = self.leaves[index], self.erased.get(index, set())
        if self.owner[index] in seal and self.owner[index]:
            return Opened(index, leaf.entry, {}, dict.fromkeys(leaf.openings, "sealed"))
        shut = {g: "erased" for g in leaf.openings if g in gone}
        shut |= {g: "withheld" for g in leaf.openings if g not in gone and g not in asked}
        shown = {g: raw for g, raw in leaf.openings.items() if g not in shut}
        return Opened(index, leaf.entry, shown, shut)

    def _support(self, tree: Tree, start: int, stop: int, seal: Sequence[str]) -> Iterator[Support]:
        inside = {self.owner[index] for index in range(start, stop)} - {*seal, ""}
        for index, leaf in enumerate(self.leaves):
            if start <= index < stop:
                continue
            rare = any(
                mark in leaf.entry
                for mark in (b'"rule-set"', b'"t":"erasure"', b'"t":"key-rotation"', b"log-start")
            )
            own = NONCE.encode() in leaf.entry
            if rare or own or (self.owner[index] in inside and index < start):
                yield Support(index, leaf.entry, tree.inclusion(index))


@cache
def settled(hours: str) -> dict[str, Any]:
    """What a settlement of one trip holds, computed by the shipped rules."""
    facts = claims.claim(claims.trip(hours), rule_set="kr-national")
    own = compute(claim_from(facts), claims.rules()).as_dict()["trips"][0]
    lines = [{n: line[n] for n in ("item", "amount", "rule", "status")} for line in own["lines"]]
    return {
        "facts": facts,
        "rule_set": own["rule_set"],
        "rule_digest": own["rule_digest"],
        "lines": lines,
        "total": own["total"],
    }


def written(content: Content) -> bytes:
    out = BytesIO()
    write(out, content)
    return out.getvalue()


def trust(**said: Any) -> Trust:
    """The auditor's own file: both log keys, the witness, the export key."""
    known: dict[str, Any] = {
        "log": (key("log"), key("log_ecdsa")),
        "witnesses": {"w1": key("witness")},
        "quorum": "w1",
        "receipt": (key("receipt"), key("receipt_ecdsa")),
        "export": (key("export"),),
    }
    return Trust(**(known | said))


def judged(raw: bytes, **said: Any) -> Report:
    given: dict[str, Any] = {"trust": trust(), "now": LATER}
    return verify(Archive(BytesIO(raw)), Asked(**(given | said)))


def codes(report: Report, *severities: str) -> set[str]:
    wanted = severities or ("fail",)
    return {one.code for one in report.findings if one.severity in wanted}


# -- hands that alter --------------------------------------------------------------------


def members(raw: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(raw)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def repacked(files: Mapping[str, bytes], top: str = "tripseal-x") -> bytes:
    names = sorted(files, key=str.encode)
    return b"".join(archive_of((f"{top}/{name}", packed(files[name])) for name in names))


def resealed(files: Mapping[str, bytes], *, by: str = "export") -> bytes:
    """New manifests and a new signature, as whoever holds the export key can make them."""
    rest = {n: raw for n, raw in files.items() if n not in {*bag.UNLISTED, bag.MANIFEST}}
    digests = {name: sha256(raw).hexdigest() for name, raw in rest.items()}
    payload = {name: one for name, one in digests.items() if name.startswith("data/")}
    tags = {name: one for name, one in digests.items() if name not in payload}
    manifest = bag.manifest(payload)
    tags[bag.MANIFEST] = sha256(manifest).hexdigest()
    tagged = bag.manifest(tags)
    both = {bag.MANIFEST: tags[bag.MANIFEST], bag.TAGMANIFEST: sha256(tagged).hexdigest()}
    signed = bag.envelope(parse_canonical(rest["request.json"]), both, ed25519(by))
    return repacked(rest | {bag.MANIFEST: manifest, bag.TAGMANIFEST: tagged, bag.DSSE: signed})


def small() -> Town:
    """Two trips that end whole, a look at one between them, and a heartbeat."""
    town = Town()
    town.found()
    town.whole_trip()
    town.look()
    town.whole_trip()
    town.beat()
    return town
