"""KeySet and status list: signed, the same from every server, and never an older one."""

from __future__ import annotations

import json
import shutil
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from django.conf import settings as run
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from attest.documents import StatusList, read_keyset, read_status
from attest.errors import KeysUnusable, LogInconsistent, TokenRefused
from attest.keyfile import read_opening_keys, read_root
from attest.keys import KeySet, Use
from ledger.models import Published, Revoked
from ledger.publishing import locked
from ledger.services.create_keys import create_keys
from ledger.services.publish_keys import publish_keys
from ledger.services.revoke import revoke
from tests.clock import Clock, stopped
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
KEYSET, STATUS = "/api/v1/keyset", "/api/v1/status-list"
ROOT = "root-sealing-keys.json"
LIFE = timedelta(days=400, seconds=61)


@pytest.fixture(autouse=True)
def clock(installation: None) -> Iterator[Clock]:
    with stopped(NOON) as clock:
        yield clock


@pytest.fixture
def folder(key_folder: Path, tmp_path: Path, settings: Any, installation: None) -> Path:
    """Keys of this test's own, for a key set is left beside them."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    return Path(settings.KEY_FOLDER)


@pytest.fixture
def published(folder: Path, clock: Clock) -> APIClient:
    """Anybody, after the ceremony."""
    publish_keys(root=folder / ROOT, now=clock.at)
    return APIClient()


def got(address: str, **headers: str) -> Any:
    return APIClient().get(address, headers=headers)


def keys_in(document: bytes, *, now: datetime, folder: Path, **said: Any) -> KeySet:
    root = read_root((folder / "root.json").read_text())
    return read_keyset(document, root=root, host=run.HOST, now=int(now.timestamp()), **said)


def list_in(document: bytes, *, now: datetime, folder: Path, **said: Any) -> StatusList:
    keyset = read_opening_keys((folder / "opening-keys.json").read_text()).verify
    return read_status(document, keyset=keyset, host=run.HOST, now=int(now.timestamp()), **said)


def test_anybody_gets_every_public_key_signed_by_the_root(
    published: APIClient, folder: Path, clock: Clock
) -> None:
    answer = published.get(KEYSET)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/cbor")
    keyset = keys_in(answer.content, now=clock.at, folder=folder)
    assert {key.kid: key.use for key in keyset.verify} == {
        b"C\x01": Use.CHECK_IN,
        b"T\x01": Use.TRIP,
        b"S\x01": Use.STATUS,
    }
    assert [key.kid for key in keyset.seal_to] == [b"O\x01"]
    assert keyset.iat == int(clock.at.timestamp())


def test_what_is_published_holds_no_private_half(published: APIClient, folder: Path) -> None:
    shown = published.get(KEYSET).content + published.get(STATUS).content

    for name in ("sealing-keys.json", "opening-keys.json", ROOT):
        document = json.loads((folder / name).read_text())
        for record in [*document.get("sign", []), *document.get("open", [])]:
            assert record["jwk"]["d"].encode() not in shown
            assert urlsafe_b64decode(record["jwk"]["d"] + "=") not in shown


def test_before_the_ceremony_there_is_nothing_and_that_is_said() -> None:
    answer = got(KEYSET)

    assert (answer.status_code, answer.json()["code"]) == (503, "keys.not-published")
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", [KEYSET, STATUS])
@pytest.mark.parametrize("accepts", ["application/cbor", "image/png", "", "*/*"])
def test_whatever_a_program_accepts_it_gets_the_document(
    address: str, accepts: str, published: APIClient
) -> None:
    answer = published.get(address, headers={"accept": accepts})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/cbor")


@pytest.mark.parametrize("address", [KEYSET, STATUS])
def test_who_has_it_already_is_told_so_and_nothing_is_fetched(
    address: str, published: APIClient
) -> None:
    first = published.get(address)
    with CaptureQueriesContext(connection) as asked:
        again = published.get(address, headers={"if-none-match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"].startswith("public, max-age=")
    assert not any('"document"' in query["sql"] for query in asked.captured_queries)
    other = published.get(address, headers={"if-none-match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("address", [KEYSET, STATUS])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_puts_anything_there(address: str, method: str, published: APIClient) -> None:
    assert getattr(published, method)(address).status_code == 405


def test_an_id_joins_the_list_within_a_minute(
    published: APIClient, folder: Path, clock: Clock
) -> None:
    before = list_in(published.get(STATUS).content, now=clock.at, folder=folder)
    cti = token_bytes(8)
    revoke(cti, issued_at=clock.at)
    clock.later(seconds=59)

    after = list_in(published.get(STATUS).content, now=clock.at, folder=folder)
    assert cti not in before
    assert cti in after
    assert after.seq > before.seq


def test_a_deed_that_was_taken_back_revokes_nothing(published: APIClient, clock: Clock) -> None:
    with transaction.atomic():
        revoke(token_bytes(8), issued_at=clock.at)
        transaction.set_rollback(True)

    assert not Revoked.objects.exists()


def test_an_id_leaves_the_list_when_its_receipt_would_not_be_honoured(
    folder: Path, tmp_path: Path, settings: Any, clock: Clock
) -> None:
    cti, other = token_bytes(8), token_bytes(8)
    revoke(cti, issued_at=clock.at)
    revoke(other, issued_at=clock.at + timedelta(days=1))
    # The keys of that time to come: those of today have ended by then.
    then = clock.at + LIFE
    create_keys(folder=tmp_path / "later", since=clock.at, now=then)
    settings.KEY_FOLDER = tmp_path / "later"

    clock.at = then
    assert {cti, other} == ids(list_in(got(STATUS).content, now=then, folder=settings.KEY_FOLDER))
    clock.later(hours=2)
    listed = list_in(got(STATUS).content, now=clock.at, folder=settings.KEY_FOLDER)
    assert ids(listed) == {other}
    assert [bytes(row.cti) for row in Revoked.objects.all()] == [other]


def ids(listed: StatusList) -> set[bytes]:
    return {listed.ids[at : at + 8] for at in range(0, len(listed.ids), 8)}


def test_a_list_nobody_joined_is_signed_anew_each_hour_and_not_before(
    published: APIClient, clock: Clock
) -> None:
    first = published.get(STATUS).headers["ETag"]
    clock.later(minutes=59)
    assert published.get(STATUS).headers["ETag"] == first
    clock.later(minutes=1)
    assert published.get(STATUS).headers["ETag"] != first


def test_asking_every_second_does_not_sign_every_second(published: APIClient, clock: Clock) -> None:
    first = published.get(STATUS).headers["ETag"]
    for _ in range(9):
        revoke(token_bytes(8), issued_at=clock.later(seconds=1))
        assert published.get(STATUS).headers["ETag"] == first

    revoke(token_bytes(8), issued_at=clock.later(seconds=1))
    assert published.get(STATUS).headers["ETag"] != first
    assert not Revoked.objects.filter(waiting=True).exists()


def test_numbers_never_go_back_whatever_the_clock_does(
    folder: Path, clock: Clock, published: APIClient
) -> None:
    seen = [Published.objects.get(pk="keyset").seq]
    for step in (0, -3_600, 60, -7_200):
        publish_keys(root=folder / ROOT, now=clock.later(seconds=step))
        seen.append(Published.objects.get(pk="keyset").seq)

    assert seen == sorted(set(seen))


def test_an_old_database_goes_on_from_the_time_it_is(
    folder: Path, clock: Clock, published: APIClient
) -> None:
    for _ in range(3):
        publish_keys(root=folder / ROOT, now=clock.later(hours=1))
    highest = Published.objects.get(pk="keyset").seq
    Published.objects.all().delete()

    publish_keys(root=folder / ROOT, now=clock.later(hours=1))
    keyset = keys_in(published.get(KEYSET).content, now=clock.at, folder=folder, least_seq=highest)
    assert keyset.seq is not None
    assert keyset.seq > highest


def test_a_reader_with_the_newer_one_refuses_the_older(
    published: APIClient, folder: Path, clock: Clock
) -> None:
    old = published.get(STATUS).content
    seq = list_in(old, now=clock.at, folder=folder).seq

    with pytest.raises(TokenRefused, match="stale_status"):
        list_in(old, now=clock.at, folder=folder, least_seq=seq + 1)


@pytest.mark.parametrize("at", [0, 20, 60, 100, -1])
def test_no_bit_of_a_document_can_turn(
    at: int, published: APIClient, folder: Path, clock: Clock
) -> None:
    for address, reader in ((KEYSET, keys_in), (STATUS, list_in)):
        document = bytearray(published.get(address).content)
        document[at] ^= 1
        with pytest.raises(TokenRefused):
            reader(bytes(document), now=clock.at, folder=folder)


def test_a_document_of_another_host_is_none_of_ours(
    published: APIClient, folder: Path, clock: Clock, settings: Any
) -> None:
    document = published.get(KEYSET).content
    root = read_root((folder / "root.json").read_text())

    with pytest.raises(TokenRefused):
        read_keyset(document, root=root, host="evil.example.kr", now=int(clock.at.timestamp()))


def test_the_root_of_another_installation_signs_nothing_here(tmp_path: Path, clock: Clock) -> None:
    create_keys(folder=tmp_path / "theirs", since=clock.at, now=clock.at)

    with pytest.raises(ImproperlyConfigured, match="not the root of this installation"):
        publish_keys(root=tmp_path / "theirs" / ROOT, now=clock.at)
    assert not Published.objects.filter(seq__gt=0).exists()


@pytest.mark.parametrize("name", ["sealing-keys.json", "session.key", "gone.json"])
def test_what_is_no_root_signs_nothing(name: str, folder: Path, clock: Clock) -> None:
    with pytest.raises(ImproperlyConfigured):
        publish_keys(root=folder / name, now=clock.at)


def test_a_root_whose_time_is_over_signs_nothing(folder: Path, clock: Clock) -> None:
    with pytest.raises(KeysUnusable):
        publish_keys(root=folder / ROOT, now=clock.at + timedelta(days=3_700))


def test_where_no_key_may_sign_the_last_list_stands(published: APIClient, clock: Clock) -> None:
    last = published.get(STATUS).content
    clock.later(days=200)

    assert published.get(STATUS).content == last


def test_where_no_key_may_sign_and_none_ever_did_that_is_said(clock: Clock) -> None:
    clock.later(days=200)
    answer = got(STATUS)

    assert (answer.status_code, answer.json()["code"]) == (503, "keys.not-published")


def test_a_document_is_not_published_outside_a_transaction(
    transactional_db: None, clock: Clock
) -> None:
    with pytest.raises(LogInconsistent):
        locked(Published.Kind.STATUS)
