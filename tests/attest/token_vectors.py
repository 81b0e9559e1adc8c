"""The fixed tokens of tests/vectors/token, and the worthless keys they were made with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attest.claims import Claims, Location, TripClaims
from attest.keyfile import read_opening_keys, read_root, read_sealing_keys
from attest.keys import KeySet, Opener, Sealer

FOLDER = Path(__file__).parents[1] / "vectors" / "token"
HOST = "trip.example.kr"


def text(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def load(name: str) -> Any:
    return json.loads(text(name))


SEALING = read_sealing_keys(text("sealing-keys"))
OPENING = read_opening_keys(text("opening-keys"))
ROOT_SEALING = read_sealing_keys(text("root-sealing-keys"))
ROOT = read_root(text("root"))
VALID: list[dict[str, Any]] = load("valid")["vectors"]
ATTACKS: list[dict[str, Any]] = load("attacks")["cases"]
DOCUMENTS = load("documents")
SAMPLE, COMPACT = VALID[0], VALID[17]
TOKEN = bytes.fromhex(SAMPLE["token_hex"])
NOW: int = SAMPLE["now"]


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def sealer(signer: str = "4301", to: str = "4f01", host: str = HOST) -> Sealer:
    (signing,) = [key for key in SEALING.sign if key.kid.hex() == signer]
    (recipient,) = [key for key in SEALING.seal_to if key.kid.hex() == to]
    return Sealer(signing, recipient, host)


def opener(keyset: KeySet = OPENING.verify, host: str = HOST) -> Opener:
    return Opener(OPENING.open, keyset, host)


def claims_of(said: dict[str, Any]) -> Claims | TripClaims:
    sub, iat, cti = said["sub"], said["iat"], bytes.fromhex(said["cti"])
    if said["purpose"] == "trip":
        digest = bytes.fromhex(said["digest"])
        return TripClaims(sub, iat, cti, said["trip"], said["count"], digest)
    location = Location(**said["location"]) if "location" in said else None
    device = bytes.fromhex(said["device"])
    flags = said.get("flags", 0)
    return Claims(sub, iat, cti, said["trip"], said["kind"], device, location, flags)


CLAIMS = claims_of(SAMPLE["seal"])
