"""A key that everybody has starts no installation: those of the published test vectors."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from attest.log.note import VerifyingKey
from vault import keyring
from vault.keyring import known
from vault.keyring.file import replace_key

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
TOKEN = VECTORS / "token"


def jwks(said: Any) -> Iterator[dict[str, str]]:
    if isinstance(said, dict):
        if "kty" in said:
            yield said
        said = list(said.values())
    if isinstance(said, list):
        for inner in said:
            yield from jwks(inner)


def vkeys(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        if "secret_label" in said:
            yield said["vkey"]
        said = list(said.values())
    if isinstance(said, list):
        for inner in said:
            yield from vkeys(inner)


def public_of(jwk: dict[str, str]) -> bytes:
    halves = [urlsafe_b64decode(jwk[axis] + "=") for axis in ("x", "y") if axis in jwk]
    return b"".join(halves) if len(halves) == 1 else b"\x04" + b"".join(halves)


def test_every_key_of_the_vectors_is_known_and_no_other() -> None:
    documents = [json.loads(path.read_text()) for path in TOKEN.glob("*.json")]
    token = {public_of(jwk) for document in documents for jwk in jwks(document)}
    notes = json.loads((VECTORS / "log" / "notes.json").read_text())
    log = {VerifyingKey.parse(vkey).material[-65:] for vkey in vkeys(notes)}

    # Of a site code, and of a tag that kept the key of its factory.
    plain = {bytes(range(32)), bytes(16)}

    assert len(token) > 8
    assert len(log) > 5
    assert {sha256(key).digest() for key in token | log | plain} == known.PUBLISHED


@pytest.mark.parametrize("name", [keyring.SEALING, keyring.OPENING])
@pytest.mark.parametrize("origin", ["demonstration", "office"])
def test_no_start_with_a_key_of_the_vectors(
    name: str,
    origin: str,
    folder: Path,
    settings: Any,
) -> None:
    settings.DEMO = origin == "demonstration"
    replace_key(folder / name, (TOKEN / name).read_bytes())

    with pytest.raises(ImproperlyConfigured, match="a test key, known to everybody"):
        keyring.check()
    with pytest.raises(CommandError, match="a test key"):
        call_command("keys", "check")


def test_nobody_is_sealed_to_who_is_known_to_everybody(folder: Path) -> None:
    ours = json.loads((folder / keyring.SEALING).read_text())
    theirs = json.loads((TOKEN / keyring.SEALING).read_text())
    ours["seal_to"] = [record for record in theirs["seal_to"] if record["kid"] != "4f01"][:1]
    assert ours["seal_to"]
    replace_key(folder / keyring.SEALING, json.dumps(ours).encode())

    with pytest.raises(ImproperlyConfigured, match="a test key"):
        keyring.check()
