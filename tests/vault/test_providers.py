"""One contract for every place keys may be in: files, variables, a PKCS#11 module (SoftHSM 2)."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from pkcs11 import Attribute, lib
from pkcs11.exceptions import AttributeSensitive

from attest import curves
from attest.errors import KeysAway, KeysUnusable
from attest.keys import Agrees, Kid, Signs, Use, VerifyKey
from attest.token import open_token
from ledger.services.create_keys import create_keys
from tests.clock import stopped
from tests.conftest import NOON
from tests.ledger.test_rotation import sealed
from vault import keyring
from vault.keyring import providers, variables
from vault.keyring.module import Module

AT = int(NOON.timestamp())
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "20261123"
EVERY = [f"{name}.key" for name in keyring.SYMMETRIC] + [*keyring.DOCUMENTS, *keyring.PEMS]
NO_POINTS = [
    b"",
    b"\x04",
    bytes(65),
    b"\x04" + bytes(64),
    b"\x04" + b"\xff" * 64,
    b"\x02" + b"\x01" * 32,
    b"\x04" + b"\x01" * 65,
]


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    keyring.forget()


@pytest.fixture
def token(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module with an empty token, and where its objects are kept."""
    place = tmp_path / "hsm"
    place.mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {place}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    subprocess.run(
        f"softhsm2-util --init-token --free --label trip --pin {PIN} --so-pin 87654321".split(),
        check=True,
        capture_output=True,
    )
    pin = tmp_path / "pin"
    pin.touch(mode=0o600)
    pin.write_text(f"{PIN}\n")
    settings.KEY_PROVIDER, settings.PKCS11_MODULE = "pkcs11", SOFTHSM
    settings.PKCS11_TOKEN, settings.PKCS11_PIN_FILE = "trip", str(pin)
    keyring.forget()
    return place


def new_folder(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_FOLDER = tmp_path / "keys"
    create_keys(folder=settings.KEY_FOLDER, since=NOON - timedelta(days=1), now=NOON)
    keyring.forget()
    return Path(settings.KEY_FOLDER)


@pytest.fixture
def in_module(token: Path, tmp_path: Path, settings: Any) -> Path:
    """An installation whose token keys were made inside the module; its key folder."""
    return new_folder(tmp_path, settings)


def into_variables(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EVERY:
        value = b64encode((folder / name).read_bytes()).decode()
        monkeypatch.setenv(variables.variable_of(name), value)
    settings.KEY_PROVIDER = "environment"
    settings.KEY_FOLDER = folder / "nowhere"


@pytest.fixture(params=["file", "environment", "pkcs11"])
def provider(
    request: pytest.FixtureRequest, key_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setattr(variables, "_taken", {})
    if request.param == "pkcs11":
        request.getfixturevalue("in_module")
    if request.param == "environment":
        into_variables(key_folder, settings, monkeypatch)
    return str(request.param)


@pytest.fixture
def signs(provider: str) -> Signs:
    return keyring.sealer(at=AT).signer


@pytest.fixture
def agrees(provider: str) -> Agrees:
    return keyring.opener().keys[0]


# --- the contract -------------------------------------------------------------------------


def test_it_starts(provider: str) -> None:
    keyring.check()

    assert providers.name() == provider


def test_a_signature_holds_under_the_published_half(signs: Signs) -> None:
    verify = next(key for key in keyring.opener().keyset.verify if key.kid == signs.kid)

    for message in (b"", b"a message", bytes(100_000)):
        signature = signs.sign(message)
        assert len(signature) == 64
        assert verify.is_spelt(signature)
        assert verify.holds(message, signature)
        assert not verify.holds(message + b"!", signature)


def test_every_signature_has_the_low_spelling(signs: Signs) -> None:
    assert all(curves.is_low_s(signs.sign(bytes([n]))) for n in range(40))


def test_a_signer_says_who_it_is(signs: Signs, provider: str) -> None:
    assert (signs.kid, signs.use, signs.alg) == (b"C\x01", "check-in", "ES256")
    assert keyring.sealer(at=AT, use=Use.TRIP).signer.kid == b"T\x01"
    assert keyring.status_signer(at=AT).kid == b"S\x01"


def test_both_sides_come_to_one_secret(agrees: Agrees) -> None:
    mine = generate_private_key(SECP256R1())
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), agrees.public)

    shared = agrees.agree(curves.p256_point(mine.public_key()))
    assert shared == mine.exchange(ECDH(), theirs)
    assert (agrees.kid, agrees.alg) == (b"O\x01", "HPKE-7")


def test_with_what_is_no_point_nothing_is_agreed(agrees: Agrees) -> None:
    for point in NO_POINTS:
        with pytest.raises(ValueError, match=r"^"):
            agrees.agree(point)


def test_what_is_sealed_here_opens_here(provider: str) -> None:
    opened = open_token(sealed(NOON), opener=keyring.opener(), now=AT)

    assert (opened.signed_by, opened.opened_by) == (b"C\x01", b"O\x01")


def test_neither_shows_nor_leaves_the_process(signs: Signs, agrees: Agrees) -> None:
    assert repr(signs) == "SealingKey(kid=4301, use=check-in)"
    assert repr(agrees) == "OpeningKey(kid=4f01, use=open)"
    for key in (signs, agrees):
        with pytest.raises(TypeError):
            pickle.dumps(key)


# --- variables ----------------------------------------------------------------------------


@pytest.fixture
def in_variables(
    key_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    monkeypatch.setattr(variables, "_taken", {})
    into_variables(key_folder, settings, monkeypatch)
    return monkeypatch


def test_a_key_is_gone_from_the_environment_once_it_was_read(
    in_variables: pytest.MonkeyPatch,
) -> None:
    keyring.check()

    assert not [name for name in os.environ if name.startswith("TRIPSEAL_KEY_")]
    keyring.forget()
    keyring.check()


@pytest.mark.parametrize("name", EVERY)
def test_a_variable_that_is_missing_is_named(name: str, in_variables: pytest.MonkeyPatch) -> None:
    in_variables.delenv(variables.variable_of(name))

    with pytest.raises(ImproperlyConfigured, match=variables.variable_of(name)):
        keyring.check()


@pytest.mark.parametrize("value", ["%", "a", "한글", "c2Vj cmV0"])
def test_a_variable_that_is_no_base64_is_named_and_not_shown(
    value: str, in_variables: pytest.MonkeyPatch
) -> None:
    in_variables.setenv("TRIPSEAL_KEY_FIELD_KEK_KEY", value)

    with pytest.raises(ImproperlyConfigured) as no:
        keyring.check()
    assert str(no.value) == "TRIPSEAL_KEY_FIELD_KEK_KEY is not base64"


@pytest.mark.django_db
@pytest.mark.parametrize("deed", [["create"], ["rotate"], ["withdraw", "4301"]])
def test_keys_in_variables_are_changed_where_they_come_from(
    deed: list[str], in_variables: pytest.MonkeyPatch, settings: Any
) -> None:
    with pytest.raises(CommandError, match="where they come from"):
        call_command("keys", *deed)
    assert not Path(settings.KEY_FOLDER).exists()


# --- a module -----------------------------------------------------------------------------


def test_no_private_half_lies_in_the_key_folder(in_module: Path) -> None:
    for name in keyring.DOCUMENTS:
        document = json.loads((in_module / name).read_text())
        records = [
            record for said in document.values() if isinstance(said, list) for record in said
        ]
        assert records
        assert not any("d" in record["jwk"] for record in records)


@pytest.fixture
def module(in_module: Path) -> Module:
    found = providers.module()
    assert found is not None
    return found


def test_no_private_half_can_be_asked_of_the_module(module: Module) -> None:
    key = module._key(Kid(b"C\x01"))  # noqa: SLF001 -- what an attacker in the process has

    with pytest.raises(AttributeSensitive):
        key[Attribute.VALUE]


def test_a_document_with_a_private_half_is_not_taken_beside_a_module(
    key_folder: Path, token: Path, tmp_path: Path, settings: Any
) -> None:
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "files")
    keyring.forget()

    with pytest.raises(ImproperlyConfigured, match="a member too many"):
        keyring.check()


def test_a_module_that_is_not_there_is_named(in_module: Path, settings: Any) -> None:
    settings.PKCS11_MODULE = "/nowhere/module.so"
    keyring.forget()

    with pytest.raises(KeysAway, match="the module does not answer"):
        keyring.check()


@pytest.mark.parametrize("lacking", ["PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_PIN_FILE"])
def test_a_module_is_named_whole(lacking: str, in_module: Path, settings: Any) -> None:
    setattr(settings, lacking, "")
    keyring.forget()

    with pytest.raises(ImproperlyConfigured, match="name module, token and PIN file"):
        keyring.check()


def test_a_token_the_module_does_not_know_is_named(in_module: Path, settings: Any) -> None:
    settings.PKCS11_TOKEN = "another"
    keyring.forget()

    with pytest.raises(KeysAway, match="knows no token another"):
        keyring.check()


def test_a_wrong_pin_is_tried_once_and_never_again(
    in_module: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = Path(settings.PKCS11_PIN_FILE)
    pin.write_text("00000000")
    keyring.forget()

    with pytest.raises(KeysAway, match="refused the PIN"):
        keyring.check()
    # Even the right one is not tried until somebody starts anew: a card counts.
    pin.write_text(PIN)
    with pytest.raises(KeysAway, match="refused the PIN"):
        keyring.sealer(at=AT)
    keyring.forget()
    keyring.check()


def test_a_pin_others_may_read_is_not_used(in_module: Path, settings: Any) -> None:
    Path(settings.PKCS11_PIN_FILE).chmod(0o644)
    keyring.forget()

    with pytest.raises(ImproperlyConfigured, match="only its owner"):
        keyring.check()


def test_a_session_that_was_lost_is_opened_again(module: Module) -> None:
    signer = keyring.sealer(at=AT).signer
    opener = keyring.opener()
    token = sealed(NOON)
    for lose in (_closed, _finalised):
        lose(module)
        assert len(signer.sign(b"once more")) == 64
        lose(module)
        assert open_token(token, opener=opener, now=AT).opened_by == b"O\x01"


def _closed(module: Module) -> None:
    session = module._session  # noqa: SLF001 -- the line is cut beneath it
    assert session is not None
    session.close()


def _finalised(module: Module) -> None:
    lib(SOFTHSM).reinitialize()


def test_a_token_that_was_pulled_out_is_missed_and_taken_up_again(
    module: Module, token: Path
) -> None:
    signer = keyring.sealer(at=AT).signer
    token.rename(token.with_name("pulled"))
    token.mkdir()
    _finalised(module)

    for _ in range(2):
        with pytest.raises(KeysAway):
            signer.sign(b"into the void")
    token.rmdir()
    token.with_name("pulled").rename(token)
    assert len(signer.sign(b"back again")) == 64


@pytest.mark.django_db
def test_health_says_that_the_module_is_away_and_that_it_is_back(
    module: Module, token: Path
) -> None:
    def line() -> tuple[int, str]:
        answer = Client().get("/readyz")
        return answer.status_code, answer.json()["keys"]

    with stopped(NOON):
        assert line() == (200, "ok")
        token.rename(token.with_name("pulled"))
        token.mkdir()
        _finalised(module)
        assert line() == (503, "KeysAway")
        token.rmdir()
        token.with_name("pulled").rename(token)
        assert line() == (200, "ok")


def test_a_key_of_another_pair_under_the_same_name_is_found_out(
    in_module: Path, module: Module
) -> None:
    wrong = curves.p256_point(generate_private_key(SECP256R1()).public_key())

    with pytest.raises(KeysUnusable, match="its halves differ"):
        module.signer(Kid(b"C\x01"), wrong)
    with pytest.raises(KeysUnusable, match="its halves differ"):
        module.agreer(Kid(b"O\x01"), wrong)


def test_a_key_that_is_not_inside_is_named(module: Module) -> None:
    public = keyring.sealing().sign[0].public

    with pytest.raises(KeysAway, match="no key 4309"):
        module.signer(Kid(b"C\x09"), public)


def test_an_opening_key_signs_nothing_and_a_signing_key_opens_nothing(module: Module) -> None:
    opening, signing = keyring.opener().keys[0].public, keyring.sealing().sign[0].public

    with pytest.raises(KeysUnusable, match="for another use"):
        module.signer(Kid(b"O\x01"), opening)
    with pytest.raises(KeysUnusable, match="for another use"):
        module.agreer(Kid(b"C\x01"), signing)


def test_a_key_inside_is_never_made_over(module: Module) -> None:
    with pytest.raises(ImproperlyConfigured, match="holds a key 4301 already"):
        module.make(Kid(b"C\x01"), use=Use.CHECK_IN)


@pytest.mark.django_db
def test_keys_inside_are_rotated_and_destroyed_by_the_same_commands(in_module: Path) -> None:
    token, module = sealed(NOON), providers.module()
    call_command("keys", "rotate", "--at-once")
    call_command("keys", "withdraw", "4301")

    assert {key.kid for key in keyring.opener().keys} == {b"O\x01", b"O\x02"}
    assert {key.kid for key in keyring.sealing().sign} >= {b"C\x02", b"C\x03"}
    assert open_token(token, opener=keyring.opener(), now=AT).opened_by == b"O\x01"
    assert module is not None
    with pytest.raises(KeysAway, match="no key 4301"):
        module.signer(Kid(b"C\x01"), _public(b"C\x01"))


def _public(kid: bytes) -> bytes:
    found: list[VerifyKey] = [key for key in keyring.opener().keyset.verify if key.kid == kid]
    return found[0].public
