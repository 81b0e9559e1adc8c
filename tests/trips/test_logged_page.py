"""The traveller sees whether the record of a touch still stands in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Person
from attest.log.leaf import time_text
from ledger.guarding import lowered
from ledger.models import Leaf, Tile
from ledger.services.check_promises import check_promises
from ledger.services.sequence import sequence
from tests.conftest import NOON, phone_of
from tests.ledger.deeds import wait_in_line
from tests.trips.touches import Phone
from trips.models import CheckIn, Trip


@pytest.fixture
def touch(phone: Phone, trip: Trip) -> CheckIn:
    return CheckIn.objects.get(uid=phone.touch(trip).json()["id"])


def page(person: Person, touch: CheckIn) -> str:
    answer = phone_of(person).get(f"/touches/{touch.uid}/log/", HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    return str(answer.content.decode())


GOOD, BAD = "그 뒤로 바뀌지 않았어요", "관리자에게 알려"


def test_it_says_at_which_place_the_record_stands(ada: Person, touch: CheckIn) -> None:
    said = page(ada, touch)

    place = Leaf.objects.get(leaf_hash=bytes(touch.leaf_hash)).index + 1
    assert GOOD in said
    assert f"{place}번째" in said
    assert bytes(touch.leaf_hash).hex() in said


def test_nobody_else_is_told(bora: Person, touch: CheckIn) -> None:
    answer = phone_of(bora).get(f"/touches/{touch.uid}/log/", HTTP_ACCEPT="text/html")

    assert answer.status_code == 404


def gone(touch: CheckIn) -> None:
    with lowered():
        Leaf.objects.filter(leaf_hash=bytes(touch.leaf_hash)).delete()


def another_tree(touch: CheckIn) -> None:
    row = Tile.objects.get(level=0, n=0)
    row.data = bytes(len(bytes(row.data)))
    with lowered():
        row.save()


def another_row(touch: CheckIn) -> None:
    CheckIn.objects.filter(pk=touch.pk).update(token_hash=bytes(32))


@pytest.mark.parametrize("tampered", [gone, another_tree, another_row])
def test_what_the_log_does_not_show_is_said(ada: Person, touch: CheckIn, tampered: Any) -> None:
    assert GOOD in page(ada, touch)
    tampered(touch)

    said = page(ada, touch)

    assert BAD in said
    assert GOOD not in said


def test_a_leaf_that_waits_for_more_than_an_hour_turns_the_line_of_the_log(
    touch: CheckIn,
) -> None:
    sequence(now=NOON)
    assert check_promises(now=NOON + timedelta(days=1)) == ""
    wait_in_line(1, at=NOON)

    assert check_promises(now=NOON + timedelta(hours=1)) == ""
    late = NOON + timedelta(hours=1, seconds=1)
    assert check_promises(now=late) == f"a leaf waits since {time_text(NOON)}"
