"""Who holds what: a Sealer reads nothing, an Opener signs nothing, and no key is ever shown."""

from __future__ import annotations

import copy
import gc
import io
import json
import logging
import pickle
import traceback
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from attest import cose, curves, hpke
from attest.errors import KeysUnusable, TokenRefused
from attest.keyfile import read_opening_keys, read_sealing_keys
from attest.keys import SUITES, Sealer, SealingKey, signed, verified
from attest.token import open_text, open_token, seal

from .token_vectors import (
    ATTACKS,
    CLAIMS,
    HOST,
    NOW,
    OPENING,
    ROOT_SEALING,
    SAMPLE,
    SEALING,
    TOKEN,
    VALID,
    load,
    opener,
    sealer,
)

Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey
SEALERS = [sealer(), sealer("5401"), sealer("4302", "4f02"), sealer("5402", "4f02")]


def held(thing: object) -> Iterator[object]:
    """Everything that can be reached from *thing* without importing a module."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, FunctionType):
            # Not its globals: those are the module's, not the holder's.
            cells = one.__closure__ or ()
            waiting += [cell.cell_contents for cell in cells] + list(one.__defaults__ or ())
        elif isinstance(one, MethodType):
            waiting += [one.__self__, one.__func__]
        else:
            waiting += gc.get_referents(one)
            waiting += [bound] if (bound := getattr(one, "__self__", None)) is not None else []


def private_keys(thing: object) -> list[Private]:
    return [one for one in held(thing) if isinstance(one, Private)]


def agreement(key: Private) -> Callable[[bytes], bytes]:
    """How *key* would agree, were it the recipient's; one for signatures alone cannot."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda ek: curves.p256_agree(key, ek)
    if isinstance(key, x25519.X25519PrivateKey):
        return lambda ek: curves.x25519_agree(key, ek)
    return lambda _: bytes(32)


def signature(key: Private, message: bytes) -> bytes:
    """What *key* would sign, were it a signer's; one for agreement alone cannot."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return curves.low_s(curves.sign_es256(key, message))
    return key.sign(message) if isinstance(key, ed25519.Ed25519PrivateKey) else bytes(64)


def opens(seals: Sealer, token: bytes, key: Private) -> bool:
    """Whether *key*, taken for the recipient's, gets at what *seals* sealed."""
    outer, agree = cose.read_encrypt0(token), agreement(key)
    suite, to, aad = SUITES[seals.to.alg], seals.to.public, seals.seal_aad
    try:
        hpke.unseal(suite, outer.ciphertext, ek=outer.ek, agree=agree, public=to, aad=aad)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("seals", SEALERS, ids=lambda it: it.signer.kid.hex())
def test_no_key_a_sealer_holds_opens_what_it_sealed(seals: Sealer) -> None:
    (vector, *_) = [v for v in VALID if v["signer"] == seals.signer.kid.hex()]
    token = bytes.fromhex(vector["token_hex"])
    (rightful,) = [key for key in OPENING.open if key.kid == seals.to.kid]

    assert [opens(seals, token, key) for key in private_keys(rightful)] == [True]
    assert [opens(seals, token, key) for key in private_keys(seals)] == [False]


def test_no_key_an_opener_holds_signs_for_anybody() -> None:
    reading = opener()
    keys = private_keys(reading)
    assert len(keys) == len(OPENING.open)

    for key in keys:
        made = signature(key, b"a message")
        assert not any(its.holds(b"a message", made) for its in reading.keyset.verify)
    (mine,) = private_keys(SEALING.sign[0])
    made = signature(mine, b"a message")
    assert [its.kid.hex() for its in reading.keyset.verify if its.holds(b"a message", made)] == [
        "4301"
    ]


def test_a_sealer_is_no_opener_and_an_opener_no_sealer() -> None:
    reading, writing = opener(), sealer()

    with pytest.raises(AttributeError):
        open_token(TOKEN, opener=writing, now=NOW)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        seal(CLAIMS, sealer=reading, seed=bytes(32))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        signed(b"", signer=reading.keys[0], aad=b"")  # type: ignore[arg-type]


def test_a_key_of_one_use_is_not_taken_for_another() -> None:
    (root,) = ROOT_SEALING.sign
    with pytest.raises(KeysUnusable):
        Sealer(root, sealer().to, HOST)
    with pytest.raises(KeysUnusable):
        Sealer(sealer().signer, sealer("4302", "4f02").to, HOST)
    with pytest.raises(TokenRefused, match="unknown_key"):
        verified(bytes.fromhex(SAMPLE["sign1_hex"]), keys={}, aad=lambda _: b"", at="inner")


# --- nothing shows ------------------------------------------------------------------------

FILES = [load(name) for name in ("sealing-keys", "opening-keys", "root-sealing-keys")]
RECORDS = [record for file in FILES for record in [*file.get("sign", ()), *file.get("open", ())]]
HOLDERS = [*SEALING.sign, *OPENING.open, *ROOT_SEALING.sign, *SEALERS, opener(), SEALING, OPENING]


def spellings(record: dict[str, Any]) -> list[str]:
    """The private half of *record* as any print of it would show it."""
    half = record["jwk"]["d"]
    secret = urlsafe_b64decode(half + "=")
    number = int.from_bytes(secret, "big")
    return [half, secret.hex(), str(number), f"{number:x}", repr(secret)[2:-1]]


SECRETS = [text for record in RECORDS for text in spellings(record)]


def shown(said: str) -> list[str]:
    return [secret for secret in SECRETS if secret in said]


def test_the_look_for_secrets_finds_them() -> None:
    assert len(RECORDS) == 11
    assert shown(str(FILES)) == [record["jwk"]["d"] for record in RECORDS]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda it: type(it).__name__)
def test_no_print_and_no_log_line_shows_a_private_half(holder: object) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    line = logging.makeLogRecord({"msg": "%s %r", "args": (holder, holder)})
    handler.emit(line)

    assert type(holder).__name__ in written.getvalue()
    assert not shown(written.getvalue())


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda it: type(it).__name__)
def test_no_key_leaves_as_a_pickle_or_a_copy(holder: object) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="does not pickle"):
            pickle.dumps(holder, protocol)
    with pytest.raises(TypeError, match="does not pickle"):
        copy.deepcopy(holder)


def frames_of(case: dict[str, Any]) -> str:
    """The traceback as an error page prints it, every frame with what it held."""
    try:
        open_text(case["text"], opener=opener(host=case["host"]), now=case["now"])
    except TokenRefused as no:
        told = traceback.TracebackException.from_exception(no, capture_locals=True)
        return "".join(told.format())
    return ""


def test_no_refusal_carries_a_key_in_its_frames() -> None:
    told = [frames_of(case) for case in ATTACKS]

    assert len([said for said in told if "opener = Opener(" in said]) > 50
    assert not [said for said in told if shown(said)]


def test_a_refusal_prints_neither_claims_nor_text() -> None:
    late = NOW + 90_000_000
    with pytest.raises(TokenRefused) as no:
        open_text(SAMPLE["text"], opener=opener(), now=late)

    said = "".join(traceback.format_exception(no.value)) + repr(no.value) + str(no.value)
    assert SAMPLE["seal"]["sub"] not in said
    assert SAMPLE["text"][40:80] not in said
    assert "37.56" not in said


@pytest.mark.parametrize(
    ("name", "read"),
    [("sealing-keys", read_sealing_keys), ("opening-keys", read_opening_keys)],
)
def test_a_broken_key_file_is_told_without_its_keys(
    name: str, read: Callable[[str], object]
) -> None:
    text = json.dumps(load(name))
    twice = json.loads(text)
    twice[next(iter(twice.keys() & {"sign", "open"}))] *= 2

    for broken in (
        text[:-5],
        text.replace("note", "more"),
        text.replace("P-256", "P-521"),
        json.dumps(twice),
    ):
        with pytest.raises(KeysUnusable) as no:
            read(broken)
        assert not shown("".join(traceback.format_exception(no.value)))


def test_a_provider_that_gives_no_signature_is_told_without_its_message() -> None:
    good = SEALING.sign[0]
    lame = SealingKey(good.kid, good.use, good.alg, good.public, lambda _: b"")

    with pytest.raises(KeysUnusable) as no:
        seal(CLAIMS, sealer=Sealer(lame, sealer().to, HOST), seed=bytes(32))
    assert SAMPLE["seal"]["sub"] not in "".join(traceback.format_exception(no.value))
