"""What holds a payment is asked about and answered; the traveller sees the same words."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Person, Post
from settlement.models import Hold, HoldMessage
from tests.conftest import phone_of
from tests.settlement.desk import EVENING
from trips.models import Trip


@pytest.fixture
def held(felix: Person, payable: Trip) -> Hold:
    return Hold.objects.create(
        trip=payable, reason_code="claim.overlap", note="두 출장이 겹칩니다", at=EVENING, by=felix
    )


def say(person: Person, held: Hold, text: str = "어느 쪽이 맞습니까?") -> Any:
    where = f"/api/v1/holds/{held.uid}/messages"
    return phone_of(person).post(where, {"text": text}, format="json")


def test_asked_answered_and_still_the_clerk_decides(felix: Person, ada: Person, held: Hold) -> None:
    assert say(felix, held).json()["state"] == "asked"
    assert say(ada, held, "구청 쪽이 맞습니다").json()["state"] == "answered"

    assert [one.by for one in HoldMessage.objects.all()] == [felix, ada]
    held.refresh_from_db()
    assert (held.state, held.resolution_code) == ("answered", "")
    news = Post.objects.get(person=ada, dedupe__startswith="hold:")
    assert news.about == held.trip.uid


def test_the_traveller_reads_reason_note_and_question_and_answers_there(
    felix: Person, ada: Person, held: Hold
) -> None:
    say(felix, held)
    where = f"/trips/{held.trip.uid}/questions/"

    page = phone_of(ada).get(where).content.decode()
    phone_of(ada).post(f"/questions/{held.uid}/answer/", {"text": "구청입니다"})

    assert "두 출장이 겹칩니다" in page
    assert "어느 쪽이 맞습니까?" in page
    shown = phone_of(felix).get(f"/settlement/exceptions/{held.uid}/").content.decode()
    assert "구청입니다" in shown


@pytest.mark.parametrize("name", ["mallory", "bora", "olga", "iris"])
def test_nobody_else_reads_or_says_anything(
    name: str, request: pytest.FixtureRequest, held: Hold
) -> None:
    other = request.getfixturevalue(name)

    assert say(other, held).status_code == 404
    assert phone_of(other).get(f"/trips/{held.trip.uid}/questions/").status_code == 404
    answer = phone_of(other).post(f"/questions/{held.uid}/answer/", {"text": "아니오"})
    assert answer.status_code == 404
    assert not HoldMessage.objects.exists()


def test_a_resolved_exception_is_talked_of_no_more(felix: Person, ada: Person, held: Hold) -> None:
    Hold.objects.update(state="resolved")

    assert (say(felix, held).status_code, say(ada, held).status_code) == (409, 409)


def test_a_conversation_has_an_end(felix: Person, held: Hold) -> None:
    rows = [HoldMessage(hold=held, by=felix, text="?", at=EVENING) for _ in range(40)]
    HoldMessage.objects.bulk_create(rows)

    assert say(felix, held).status_code == 409


@pytest.mark.parametrize("text", ["", " ", "x", "가" * 501])
def test_a_question_has_words(felix: Person, held: Hold, text: str) -> None:
    assert say(felix, held, text).status_code == 400


def test_an_asked_exception_still_holds_the_payment_and_can_be_resolved(
    felix: Person, held: Hold
) -> None:
    say(felix, held)
    body = {"resolution": "explained", "reason": "출장자가 설명함"}

    done = phone_of(felix).post(f"/api/v1/holds/{held.uid}/resolution", body, format="json")

    assert (done.status_code, done.json()["state"]) == (200, "resolved")
