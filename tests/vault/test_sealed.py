"""Sealed fields: a value opens where it lies, under its own key, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from attest.errors import KeyGone, Refusal, SealBroken
from ledger.services.create_keys import create_keys
from tests.conftest import NOON
from vault import keyring
from vault.sealed import Box, KeyName, blind_index, seal, seal_opening, shred, unseal_opening

ROW = UUID(int=7)
ADA = KeyName("p00000001", "2026-11", "loc")
BORA = KeyName("p00000002", "2026-11", "loc")
SECRET = b"35.2280210, 128.6811340"
LEAF = bytes(range(32))


@pytest.fixture
def box() -> Box:
    return sealed_at()


@pytest.fixture
def other_keys(tmp_path: Path, settings: Any) -> Iterator[Callable[[], None]]:
    """The keys of another installation, ready to take the place of ours."""
    create_keys(folder=tmp_path / "other", since=NOON, now=NOON)

    def take_over() -> None:
        settings.KEY_FOLDER = tmp_path / "other"
        keyring.forget()

    yield take_over
    keyring.forget()


@pytest.fixture
def careless() -> Iterator[None]:
    """A service started with no umask at all."""
    before = os.umask(0)
    yield
    os.umask(before)


def sealed_at(key: KeyName = ADA, table: str = "trips_touch", field: str = "point") -> Box:
    return Box(table, ROW, field, seal(SECRET, key=key, table=table, row=ROW, field=field))


@pytest.fixture
def store(settings: Any) -> Path:
    return Path(settings.SHRED_STORE)


def test_what_was_sealed_opens_where_it_lies(box: Box) -> None:
    assert box.open() == SECRET
    assert box.key_name == ADA


def test_nothing_of_the_value_shows_in_the_column_or_in_a_repr(box: Box) -> None:
    assert SECRET not in box.content
    assert SECRET.decode() not in repr(box)
    assert repr(box.content)[2:-1] not in repr(box)


def test_the_same_value_is_never_sealed_alike() -> None:
    contents = {sealed_at().content for _ in range(500)}

    assert len(contents) == 500
    nonces = {content[2 + len(str(ADA)) :][:12] for content in contents}
    assert len(nonces) == 500


@pytest.mark.parametrize(
    "elsewhere",
    [{"table": "trips_stop"}, {"row": UUID(int=8)}, {"field": "facts"}],
    ids=["table", "row", "field"],
)
def test_a_value_moved_elsewhere_does_not_open(box: Box, elsewhere: dict[str, Any]) -> None:
    with pytest.raises(SealBroken):
        replace(box, **elsewhere).open()


def test_a_value_given_another_key_does_not_open(box: Box) -> None:
    sealed_at(BORA)
    moved = box.content.replace(str(ADA).encode(), str(BORA).encode())

    with pytest.raises(SealBroken):
        replace(box, content=moved).open()


def test_where_one_name_ends_and_the_next_begins_is_sealed_too() -> None:
    box = sealed_at(table="trips", field="touch_point")

    with pytest.raises(SealBroken):
        replace(box, table="tripst", field="ouch_point").open()


def test_no_single_bit_of_a_sealed_value_can_turn(box: Box) -> None:
    content = bytearray(box.content)

    for bit in range(8 * len(content)):
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises((SealBroken, KeyGone)):
            replace(box, content=bytes(content)).open()
        content[bit // 8] ^= 1 << bit % 8
    assert replace(box, content=bytes(content)).open() == SECRET


def test_no_part_of_a_sealed_value_opens(box: Box) -> None:
    for length in range(len(box.content)):
        with pytest.raises(SealBroken):
            replace(box, content=box.content[:length]).open()
    with pytest.raises(SealBroken):
        replace(box, content=box.content + b"\0").open()


@pytest.mark.parametrize(
    "noise",
    [b"", b"\x01", b"\x02\x00", b"\x01\xff" + b"a" * 40, b"\x01\x04\xff\xfe\xfd\xfc", SECRET]
    + [bytes([1, len(name)]) + name + bytes(40) for name in (b"../../x/-/id", b"p1/-/id\n")],
)
def test_noise_in_a_column_is_refused(noise: bytes, box: Box) -> None:
    with pytest.raises(SealBroken):
        replace(box, content=noise).open()


# -- openings of leaves ------------------------------------------------------------------


def test_an_opening_belongs_to_its_leaf_and_its_group() -> None:
    nonce, sealed = seal_opening(SECRET, key=ADA, leaf_hash=LEAF)

    assert unseal_opening(nonce, sealed, key=ADA, leaf_hash=LEAF) == SECRET
    with pytest.raises(SealBroken):
        unseal_opening(nonce, sealed, key=ADA, leaf_hash=LEAF[::-1])
    other = replace(ADA, group="biz")
    shred.made(other)
    with pytest.raises(SealBroken):
        unseal_opening(nonce, sealed, key=other, leaf_hash=LEAF)


def test_no_single_bit_of_an_opening_can_turn() -> None:
    nonce, sealed = seal_opening(SECRET, key=ADA, leaf_hash=LEAF)
    whole = bytearray(nonce + sealed)

    for bit in range(8 * len(whole)):
        whole[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal_opening(bytes(whole[:12]), bytes(whole[12:]), key=ADA, leaf_hash=LEAF)
        whole[bit // 8] ^= 1 << bit % 8


# -- the shred store ---------------------------------------------------------------------


def file_of(store: Path, key: KeyName) -> Path:
    return store / key.subject / f"{key.month}.{key.group}"


def test_with_its_key_destroyed_a_value_is_gone(box: Box, store: Path) -> None:
    file_of(store, ADA).unlink()
    shred.forget()

    with pytest.raises(KeyGone):
        box.open()
    assert not file_of(store, ADA).exists()


def test_a_new_key_under_the_old_name_brings_nothing_back(box: Box, store: Path) -> None:
    file_of(store, ADA).unlink()
    shred.forget()
    sealed_at()

    with pytest.raises(SealBroken):
        box.open()


def test_one_destroyed_key_takes_no_other_with_it(store: Path) -> None:
    boxes = [sealed_at(replace(ADA, group=group)) for group in ("id", "loc", "biz")]
    file_of(store, ADA).unlink()
    shred.forget()

    assert boxes[0].open() == boxes[2].open() == SECRET


def test_looking_for_a_key_makes_none(store: Path) -> None:
    with pytest.raises(KeyGone):
        shred.existing(ADA)

    assert not store.exists()


def test_a_key_is_one_file_of_its_owner_alone(box: Box, store: Path) -> None:
    assert file_of(store, ADA).stat().st_size == 60
    assert file_of(store, ADA).stat().st_mode & 0o777 == 0o600
    assert store.stat().st_mode & 0o777 == (store / ADA.subject).stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (store / ADA.subject).iterdir()] == ["2026-11.loc"]


def test_even_a_careless_umask_opens_no_key(store: Path, careless: None) -> None:
    shred.made(ADA)

    assert file_of(store, ADA).stat().st_mode & 0o777 == 0o600
    assert store.stat().st_mode & 0o777 == (store / ADA.subject).stat().st_mode & 0o777 == 0o700


def test_the_key_in_the_file_is_wrapped_under_its_name(box: Box, store: Path) -> None:
    key = shred.existing(ADA)
    assert key not in file_of(store, ADA).read_bytes()

    shred.made(BORA)
    file_of(store, BORA).write_bytes(file_of(store, ADA).read_bytes())
    shred.forget()
    with pytest.raises(SealBroken):
        shred.existing(BORA)
    assert shred.existing(ADA) == key


@pytest.mark.parametrize("content", [b"", bytes(12), bytes(60), bytes(61)])
def test_a_spoilt_file_is_no_key_and_is_not_replaced(content: bytes, box: Box, store: Path) -> None:
    file_of(store, ADA).write_bytes(content)
    shred.forget()

    with pytest.raises(SealBroken):
        box.open()
    with pytest.raises(SealBroken):
        shred.made(ADA)
    assert file_of(store, ADA).read_bytes() == content


def test_no_single_bit_of_a_wrapped_key_can_turn(box: Box, store: Path) -> None:
    file = file_of(store, ADA)
    wrapped = bytearray(file.read_bytes())

    for bit in range(8 * len(wrapped)):
        wrapped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(wrapped)
        shred.forget()
        with pytest.raises(SealBroken):
            box.open()
        wrapped[bit // 8] ^= 1 << bit % 8


def test_another_key_encryption_key_opens_nothing(box: Box, other_keys: Callable[[], None]) -> None:
    other_keys()
    shred.forget()

    with pytest.raises(SealBroken):
        box.open()


@pytest.mark.parametrize(
    "parts",
    [
        ("..", "-", "id"),
        ("../p1", "-", "id"),
        ("p", "-", "id"),
        ("p" * 41, "-", "id"),
        ("P00000001", "-", "id"),
        ("p00000001", "2026-1", "id"),
        ("p00000001", "", "id"),
        ("p00000001", "2026-11", "all"),
        ("p00000001", "2026-11\n", "id"),
        ("p00000001", "２026-11", "id"),
        ("p0/0001", "-", "id"),
    ],
)
def test_a_name_that_could_lead_elsewhere_is_none(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="not the name of a data key"):
        KeyName(*parts)
    with pytest.raises(Refusal):
        KeyName.read("/".join(parts))


def test_what_stands_as_long_as_the_person_has_no_month() -> None:
    name = KeyName("org-12", "-", "id")

    assert KeyName.read(str(name)) == name


MAKERS = 8


@pytest.mark.parametrize("month", [f"2026-{month:02}" for month in range(1, 13)])
def test_of_many_makers_of_one_key_one_wins(month: str, store: Path) -> None:
    ready, name = Barrier(MAKERS), replace(ADA, month=month)

    def maker(n: int) -> tuple[bytes, bytes]:
        ready.wait()
        content = seal(bytes([n]), key=name, table="t", row=ROW, field="f")
        return shred.made(name), content

    with ThreadPoolExecutor(MAKERS) as makers:
        made = list(makers.map(maker, range(MAKERS)))
    shred.forget()
    assert {key for key, _ in made} == {shred.existing(name)}
    assert [Box("t", ROW, "f", content).open() for _, content in made] == [
        bytes([n]) for n in range(MAKERS)
    ]
    assert [path.name for path in (store / name.subject).iterdir()] == [f"{month}.loc"]


def test_sealing_makes_no_key_but_its_own(key_folder: Path, store: Path) -> None:
    before = {path.name: path.read_bytes() for path in key_folder.iterdir()}

    sealed_at()
    assert {path.name: path.read_bytes() for path in key_folder.iterdir()} == before
    assert [path for path in store.rglob("*") if path.is_file()] == [file_of(store, ADA)]


# -- exact search ------------------------------------------------------------------------


def test_equal_values_of_one_purpose_are_found_and_no_others() -> None:
    ada = blind_index("number", "T-ada")

    assert ada == blind_index("number", "T-ada")
    assert ada != blind_index("number", "T-bora")
    assert ada != blind_index("account", "T-ada")
    assert len(ada) == 32


def test_without_the_key_the_index_says_nothing(other_keys: Callable[[], None]) -> None:
    ours = blind_index("number", "T-ada")
    other_keys()

    assert blind_index("number", "T-ada") != ours
    assert b"ada" not in ours
