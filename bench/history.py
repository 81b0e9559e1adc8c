"""An honest log of any length, leaf by leaf and never whole in memory: trips as offices make them.

Six leaves a trip: opened, two touches, an approval, a settlement, and a look at it. The same
number gives the same bytes, so it can be read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.allowance import claim_from, compute, read_sets
from attest.bundle.content import Content, Opened, Request, Support
from attest.commands.shipped import shipped
from attest.log.leaf import (
    Accessed,
    Approved,
    CheckedIn,
    ConfigChanged,
    Event,
    ExportRequested,
    Leaf,
    Settled,
    TripOpened,
    build,
    canonical,
    groups,
    time_text,
)
from attest.log.merkle import Frontier
from attest.log.note import SigningKey, sign_note
from attest.log.proof import Checkpoint
from attest.log.signing import EcdsaSigner, Ed25519Signer
from attest.log.trust import Trust

ORIGIN = "tripseal.example.go.kr/log"
START = datetime(2026, 10, 5, tzinfo=UTC)
PERSON, NONCE = "p00000002", "n" + "5a" * 16
SCOPE = {"since": "2026-10-01"}
WHO = {"person": PERSON, "name": "김한결", "dept": "안전총괄과", "grade": 2}


def signers(name: str) -> tuple[SigningKey, ...]:
    seed = sha256(name.encode()).digest()
    number = int.from_bytes(seed) % (1 << 255)
    return (
        Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(seed)),
        EcdsaSigner(name, derive_private_key(number, SECP256R1())),
    )


def exporter() -> SigningKey:
    return signers(f"{ORIGIN}/export")[0]


def trust() -> Trust:
    log = tuple(one.verifying for one in signers(ORIGIN))
    return Trust(log=log, export=(exporter().verifying,))


@cache
def rule_files() -> dict[str, bytes]:
    """The shipped sets by ``id@version``."""
    found = {}
    for text in shipped():
        said = dict(line.split(" = ", 1) for line in text.splitlines() if line.startswith(_NAMED))
        found["{id}@{version}".format(**{k: v.strip('"') for k, v in said.items()})] = text.encode()
    return found


_NAMED = ("id = ", "version = ")


@cache
def settled() -> dict[str, Any]:
    """What a settlement of one trip holds, computed by the shipped rules."""
    trip = {
        "id": "a",
        "starts_at": "2026-10-05T09:00:00+09:00",
        "ends_at": "2026-10-05T13:30:00+09:00",
        "workplace": {"unit": "48121"},
        "destination": {"unit": "48123"},
        "distances": [{"from": "workplace", "method": "road_route", "one_way_m": 6_000}],
    }
    person = {"id": PERSON, "grade": 2}
    facts = {"contract": "allowance/1", "person": person, "trips": [trip]}
    own = compute(claim_from(facts), read_sets(shipped())).as_dict()["trips"][0]
    lines = [{n: line[n] for n in ("item", "amount", "rule", "status")} for line in own["lines"]]
    told = {name: own[name] for name in ("rule_set", "rule_digest", "total")}
    return told | {"facts": facts, "lines": lines}


class History:
    """The first *count* leaves of a log, and the request for them right behind."""

    def __init__(self, count: int) -> None:
        self.count = count
        grown = Frontier()
        for leaf in self._leaves():
            grown.append(leaf.hash)
        self._peaks = grown.peaks
        self.request = self._asked()
        grown.append(self.request.hash)
        self.root = grown.root()

    def content(self) -> Content:
        """For a bundle with every group open."""
        text = Checkpoint(ORIGIN, self.count + 1, self.root).text()
        # The request is the last leaf: all that stands left of it is its way up.
        way = tuple(reversed(self._peaks))
        keys = {"log": trust().log, "export": trust().export}
        return Content(
            request=Request(
                nonce=NONCE,
                start=0,
                stop=self.count,
                groups=["biz", "id", "loc"],
                scope=SCOPE,
                purpose="regular-audit",
                requester="p0000000a",
                requested_at=time_text(self._at(self.count)),
            ),
            leaves=lambda first: islice(self.opened(), first, None),
            origin=ORIGIN,
            size=self.count + 1,
            root=self.root,
            checkpoint=sign_note(text, signers(ORIGIN)),
            left=(),
            right=(self.request.hash,),
            support=[Support(self.count, self.request.entry, way)],
            rules={f"{name}.toml": raw for name, raw in rule_files().items()},
            keys=keys,
            signer=exporter(),
        )

    def opened(self) -> Iterator[Opened]:
        for index, leaf in enumerate(self._leaves()):
            yield Opened(index, leaf.entry, leaf.openings, {})

    def _leaves(self) -> Iterator[Leaf]:
        for index, (name, raw) in enumerate(rule_files().items()):
            yield self._built(index, self._announced(name, raw))
        index, trip = len(rule_files()), 0
        while index < self.count:
            for leaf in self._trip(trip, index):
                if index < self.count:
                    yield leaf
                index += 1
            trip += 1

    def _announced(self, name: str, raw: bytes) -> ConfigChanged:
        digest, who = sha256(raw).digest(), {"actor": "p00000001"}
        return ConfigChanged(
            subject="rule-set", name=name, sha256=digest, from_="2018-01-01", who=who
        )

    def _trip(self, number: int, index: int) -> Iterator[Leaf]:
        name, hashes = f"t{number:032x}", list[bytes]()
        for event in self._deeds(number, hashes):
            before = hashes[-1] if hashes else None
            leaf = self._built(index + len(hashes), event, trip=name, n=len(hashes), pc=before)
            hashes.append(leaf.hash)
            yield leaf
        who = {"actor": "p9", "role": "clerk", "source": "10.0.0.1", "subjects": [PERSON]}
        look = Accessed(method="scan", purpose="settlement", count=1, who=who)
        yield self._built(index + len(hashes), look)

    def _deeds(self, number: int, hashes: list[bytes]) -> Iterator[Event]:
        plan = {
            "area": "in",
            "purpose": f"도로 점검 {number}",
            "starts": "2026-10-05T09:00+09:00",
            "ends": "2026-10-05T13:30+09:00",
            "vehicle": "transit",
            "stops": ["시험구청"],
        }
        yield TripOpened(who=WHO, what=plan)
        fix = {"lat_e6": 35_253_647 + number % 999, "lon_e6": 128_640_312, "acc_m": 13}
        for kind in ("arrive", "return"):
            what = {"kind": kind, "place": "용호동", "support": 71, "concern": 0}
            what |= {"verdict": "SUFFICIENT", "rules": "1"}
            tok = sha256(f"{number}/{kind}".encode()).digest()
            yield CheckedIn(tok=tok, who={"person": PERSON}, what=what, where=fix)
        decided = {"decision": "approve", "step": 2}
        yield Approved(of=0, ofh=hashes[0], who={"actor": "p0000000b"}, what=decided)
        digest, who = sha256(b"".join(hashes)).digest(), {"actor": "p0000000c", "person": PERSON}
        yield Settled(count=len(hashes), digest=digest, who=who, what=settled())

    def _asked(self) -> Leaf:
        asked = ExportRequested(
            nonce=NONCE,
            from_=0,
            to=self.count,
            groups=["biz", "id", "loc"],
            purpose="regular-audit",
            scope=sha256(canonical(SCOPE)).digest(),
            who={"actor": "p0000000a"},
        )
        return self._built(self.count, asked)

    def _built(self, index: int, event: Event, **line: Any) -> Leaf:
        salts = {g: sha256(f"{index}/{g}".encode()).digest() for g in groups(event)}
        return build(event, at=self._at(index), salts=salts, **line)

    def _at(self, index: int) -> datetime:
        return START + timedelta(milliseconds=200 * index)
