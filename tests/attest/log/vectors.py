"""The published vectors, and the test keys that signed them."""

from __future__ import annotations

import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.log.leaf import leaf_hash
from attest.log.note import VerifyingKey
from attest.log.signing import Cosigner, EcdsaSigner, Ed25519Signer
from attest.log.trust import Trust

FOLDER = Path(__file__).parents[2] / "vectors" / "log"


@cache
def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def raw(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(map(b64decode, texts))


def entry(index: int) -> bytes:
    """Leaf *index* of the log in tree.json: a heartbeat a second."""
    at = f"2026-01-01T00:{index // 60:02d}:{index % 60:02d}.000000Z"
    return f'{{"at":"{at}","every":1,"t":"heartbeat","v":1}}'.encode()


@cache
def hashes() -> tuple[bytes, ...]:
    return tuple(leaf_hash(entry(index)) for index in range(1000))


def key(name: str) -> VerifyingKey:
    return VerifyingKey.parse(load("notes")["keys"][name]["vkey"])


def _ed25519(name: str) -> Ed25519PrivateKey:
    seed = bytes.fromhex(load("notes")["keys"][name]["seed"])
    return Ed25519PrivateKey.from_private_bytes(seed)


def ed25519(name: str) -> Ed25519Signer:
    return Ed25519Signer(load("notes")["keys"][name]["name"], _ed25519(name))


def ecdsa(name: str) -> EcdsaSigner:
    said = load("notes")["keys"][name]
    private = ec.derive_private_key(int(said["scalar"], 16), ec.SECP256R1())
    return EcdsaSigner(said["name"], private)


def cosigner(time: int) -> Cosigner:
    return Cosigner(load("notes")["keys"]["witness"]["name"], _ed25519("witness"), time)


def trust() -> Trust:
    return Trust(
        log=(key("log"), key("log_ecdsa")),
        witnesses={"w1": key("witness")},
        receipt=(key("receipt"), key("receipt_ecdsa")),
        export=(key("export"),),
    )
