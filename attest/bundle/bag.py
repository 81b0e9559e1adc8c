"""What a bundle says of itself: BagIt manifests (RFC 8493) and the DSSE signature over them.

DSSE: "DSSEv1" SP len SP type SP len SP body, signed by the export key
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attest.errors import ProofRefused
from attest.log.note import SigningKey, VerifyingKey
from attest.log.strict64 import decode64, encode64

MANIFEST: Final = "manifest-sha256.txt"
TAGMANIFEST: Final = "tagmanifest-sha256.txt"
DSSE: Final = "export.dsse.json"
BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
# Neither can hold its own hash, nor what is signed over it.
UNLISTED: Final = frozenset({TAGMANIFEST, DSSE})

_PAYLOAD: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "tripseal/export/v1"
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)", re.ASCII)

Digests = Mapping[str, str]


def manifest(digests: Digests) -> bytes:
    """One line a file, as ``sha256sum -c`` reads it."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def read_manifest(raw: bytes) -> dict[str, str]:
    """ValueError for a line of another form, or a file named twice."""
    found = {}
    text = raw.decode("ascii")
    if not text.endswith("\n") and text:
        raise ValueError("no newline at the end")
    for line in text.split("\n")[:-1]:
        if not (match := _LINE.fullmatch(line)) or match[2] in found:
            raise ValueError("not a line of a manifest")
        found[match[2]] = match[1]
    return found


def bag_info(*, day: str, nonce: str, sizes: Iterable[int]) -> bytes:
    known = list(sizes)
    oxum = f"Payload-Oxum: {sum(known)}.{len(known)}\n"
    return f"Bagging-Date: {day}\nExternal-Identifier: {nonce}\n{oxum}".encode()


def envelope(request: Mapping[str, Any], digests: Digests, signer: SigningKey) -> bytes:
    """*digests* of the two manifests, signed together with the request."""
    body = _json(_statement(request, digests))
    signature = {
        "keyid": signer.verifying.id.hex(),
        "sig": encode64(signer.sign(pae(_PAYLOAD, body))),
    }
    return _json({"payload": encode64(body), "payloadType": _PAYLOAD, "signatures": [signature]})


def open_envelope(raw: bytes, keys: Iterable[VerifyingKey]) -> dict[str, Any]:
    """The statement, signed by one of *keys*; ``ProofRefused("dsse_bad")`` for any other.

    Without keys the signature is not looked at, and the caller says so.
    """
    try:
        said = json.loads(raw)
        body = decode64(said["payload"])
        signatures = [(one["keyid"], decode64(one["sig"])) for one in said["signatures"]]
        statement = json.loads(body)
        kind = str(said["payloadType"])
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise ProofRefused("dsse_bad") from wrong
    known = list(keys)
    held = any(
        key.id.hex() == keyid and key.holds(pae(kind, body), signature)
        for key in known
        for keyid, signature in signatures
    )
    if kind != _PAYLOAD or not isinstance(statement, dict) or (known and not held):
        raise ProofRefused("dsse_bad")
    return statement


def is_statement_of(said: Mapping[str, Any], digests: Digests) -> bool:
    """Whether *said* names just these two manifests."""
    told = _statement(said.get("predicate", {}), digests)
    return _json(told) == _json(said)


def pae(kind: str, body: bytes) -> bytes:
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def _statement(request: Mapping[str, Any], digests: Digests) -> dict[str, Any]:
    subjects = [{"digest": {"sha256": digests[name]}, "name": name} for name in sorted(digests)]
    return {
        "_type": _STATEMENT,
        "predicate": request,
        "predicateType": _PREDICATE,
        "subject": subjects,
    }


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()
