"""Tags on the wall: their counter rises, and a copy of one is heard."""

from __future__ import annotations

import shutil
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Person, Place
from attest.nfc_tag import TagKeys
from ledger.models import Outbox
from tests.conftest import NOON
from tests.tags import tapped
from tests.trips.places import add_code
from tests.trips.touches import Phone, codes, without_position
from trips.models import NfcTag, Trip
from trips.services.make_site import make_site
from trips.services.register_tag import register_tag
from trips.services.revoke_tag import revoke_tag
from vault import keyring
from vault.keyring.file import write_key

CHIP = bytes.fromhex("04DE5F1EACC040")
NOWHERE = without_position("unavailable")


@pytest.fixture
def folder(key_folder: Path, tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own: a batch stays where it was made."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    return Path(settings.KEY_FOLDER)


@pytest.fixture
def keys(db: None, folder: Path) -> TagKeys:
    """Of the batch ``t1``."""
    call_command("keys", "tags", "t1", verbosity=0)
    return keyring.tag_keys("t1")


@pytest.fixture
def tag(db: None, keys: TagKeys, site: Place, olga: Person) -> NfcTag:
    wall = make_site(site, name="정문", by=olga, now=NOON)
    return register_tag(wall, chip=CHIP, batch="t1", by=olga, now=NOON)


def test_a_touched_tag_is_as_good_as_a_live_code(
    phone: Phone, trip: Trip, tag: NfcTag, keys: TagKeys
) -> None:
    answer = phone.touch(trip, site=tapped(keys, CHIP, 61), **NOWHERE)

    assert answer.json()["verdict"] == "SUFFICIENT"
    assert "site.nfc" in codes(answer)
    tag.refresh_from_db()
    assert tag.counter == 61
    tag.site.place.refresh_from_db()
    assert tag.site.place.site_equipped


@pytest.mark.parametrize(("counter", "code"), [(61, "flow.site-code-stale"), (62, "site.nfc")])
def test_a_counter_that_does_not_rise_is_a_copy(
    counter: int, code: str, phone: Phone, trip: Trip, tag: NfcTag, keys: TagKeys
) -> None:
    phone.touch(trip, site=tapped(keys, CHIP, 61), **NOWHERE)

    answer = phone.touch(trip, "stop", site=tapped(keys, CHIP, counter), **NOWHERE)

    assert {one for one in codes(answer) if one.startswith(("site.", "flow."))} == {code}


def test_a_tag_may_be_touched_after_the_touch(
    phone: Phone, trip: Trip, tag: NfcTag, keys: TagKeys
) -> None:
    touch = phone.touched(trip, **NOWHERE)

    answer = add_code(phone, touch, tapped(keys, CHIP, 7))

    assert "site.nfc" in codes(answer)
    again = add_code(phone, touch, tapped(keys, CHIP, 7))
    # What was shown once is not taken back by its copy.
    assert "site.nfc" in codes(again)


def test_a_refused_deed_leaves_the_counter(
    phone: Phone, trip: Trip, tag: NfcTag, keys: TagKeys, workplace: Place, olga: Person
) -> None:
    elsewhere = make_site(workplace, name="정문", by=olga, now=NOON)
    register_tag(elsewhere, chip=CHIP, batch="t1", by=olga, now=NOON)
    touch = phone.touched(trip, **NOWHERE)

    answer = add_code(phone, touch, tapped(keys, CHIP, 7))

    assert answer.json()["code"] == "site-code.elsewhere"
    tag.refresh_from_db()
    assert tag.counter == 0


@pytest.mark.parametrize("what", ["revoked", "stranger", "bent"])
def test_a_tag_that_is_none_of_ours_is_a_counted_try(
    what: str, phone: Phone, trip: Trip, tag: NfcTag, keys: TagKeys, olga: Person
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    said = {
        "revoked": tapped(keys, CHIP, 7),
        "stranger": tapped(keys, bytes(7), 7),
        "bent": tapped(TagKeys(keys.meta, bytes(16)), CHIP, 7),
    }[what]
    if what == "revoked":
        revoke_tag(tag, by=olga, now=NOON)

    answer = add_code(phone, touch, said)

    assert answer.json()["code"] == "site-code.wrong"
    assert answer.json()["left"] == 4


def test_a_tag_that_moves_takes_its_counter_along(tag: NfcTag, site: Place, olga: Person) -> None:
    NfcTag.objects.update(counter=99)
    other = make_site(site, name="후문", by=olga, now=NOON)

    moved = register_tag(other, chip=CHIP, batch="t1", by=olga, now=NOON)

    assert (moved.pk, moved.counter, moved.site) == (tag.pk, 99, other)


def test_the_number_of_a_chip_lies_sealed(tag: NfcTag) -> None:
    assert CHIP not in bytes(tag.chip)
    assert tag.box().open() == CHIP


def test_keys_of_a_batch_are_made_once(keys: TagKeys) -> None:
    assert len({keys.meta, keys.file}) == 2
    with pytest.raises(CommandError, match="already"):
        call_command("keys", "tags", "t1")
    keyring.check()


@pytest.mark.parametrize("batch", ["", "A", "a/b", "a" * 17])
def test_a_batch_has_a_plain_name(batch: str, db: None, folder: Path) -> None:
    with pytest.raises(CommandError, match="small letters"):
        call_command("keys", "tags", batch)


def test_tags_that_kept_the_keys_of_their_factory_stop_the_start(folder: Path) -> None:
    write_key(folder / "nfc-meta-f.key", bytes(16))
    write_key(folder / "nfc-file-f.key", bytes(15) + b"\1")
    keyring.forget()

    with pytest.raises(ImproperlyConfigured, match="known to everybody"):
        keyring.check()


@pytest.mark.parametrize("size", [15, 32])
def test_a_key_of_tags_is_sixteen_bytes(size: int, folder: Path) -> None:
    write_key(folder / "nfc-meta-f.key", token_bytes(size))
    write_key(folder / "nfc-file-f.key", token_bytes(16))
    keyring.forget()

    with pytest.raises(ImproperlyConfigured, match="16 bytes"):
        keyring.check()


def test_a_tag_that_moved_leaves_nothing_to_read_where_it_hung(
    tag: NfcTag, workplace: Place, olga: Person
) -> None:
    before = tag.site.place
    before.refresh_from_db()
    assert before.site_equipped
    elsewhere = make_site(workplace, name="현관", by=olga, now=NOON)
    moved = register_tag(elsewhere, chip=CHIP, batch="t1", by=olga, now=NOON)

    assert (moved.pk, moved.site) == (tag.pk, elsewhere)
    before.refresh_from_db()
    workplace.refresh_from_db()
    assert (before.site_equipped, workplace.site_equipped) == (False, True)


def test_a_tag_hung_again_at_its_site_is_told_once(tag: NfcTag, olga: Person) -> None:
    before = Outbox.objects.count()
    register_tag(tag.site, chip=CHIP, batch="t1", by=olga, now=NOON)

    assert Outbox.objects.count() == before + 1
