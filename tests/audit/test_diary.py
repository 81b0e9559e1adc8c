"""Who looked is told, can be objected to, and is read once a month by an auditor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Grant, Person, Role
from accounts.step_up import Answer
from attest.errors import BatchChanged, MoveRefused, NotYours, StepUpRefused
from audit.models import AccessReview
from audit.reviewing import ACTION, readers_of, review_hash
from audit.services.sign_review import sign_review
from ledger.models import AccessSubject, Objection
from ledger.services.disclose import Look, Reader, disclose
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, sign

MONTH = "2026-11"
LATER = EVENING + timedelta(days=20)


def look(reader: Person, at: Person, *, times: int = 1, **said: Any) -> None:
    for n in range(times):
        disclose(
            reader=Reader(reader, Role.CLERK, "10.0.0.1"),
            looks=[Look(at, said.get("depth", "place"))],
            method="view",
            action="trip",
            purpose="settlement",
            at=said.get("since", NOON) + timedelta(minutes=n),
        )


def page(person: Person, address: str) -> str:
    answer = phone_of(person).get(address, headers={"accept-language": "en"})
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_what_is_new_is_marked_until_it_was_read(ada: Person, felix: Person, clock: Clock) -> None:
    look(felix, ada, times=2)

    assert "2 new looks" in page(ada, "/me/")
    assert "2 new looks" in page(ada, "/me/diary/")
    assert "new look" not in page(ada, "/me/diary/")
    assert "new look" not in page(ada, "/me/")


def test_a_look_can_be_objected_to_once_and_another_answers(
    ada: Person, felix: Person, olga: Person
) -> None:
    look(felix, ada)
    uid = AccessSubject.objects.get().access.uid
    where = f"/me/diary/{uid}/objection/"

    assert phone_of(ada).post(where, {"reason": "제 출장이 아닙니다"}).status_code == 302
    assert phone_of(ada).post(where, {"reason": "다시"}).status_code == 409
    row = Objection.objects.get()
    answer = {"objection": row.uid, "answer": "확인하고 주의를 주었습니다"}
    assert phone_of(olga).post("/manage/objections/", answer).status_code == 302
    assert phone_of(olga).post("/manage/objections/", answer).status_code == 409
    assert "확인하고 주의를 주었습니다" in page(ada, "/me/diary/")


def test_who_looked_does_not_answer(ada: Person, olga: Person) -> None:
    look(olga, ada)
    uid = AccessSubject.objects.get().access.uid
    phone_of(ada).post(f"/me/diary/{uid}/objection/", {"reason": "왜 보셨나요"})
    row = Objection.objects.get()

    answer = phone_of(olga).post("/manage/objections/", {"objection": row.uid, "answer": "업무"})
    assert answer.status_code == 404
    assert "왜 보셨나요" not in page(olga, "/manage/objections/")


def test_a_look_at_somebody_else_is_not_there(ada: Person, felix: Person, mallory: Person) -> None:
    look(felix, ada)
    uid = AccessSubject.objects.get().access.uid

    answer = phone_of(mallory).post(f"/me/diary/{uid}/objection/", {"reason": "남의 일"})
    assert answer.status_code == 404
    assert phone_of(mallory).get("/manage/objections/").status_code == 403


def test_the_review_counts_by_reader_and_marks_what_is_unusual(
    ada: Person, bora: Person, felix: Person, flora: Person, iris: Person, mallory: Person
) -> None:
    Grant.objects.create(person=mallory, role=Role.CLERK, since=NOON - timedelta(days=3))
    look(flora, ada, times=3)
    look(mallory, ada, times=3)
    look(felix, ada, times=31)
    look(felix, bora, times=1)
    look(flora, bora, depth="position", since=NOON + timedelta(hours=1))
    readers = {one.name: one for one in readers_of(iris.organisation, MONTH)}

    assert (readers["felix"].looks, readers["felix"].people) == (32, 2)
    assert readers["felix"].unusual == ("many",)
    assert readers["flora"].unusual == ("exact",)
    assert readers["mallory"].unusual == ()


def test_thirty_at_night_are_unusual_and_nine_are_not(
    ada: Person, felix: Person, flora: Person, iris: Person
) -> None:
    night = NOON + timedelta(hours=11)
    look(felix, ada, times=10, since=night)
    look(flora, ada, times=9, since=night)
    readers = {one.name: one for one in readers_of(iris.organisation, MONTH)}

    assert (readers["felix"].nights, readers["felix"].unusual) == (10, ("nights",))
    assert readers["flora"].unusual == ()


def signed(iris: Person, *, at: Any, note: str = "", digest: bytes = b"") -> AccessReview:
    said = digest or review_hash(iris.organisation, MONTH, readers_of(iris.organisation, MONTH))
    answer = Answer.read(sign(iris, said, action=ACTION))
    return sign_review(iris, month=MONTH, note=note, step_up=answer, now=at)


@pytest.fixture
def over(clock: Clock) -> Any:
    """December: the month can be signed for."""
    clock.at = LATER
    return LATER


def test_a_month_is_signed_once_when_it_is_over(
    ada: Person, felix: Person, iris: Person, over: Any
) -> None:
    look(felix, ada)
    assert signed(iris, at=over).month == MONTH

    with pytest.raises(MoveRefused):
        signed(iris, at=over)
    assert "iris" in page(iris, f"/audit/reviews/{MONTH}/")


def test_not_before_its_end(iris: Person, clock: Clock) -> None:
    with pytest.raises(MoveRefused):
        signed(iris, at=clock())


def test_what_is_unusual_needs_a_word(ada: Person, felix: Person, iris: Person, over: Any) -> None:
    look(felix, ada, depth="position")

    with pytest.raises(MoveRefused):
        signed(iris, at=over, note=" ")
    assert signed(iris, at=over, note="업무상 필요를 확인함").note


def test_other_numbers_than_those_signed_are_refused(
    ada: Person, felix: Person, iris: Person, over: Any
) -> None:
    before = review_hash(iris.organisation, MONTH, readers_of(iris.organisation, MONTH))
    look(felix, ada)

    with pytest.raises((BatchChanged, StepUpRefused)):
        signed(iris, at=over, digest=before)
    assert not AccessReview.objects.exists()


def test_nobody_but_an_auditor_signs(felix: Person, over: Any) -> None:
    with pytest.raises(NotYours):
        signed(felix, at=over)


def test_what_is_no_month_is_not_there(iris: Person) -> None:
    for text in ("2026-13", "2026-1", "0000-01", "9999-12", "x"):
        assert phone_of(iris).get(f"/audit/reviews/{text}/").status_code == 404
