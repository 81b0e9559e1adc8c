"""What others published, through our primitives: tests/vectors/published/README.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attest import cose, curves, hpke
from attest.errors import TokenRefused
from attest.keys import COSE_ALGS, SUITES, Alg, Kid, Use, VerifyKey

FOLDER = Path(__file__).parents[1] / "vectors" / "published"


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def raw(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def wycheproof(name: str, *results: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test that says one of *results*, with its group."""
    for group in load(f"wycheproof/{name}_test")["testGroups"]:
        yield from ((group, test) for test in group["tests"] if test["result"] in results)


# --- HPKE -------------------------------------------------------------------------------

RFC_9180 = load("rfc9180")
BY_KEM = {0x0010: hpke.HPKE_7, 0x0020: hpke.HPKE_3}
KEY_SIZES = {1: 16, 2: 32}


def suite_of(case: dict[str, Any]) -> hpke.Suite:
    aead = case["aead_id"]
    return replace(BY_KEM[case["kem_id"]], aead_id=aead, key_size=KEY_SIZES[aead])


def suite_named(case: dict[str, Any]) -> str:
    return f"kem {case['kem_id']}, aead {case['aead_id']}"


@pytest.mark.parametrize("case", RFC_9180, ids=suite_named)
def test_every_step_of_hpke_is_that_of_the_rfc(case: dict[str, Any]) -> None:
    suite = suite_of(case)
    ikm, to, ek, info = raw(case, "ikmE", "pkRm", "enc", "info")

    mine, agree = suite.derive(ikm)
    context = suite.context_of(info)
    key, nonce = suite.schedule(agree(to), ek, to, context)

    assert mine == ek
    assert context.hex() == case["key_schedule_context"]
    assert (key.hex(), nonce.hex()) == (case["key"], case["base_nonce"])


@pytest.mark.parametrize("case", RFC_9180, ids=suite_named)
def test_hpke_seals_and_opens_the_messages_of_the_rfc(case: dict[str, Any]) -> None:
    suite = suite_of(case)
    ikm, theirs, to, ek, info = raw(case, "ikmE", "ikmR", "pkRm", "enc", "info")
    plain, aad, sealed = raw(case["encryptions"][0], "pt", "aad", "ct")
    # The recipient's key comes out of its own material as the sender's does.
    public, agree = suite.derive(theirs)

    assert public == to
    assert hpke.seal(suite, plain, to=to, ikm=ikm, aad=aad, info=info) == (ek, sealed)
    assert plain == hpke.unseal(suite, sealed, ek=ek, agree=agree, public=to, aad=aad, info=info)


COSE_HPKE = load("cose-hpke")


def opener_of(key: dict[int, Any]) -> tuple[bytes, Any]:
    """The public half and what agrees, out of a COSE_Key."""
    if key[1] == 2:
        secret = curves.p256_private(key[-4])
        return b"\x04" + key[-2] + key[-3], lambda ek: curves.p256_agree(secret, ek)
    mine = X25519PrivateKey.from_private_bytes(key[-4])
    return key[-2], lambda ek: curves.x25519_agree(mine, ek)


@pytest.mark.parametrize("case", COSE_HPKE, ids=lambda case: case["encrypt0"][64:76])
def test_the_messages_of_the_cose_hpke_draft_open(case: dict[str, Any]) -> None:
    key = cbor2.loads(bytes.fromhex(case["cose_key"]))
    protected, unprotected, sealed = cbor2.loads(bytes.fromhex(case["encrypt0"])).value
    public, agree = opener_of(key)
    alg, aad = Alg(case["alg"]), case["external_aad"].encode()

    plain = hpke.unseal(
        SUITES[alg],
        sealed,
        ek=unprotected[-4],
        agree=agree,
        public=public,
        aad=cose.to_seal(protected, aad),
        info=case["hpke_info"].encode(),
    )

    assert plain == case["plaintext"].encode()
    assert cbor2.loads(protected) == {1: COSE_ALGS[alg]}


def test_the_strict_reader_refuses_every_message_of_the_draft() -> None:
    for case in COSE_HPKE:
        with pytest.raises(TokenRefused, match="malformed"):
            cose.read_encrypt0(bytes.fromhex(case["encrypt0"]))


# --- COSE_Sign1 -------------------------------------------------------------------------

COSE_SIGN1 = load("cose-sign1")


@pytest.mark.parametrize("case", COSE_SIGN1, ids=lambda case: case["name"])
def test_the_signatures_of_the_cose_rfcs_hold(case: dict[str, Any]) -> None:
    x, y, aad, message = raw(case, "x", "y", "external_aad", "sign1")
    key = curves.p256_public(b"\x04" + x + y)
    protected, _, payload, signature = cbor2.loads(message).value

    assert curves.es256_holds(key, cose.to_sign(protected, aad, payload), signature)
    assert not curves.es256_holds(key, cose.to_sign(protected, aad + b"\0", payload), signature)
    assert not curves.es256_holds(key, cose.to_sign(protected, aad, payload + b"\0"), signature)


@pytest.mark.parametrize("case", COSE_SIGN1, ids=lambda case: case["name"])
def test_the_strict_reader_refuses_headers_that_are_not_ours(case: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        cose.read_sign1(bytes.fromhex(case["sign1"]), at="inner")


# --- Wycheproof -------------------------------------------------------------------------


def es256_key(group: dict[str, Any]) -> VerifyKey:
    public = bytes.fromhex(group["publicKey"]["uncompressed"])
    return VerifyKey(Kid(b"C\x01"), Use.CHECK_IN, Alg.ES256, public)


def ed25519_key(group: dict[str, Any]) -> VerifyKey:
    (public,) = raw(group["publicKey"], "pk")
    return VerifyKey(Kid(b"C\x01"), Use.CHECK_IN, Alg.ED25519, public)


def stands(key: VerifyKey, test: dict[str, Any]) -> bool:
    message, signature = raw(test, "msg", "sig")
    return key.is_spelt(signature) and key.holds(message, signature)


def test_a_good_es256_signature_holds_in_its_low_spelling_alone() -> None:
    for group, test in wycheproof("ecdsa_secp256r1_sha256_p1363", "valid"):
        message, signature = raw(test, "msg", "sig")
        key, low = es256_key(group), curves.low_s(signature)
        assert key.holds(message, signature), test["tcId"]
        assert key.holds(message, low), test["tcId"]
        assert key.is_spelt(low), test["tcId"]
        assert key.is_spelt(signature) == (signature == low), test["tcId"]


def test_a_bad_es256_signature_is_refused() -> None:
    for group, test in wycheproof("ecdsa_secp256r1_sha256_p1363", "invalid"):
        assert not stands(es256_key(group), test), test["tcId"]


def test_a_good_ed25519_signature_holds() -> None:
    for group, test in wycheproof("ed25519", "valid"):
        assert stands(ed25519_key(group), test), test["tcId"]


def test_a_bad_ed25519_signature_is_refused() -> None:
    for group, test in wycheproof("ed25519", "invalid"):
        assert not stands(ed25519_key(group), test), test["tcId"]


def agreed(agree: Callable[[Any, bytes], bytes], mine: object, public: bytes) -> str:
    """The shared secret, or empty where the point was refused."""
    try:
        return agree(mine, public).hex()
    except ValueError:
        return ""


def test_points_of_p256_agree_or_are_refused() -> None:
    for _, test in wycheproof("ecdh_secp256r1_ecpoint", "valid", "invalid"):
        (public,) = raw(test, "public")
        mine = curves.p256_private(int(test["private"], 16).to_bytes(32, "big"))
        meant = test["shared"] if test["result"] == "valid" else ""
        assert agreed(curves.p256_agree, mine, public) == meant, test["tcId"]


def test_a_compressed_point_is_no_spelling_of_an_ephemeral_key() -> None:
    ((_, test),) = wycheproof("ecdh_secp256r1_ecpoint", "acceptable")
    (point,) = raw(test, "public")

    with pytest.raises(TokenRefused, match="malformed"):
        cose.read_encrypt0(cose.write_encrypt0(cose.Encrypt0(b"x", point, b"y")))


def test_x25519_agrees_unless_the_secret_would_be_everybodys() -> None:
    for _, test in wycheproof("x25519", "valid", "acceptable"):
        private, public, shared = raw(test, "private", "public", "shared")
        mine = X25519PrivateKey.from_private_bytes(private)
        meant = shared.hex() if any(shared) else ""
        assert agreed(curves.x25519_agree, mine, public) == meant, test["tcId"]


def test_aes_gcm_seals_and_opens_as_published() -> None:
    told = 0
    for group, test in wycheproof("aes_gcm", "valid", "invalid"):
        if (group["ivSize"], group["tagSize"]) != (96, 128) or group["keySize"] == 192:
            continue
        key, nonce, aad, plain, sealed, tag = raw(test, "key", "iv", "aad", "msg", "ct", "tag")
        told += 1
        if test["result"] == "valid":
            assert AESGCM(key).encrypt(nonce, plain, aad) == sealed + tag, test["tcId"]
            assert AESGCM(key).decrypt(nonce, sealed + tag, aad) == plain, test["tcId"]
        else:
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(nonce, sealed + tag, aad)
    assert told > 100
