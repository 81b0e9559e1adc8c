"""A touch to practise with: it looks like one, and nothing of it is ever kept."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Person
from tests.conftest import NOON, agree, phone_of
from tests.trips.log import rows


def test_practising_leaves_no_row_behind(ada: Person) -> None:
    phone = phone_of(ada)
    before = rows()

    assert phone.get("/practice/").status_code == 200
    assert phone.get("/practice/?done=1").context["done"]
    assert rows() == before


@pytest.mark.parametrize(("answer", "said"), [("given", "yes"), ("paused", "no")])
def test_who_is_not_measured_is_not_measured_for_practice(
    ada: Person, answer: str, said: str
) -> None:
    agree(ada, at=NOON, answer=answer)

    assert f'data-located="{said}"' in phone_of(ada).get("/practice/").content.decode()


def test_its_end_without_script_draws_a_code_that_is_no_receipt(ada: Person) -> None:
    said = phone_of(ada).get("/practice/?done=1").content.decode()

    assert "<svg" in said
    assert "연습" in said


def test_a_stranger_is_led_to_the_door(db: None) -> None:
    assert Client().get("/practice/")["Location"].startswith("/login/")
