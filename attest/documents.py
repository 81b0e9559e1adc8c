"""The two signed documents a reader holds: KeySet and status list, token.md §5.

    keyset = { 1: host, 6: iat, -65539: { 1: seq, 2: [ + record ] } }  by the root key
    status = { 1: host, 6: iat, -65540: { 1: seq, 2: revoked ids } }   by a status key

Both are COSE_Sign1, read as strictly as a token and judged before it.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from . import cbor, cose
from .errors import KeysUnusable, TokenRefused
from .keys import (
    COSE_ALGS,
    TOKEN_USES,
    Alg,
    KeySet,
    Kid,
    RecipientKey,
    SealingKey,
    Use,
    VerifyKey,
    Window,
    checked_host,
    public_half,
    signed,
    verified,
)

LARGEST_KEYSET = 64 * 1024
LARGEST_STATUS = 16 * 1024 * 1024
_LARGEST = {Use.KEYSET: LARGEST_KEYSET, Use.STATUS: LARGEST_STATUS}
MOST_RECORDS = 600
SKEW_S = 60

_HOST, _IAT, _KEYSET, _STATUS = 1, 6, -65539, -65540
_KTY, _KID, _ALG, _CRV, _X, _Y = 1, 2, 3, -1, -2, -3
_USE, _NBF, _NAF, _MAX_AGE, _WITHDRAWN = -65537, -65538, -65539, -65540, -65541
_USES = {1: Use.CHECK_IN, 2: Use.TRIP, 3: Use.STATUS, 4: Use.OPEN}
_USE_NUMBERS = {use: number for number, use in _USES.items()}
_ALGS = {number: alg for alg, number in COSE_ALGS.items()}
_CURVES = {
    Alg.ES256: (2, 1),
    Alg.HPKE_7: (2, 1),
    Alg.ED25519: (1, 6),
    Alg.HPKE_3: (1, 4),
}


@dataclass(frozen=True, slots=True)
class StatusList:
    """The revoked ids, 8 bytes each and ascending, searched where they lie."""

    ids: bytes = field(repr=False)
    seq: int
    iat: int

    def __len__(self) -> int:
        return len(self.ids) // 8

    def __contains__(self, cti: bytes) -> bool:
        ids = self.ids
        at = bisect_left(range(len(self)), cti, key=lambda i: ids[8 * i : 8 * i + 8])
        return ids[8 * at : 8 * at + 8] == cti


def read_keyset(
    document: bytes,
    *,
    root: VerifyKey,
    host: str,
    now: int,
    max_age_s: int | None = None,
    least_seq: int = 0,
) -> KeySet:
    """The keys *root* vouches for. *least_seq*: the highest a reader has ever seen."""
    if root.use is not Use.KEYSET:
        raise KeysUnusable(f"kid {root.kid.hex()} is no root key")
    payload, signer = _verified(document, {root.header: root}, Use.KEYSET, host)
    keyset = keyset_in(payload, host=host)
    iat, seq = keyset.iat or 0, keyset.seq or 0
    _judge_time(iat, signer=signer, now=now, at="keyset")
    if seq < least_seq or (max_age_s is not None and now - iat > max_age_s):
        raise TokenRefused("stale_keys", at="keyset")
    return keyset


def keyset_in(payload: bytes, *, host: str) -> KeySet:
    """Only for a payload whose signature held; its time is still to be judged."""
    said = cbor.read(payload, at="keyset", entries=MOST_RECORDS)
    iat, seq, records = _told(said, _KEYSET, list, host, at="keyset")
    return _keyset(records, seq=seq, iat=iat)


def read_status(
    document: bytes,
    *,
    keyset: KeySet,
    host: str,
    now: int,
    max_age_s: int | None = None,
    least_seq: int = 0,
) -> StatusList:
    """The list, if a status key of *keyset* signed it inside its window."""
    payload, signer = _verified(document, keyset.of({Use.STATUS}), Use.STATUS, host)
    status = status_in(payload, host=host)
    _judge_time(status.iat, signer=signer, now=now, at="status")
    if status.seq < least_seq or (max_age_s is not None and now - status.iat > max_age_s):
        raise TokenRefused("stale_status", at="status")
    return status


def status_in(payload: bytes, *, host: str) -> StatusList:
    """Only for a payload whose signature held; its time is still to be judged."""
    said = cbor.read(payload, at="status")
    iat, seq, ids = _told(said, _STATUS, bytes, host, at="status")
    # Sorted, or a binary search would pass over an id that is there.
    if len(ids) % 8 or not all(a < b for a, b in pairwise(struct.iter_unpack("8s", ids))):
        raise TokenRefused("malformed", at="status")
    return StatusList(ids, seq, iat)


def sign_keyset(
    keys: Sequence[VerifyKey | RecipientKey],
    *,
    root: SealingKey,
    host: str,
    seq: int,
    at: int,
) -> bytes:
    """``keyset.cbor``: the public halves of *keys*; TokenRefused where nobody could read it."""
    payload = write_keyset(keys, host=host, seq=seq, at=at)
    document = _signed(payload, signer=root, use=Use.KEYSET, host=host, at=at)
    # What is signed must be what the reader takes.
    read_keyset(document, root=public_half(root), host=host, now=at)
    return document


def sign_status(ids: Iterable[bytes], *, signer: SealingKey, host: str, seq: int, at: int) -> bytes:
    """``status.cbor``: *ids* in any order, each once; TokenRefused where nobody could read it."""
    payload = write_status(ids, host=host, seq=seq, at=at)
    document = _signed(payload, signer=signer, use=Use.STATUS, host=host, at=at)
    read_status(document, keyset=KeySet((public_half(signer),)), host=host, now=at)
    return document


def write_keyset(
    keys: Iterable[VerifyKey | RecipientKey], *, host: str, seq: int, at: int
) -> bytes:
    """What a KeySet says, before it is signed."""
    records = [_record(key) for key in sorted(keys, key=lambda key: key.kid)]
    return cbor.write({_HOST: checked_host(host), _IAT: at, _KEYSET: {1: seq, 2: records}})


def write_status(ids: Iterable[bytes], *, host: str, seq: int, at: int) -> bytes:
    """What a status list says, before it is signed."""
    told = sorted(set(ids))
    if any(len(cti) != 8 for cti in told):
        raise ValueError("an id is 8 bytes")
    return cbor.write({_HOST: checked_host(host), _IAT: at, _STATUS: {1: seq, 2: b"".join(told)}})


def _signed(payload: bytes, *, signer: SealingKey, use: Use, host: str, at: int) -> bytes:
    if signer.use is not use or not signer.window.holds(at):
        raise KeysUnusable(f"kid {signer.kid.hex()} does not sign a {use} document now")
    document = signed(payload, signer=signer, aad=cose.bound(use, host, b""))
    if len(document) > _LARGEST[use]:
        raise KeysUnusable(f"a {use} document of {len(document)} bytes is read by nobody")
    return document


def _verified(
    document: bytes, keys: Mapping[bytes, VerifyKey], use: Use, host: str
) -> tuple[bytes, VerifyKey]:
    if len(document) > _LARGEST[use]:
        raise TokenRefused("malformed", at=use)
    aad = cose.bound(use, checked_host(host), b"")
    return verified(document, keys=keys, aad=lambda _: aad, at=use)


def _told(said: object, label: int, kind: type, host: str, *, at: str) -> tuple[int, int, Any]:
    """iat, seq and content, once shape and host are right."""
    if type(said) is not dict or said.keys() != {_HOST, _IAT, label}:
        raise TokenRefused("malformed", at=at)
    if type(said[_HOST]) is not str or not _is_uint(said[_IAT]):
        raise TokenRefused("malformed", at=at)
    own = said[label]
    if type(own) is not dict or own.keys() != {1, 2} or type(own[2]) is not kind:
        raise TokenRefused("malformed", at=at)
    if not _is_uint(own[1]) or own[1] < 1:
        raise TokenRefused("malformed", at=at)
    if said[_HOST] != host:
        raise TokenRefused("wrong_host", at=at)
    return said[_IAT], own[1], own[2]


def _judge_time(iat: int, *, signer: VerifyKey, now: int, at: str) -> None:
    if not signer.window.holds(iat):
        raise TokenRefused("key_not_valid", at=at, kid=signer.kid.hex())
    if iat > now + SKEW_S:
        raise TokenRefused("not_yet_valid", at=at, kid=signer.kid.hex())


def _keyset(records: list[Any], *, seq: int, iat: int) -> KeySet:
    try:
        keys = [_key(record) for record in records]
    except KeysUnusable:
        raise TokenRefused("malformed", at="keyset") from None
    if not keys or not all(a.kid < b.kid for a, b in pairwise(keys)):
        raise TokenRefused("malformed", at="keyset")
    verify = tuple(key for key in keys if isinstance(key, VerifyKey))
    seal_to = tuple(key for key in keys if isinstance(key, RecipientKey))
    return KeySet(verify, seal_to, seq, iat)


def _key(record: object) -> VerifyKey | RecipientKey:
    """KeysUnusable where the record is not one; the caller says where."""
    if type(record) is not dict or not (record.keys() >= {_USE, _ALG}):
        raise KeysUnusable("not a record")
    # By type before the look-up: a list cannot be hashed, and True would be found as 1.
    if type(record[_USE]) is not int or type(record[_ALG]) is not int:
        raise KeysUnusable("not a record")
    use, alg = _USES.get(record[_USE]), _ALGS.get(record[_ALG])
    if use is None or alg is None or not _is_shaped(record, use, alg):
        raise KeysUnusable("not a record")
    kid = Kid(record[_KID])
    age = record[_MAX_AGE] if use in TOKEN_USES else Window().max_age
    window = Window(record[_NBF], record[_NAF], age, record.get(_WITHDRAWN))
    public: bytes = record[_X]
    if _CURVES[alg] == (2, 1):
        public = b"\x04" + record[_X] + record[_Y]
    if use is Use.OPEN:
        return RecipientKey(kid, alg, public, window)
    return VerifyKey(kid, use, alg, public, window)


def _is_shaped(record: dict[int, Any], use: Use, alg: Alg) -> bool:
    labels = {_KTY, _KID, _ALG, _CRV, _X, _USE, _NBF, _NAF}
    sized = {_X: 32, _KID: 2}
    if _CURVES[alg] == (2, 1):
        sized[_Y] = 32
    if use in TOKEN_USES:
        labels.add(_MAX_AGE)
    labels |= sized.keys()
    if record.keys() - {_WITHDRAWN} != labels:
        return False
    times = record.keys() & {_NBF, _NAF, _MAX_AGE, _WITHDRAWN}
    return (
        # By their spelling: 2.0 equals 2 for Python.
        [repr(record[_KTY]), repr(record[_CRV])] == [*map(repr, _CURVES[alg])]
        and all(type(record[label]) is bytes for label in sized)
        and all(len(record[label]) == size for label, size in sized.items())
        and all(_is_uint(record[label]) for label in times)
    )


def _record(key: VerifyKey | RecipientKey) -> dict[int, object]:
    use = key.use if isinstance(key, VerifyKey) else Use.OPEN
    kty, crv = _CURVES[key.alg]
    record: dict[int, object] = {
        _KTY: kty,
        _KID: key.kid,
        _ALG: COSE_ALGS[key.alg],
        _CRV: crv,
        _USE: _USE_NUMBERS[use],
        _NBF: key.window.nbf,
        _NAF: key.window.naf,
    }
    if kty == 2:
        record |= {_X: key.public[1:33], _Y: key.public[33:]}
    else:
        record[_X] = key.public
    if use in TOKEN_USES:
        record[_MAX_AGE] = key.window.max_age
    if key.window.withdrawn is not None:
        record[_WITHDRAWN] = key.window.withdrawn
    return record


def _is_uint(number: object) -> bool:
    return type(number) is int and number >= 0
