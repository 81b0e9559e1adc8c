"""Keys are read with care: what is missing, open, doubled or no key stops the start."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from attest.keys import Use
from tests.conftest import NOON
from vault import keyring
from vault.keyring.file import write_key

SYMMETRIC = [
    f"{name}.key"
    for name in ("session", "fingerprint", "blind-index", "field-kek", "ticket", "site-code")
]
PEMS = [*keyring.PEMS]
DOCUMENTS = ["sealing-keys.json", "opening-keys.json"]
EVERY = [*SYMMETRIC, *PEMS, *DOCUMENTS]
ROOTS = [keyring.ROOT, keyring.ROOT_SEALING]


def rewrite(file: Path, content: bytes) -> None:
    file.unlink()
    write_key(file, content)


def refusal() -> str:
    """The one line a start with these keys ends in."""
    keyring.forget()
    with pytest.raises(ImproperlyConfigured) as no:
        keyring.check()
    (line,) = str(no.value).splitlines()
    return line


def pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_whole_folder_starts(folder: Path) -> None:
    keyring.check()

    there = sorted(path.name for path in folder.iterdir())
    assert there == sorted([*EVERY, *ROOTS])


def test_a_server_starts_without_the_root(folder: Path) -> None:
    (folder / keyring.ROOT_SEALING).unlink()
    (folder / keyring.ROOT).unlink()

    keyring.check()


def test_keys_are_made_for_their_owner_alone(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", EVERY)
def test_a_missing_key_is_named_and_never_made_up(name: str, folder: Path) -> None:
    (folder / name).unlink()

    assert name in refusal()
    assert "keys create" in refusal()
    assert sorted(path.name for path in folder.iterdir()) == sorted({*EVERY, *ROOTS} - {name})


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601, 0o644])
def test_a_key_somebody_else_may_touch_is_named(name: str, mode: int, folder: Path) -> None:
    (folder / name).chmod(mode)

    assert name in refusal()


@pytest.mark.parametrize("name", EVERY)
def test_a_key_may_be_read_only(name: str, folder: Path) -> None:
    (folder / name).chmod(0o400)

    keyring.check()


@pytest.mark.parametrize("name", EVERY)
def test_a_folder_in_the_place_of_a_key_is_no_key(name: str, folder: Path) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()

    assert name in refusal()


def test_a_key_of_another_owner_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert "owned by somebody else" in refusal()


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_a_folder_open_to_others_is_refused(mode: int, folder: Path) -> None:
    folder.chmod(mode)

    assert "chmod 700" in refusal()


def test_without_a_folder_one_is_told_how_to_make_it(folder: Path) -> None:
    shutil.rmtree(folder)

    assert "keys create" in refusal()
    assert not folder.exists()


@pytest.mark.parametrize("name", SYMMETRIC)
@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_is_32_bytes(name: str, size: int, folder: Path) -> None:
    rewrite(folder / name, os.urandom(size))

    assert refusal() == f"{name}: a key is 32 bytes"


@pytest.mark.parametrize("name", SYMMETRIC[1:])
def test_two_keys_never_share_their_bytes(name: str, folder: Path) -> None:
    rewrite(folder / name, (folder / SYMMETRIC[0]).read_bytes())

    assert "share their bytes" in refusal()


@pytest.mark.parametrize(
    ("name", "which"), [("sealing-keys.json", "sign"), ("opening-keys.json", "open")]
)
def test_a_key_of_tokens_is_not_the_key_of_the_log(name: str, which: str, folder: Path) -> None:
    record = json.loads((folder / name).read_bytes())[which][0]
    secret = int.from_bytes(unb64(record["jwk"]["d"]), "big")
    rewrite(folder / "log-p256.pem", pem(derive_private_key(secret, SECP256R1())))

    assert "share their bytes" in refusal()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("name", PEMS)
@pytest.mark.parametrize("content", [b"", b"\xff", b"-----BEGIN PRIVATE KEY-----\n", b"0" * 32])
def test_what_is_no_private_key_is_named(name: str, content: bytes, folder: Path) -> None:
    rewrite(folder / name, content)

    assert refusal() == f"{name}: not a private key"


@pytest.mark.parametrize("name", PEMS)
def test_a_key_under_a_password_is_not_asked_for_one(name: str, folder: Path) -> None:
    key: Any = load_pem_private_key((folder / name).read_bytes(), password=None)
    secret = BestAvailableEncryption(b"open sesame")
    rewrite(folder / name, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))

    assert refusal() == f"{name}: not a private key"


def test_a_log_key_of_another_kind_is_refused(folder: Path) -> None:
    ed25519 = (folder / "log-ed25519.pem").read_bytes()
    p256 = (folder / "log-p256.pem").read_bytes()

    rewrite(folder / "log-p256.pem", ed25519)
    assert "not of its kind" in refusal()
    rewrite(folder / "log-ed25519.pem", p256)
    assert "not of its kind" in refusal()


def test_a_log_key_on_another_curve_is_refused(folder: Path) -> None:
    rewrite(folder / "log-p256.pem", pem(generate_private_key(SECP384R1())))

    assert "not of its kind" in refusal()


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", b"[]", b"[" * 9_999])
def test_a_document_of_no_keys_is_named(name: str, content: bytes, folder: Path) -> None:
    rewrite(folder / name, content)

    assert refusal().startswith(f"{name}: ")


def test_a_refusal_shows_nothing_of_a_key(folder: Path) -> None:
    file = folder / "sealing-keys.json"
    record = json.loads(file.read_bytes())["sign"][0]
    secret = record["jwk"]["d"]
    rewrite(file, file.read_bytes().replace(secret.encode(), secret[:-1].encode()))

    assert secret[:8] not in refusal()


def test_no_repr_shows_the_bytes_of_a_key(folder: Path) -> None:
    at = int(NOON.timestamp())
    shown = repr([keyring.opener(), keyring.sealer(at=at), keyring.log_signers()])
    shown += repr([keyring.sealer(at=at, use=Use.TRIP), keyring.status_signer(at=at)])
    shown += repr([*keyring.log_signers()[:1], keyring.sealer(at=at).__reduce__])

    for secret in secrets_of(folder):
        for spelling in (secret.hex(), repr(secret)[2:-1], str(int.from_bytes(secret, "big"))):
            assert spelling not in shown
        assert b64encode(secret).decode().rstrip("=") not in shown
        assert urlsafe_b64encode(secret).decode().rstrip("=") not in shown


def secrets_of(folder: Path) -> Iterator[bytes]:
    for name, which in (("sealing-keys.json", "sign"), ("opening-keys.json", "open")):
        for record in json.loads((folder / name).read_bytes())[which]:
            yield unb64(record["jwk"]["d"])
    ed25519: Any = load_pem_private_key((folder / PEMS[0]).read_bytes(), password=None)
    p256: Any = load_pem_private_key((folder / PEMS[1]).read_bytes(), password=None)
    yield ed25519.private_bytes_raw()
    yield p256.private_numbers().private_value.to_bytes(32, "big")


def test_a_key_once_written_is_never_written_over(folder: Path) -> None:
    file = folder / "session.key"
    before = file.read_bytes()

    with pytest.raises(FileExistsError):
        write_key(file, bytes(32))
    assert file.read_bytes() == before


def test_the_operator_is_told_by_the_command(folder: Path, capsys: Any) -> None:
    call_command("keys", "check")
    named = capsys.readouterr().out.split()
    assert set(named) >= {*PEMS, *DOCUMENTS, *keyring.SYMMETRIC}

    (folder / "field-kek.key").chmod(0o644)
    keyring.forget()
    with pytest.raises(CommandError, match=r"^field-kek\.key: only its owner may read a key$"):
        call_command("keys", "check")


def test_each_kind_of_receipt_is_sealed_with_its_own_key(folder: Path) -> None:
    at = int(NOON.timestamp())

    assert keyring.sealer(at=at).signer.kid == b"C\x01"
    assert keyring.sealer(at=at, use=Use.TRIP).signer.kid == b"T\x01"
    assert keyring.status_signer(at=at).kid == b"S\x01"
    assert keyring.sealer(at=at) is keyring.sealer(at=at + 7)


def test_keys_in_use_serve_on_and_are_the_ones_in_the_folder(folder: Path) -> None:
    assert keyring.fingerprint_key() == (folder / "fingerprint.key").read_bytes()
    assert keyring.field_kek() == (folder / "field-kek.key").read_bytes()
    assert keyring.blind_index_key() == (folder / "blind-index.key").read_bytes()
    assert keyring.ticket_key() == (folder / "ticket.key").read_bytes()
    assert keyring.opener() is keyring.opener()
