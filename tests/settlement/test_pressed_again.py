"""What was pressed twice, too early or by the wrong person says so, in words of its own."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.html import escape

from accounts.models import Person
from attest.errors import DutiesClash, MoveRefused, Refusal
from config.refusals import reply
from settlement.models import Batch, Hold, Month, Payment, Settlement
from settlement.services.close_month import close_month
from settlement.services.drop_batch import drop_batch
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from settlement.services.reopen_month import reopen_month
from settlement.services.resolve_hold import resolve_hold
from settlement.services.send_payments import send_payments
from settlement.services.unsettle import unsettle
from tests.conftest import NOON, phone_of
from tests.settlement.clerk_month import API, MONTH, brought_in, the_month
from tests.settlement.desk import EVENING, batch_of, pay
from tests.settlement.sheets.samples import row, xlsx
from trips.models import Trip
from trips.move_words import MOVES, sentence_of

ROOT = Path(__file__).resolve().parents[2]
WHY = "날짜가 잘못되었습니다"


def said(deed: Callable[[], object]) -> tuple[str, str, str]:
    """The code a reader gets, and the Korean and the English sentence."""
    with pytest.raises(Refusal) as refused:
        deed()
    words = []
    for language in ("ko", "en"):
        with translation.override(language):
            answer: Any = reply(refused.value, {})
        assert answer.status_code == 409
        words.append(answer.data["detail"])
    return answer.data["code"], words[0], words[1]


def test_who_takes_a_settlement_back_twice_is_told_that_somebody_else_has_to(
    felix: Person, payable: Trip
) -> None:
    pay(felix, batch_of(felix, payable))
    paid = Settlement.objects.get()
    unsettle(paid, clerk=felix, reason=WHY, now=EVENING)

    code, korean, english = said(lambda: unsettle(paid, clerk=felix, reason=WHY, now=EVENING))

    assert code == "second.own"
    assert "두 번째 확인은 다른 사람이" in korean
    assert "Somebody else has to say the second" in english
    page = phone_of(felix).post(f"/settlement/settlements/{paid.uid}/", {"reason": WHY})
    assert page.status_code == 409
    assert escape(korean) in page.content.decode()
    paid.refresh_from_db()
    assert paid.voided_at is None


def test_a_batch_says_whose_it_is_and_what_became_of_it(
    felix: Person, flora: Person, payable: Trip
) -> None:
    batch = open_batch(clerk=felix, now=EVENING)

    def fill(clerk: Person) -> tuple[str, str, str]:
        return said(lambda: fill_batch(batch, clerk=clerk, add=[payable.uid], now=EVENING))

    assert fill(flora) == (
        "batch.foreign",
        "다른 담당자의 묶음입니다.",
        "This batch is another clerk's.",
    )
    for state, korean, english in (
        (Batch.State.WAITING, "다른 담당자의 확인을 기다립니다", "waits for a second clerk"),
        (Batch.State.SETTLED, "두 번 지급되지 않습니다", "Nothing is paid a second time"),
        (Batch.State.DROPPED, "다른 묶음에 담을 수 있습니다", "can be laid into another"),
    ):
        Batch.objects.update(state=state)
        code, *words = fill(felix)
        assert code == f"batch.{state}"
        assert korean in words[0]
        assert english in words[1]
    assert said(lambda: drop_batch(batch, clerk=felix))[0] == "batch.dropped"
    assert not batch.trips.exists()


def test_a_month_says_why_it_is_not_closed_and_not_opened(
    felix: Person, ada: Person, bora: Person
) -> None:
    del ada, bora
    brought_in(felix, xlsx(row()))
    month = the_month()
    closing = said(lambda: close_month(month, clerk=felix, now=EVENING))
    page = phone_of(felix).post(f"/settlement/months/{MONTH}/closing/", follow=True)
    early = Month.objects.create(organisation=felix.organisation, name="2027-01")
    begun = said(lambda: close_month(early, clerk=felix, now=EVENING))
    opening = said(lambda: reopen_month(early, clerk=felix, reason=WHY, now=EVENING))

    assert (closing[0], closing[2]) == (
        "month.rows-waiting",
        "Rows of the sheet still wait for a decision.",
    )
    assert escape(closing[1]) in page.content.decode()
    assert begun == (
        "month.not-begun",
        "아직 시작하지 않은 달입니다.",
        "This month has not begun yet.",
    )
    assert opening[:2] == ("month.open", "이미 열려 있는 달입니다.")


def test_the_page_does_not_say_that_rows_wait_where_the_month_has_not_begun(
    felix: Person,
) -> None:
    page = phone_of(felix).post("/settlement/months/2027-01/closing/", follow=True)

    assert "아직 시작하지 않은 달입니다" in page.content.decode()


def test_who_asks_for_a_month_again_is_told_so_on_its_page(felix: Person) -> None:
    phone_of(felix).get(API)
    close_month(the_month(), clerk=felix, now=EVENING)
    for _ in range(2):
        where = f"/settlement/months/{MONTH}/reopening/"
        page = phone_of(felix).post(where, {"reopen-reason": WHY}, follow=True)

    assert "두 번째 확인은 다른 사람이" in page.content.decode()
    assert the_month().state == Month.State.CLOSED


def test_a_second_file_waits_for_the_answer_to_the_first(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    month = the_month()
    assert send_payments(month, clerk=felix, now=EVENING) == 1

    code, korean, english = said(lambda: send_payments(month, clerk=felix, now=EVENING))

    assert (code, Settlement.objects.get().payment) == ("payments.unanswered", Payment.SENT)
    assert "지급 파일의 결과를 먼저" in korean
    assert "bank" in english


def test_an_exception_says_that_it_is_resolved_or_for_two(felix: Person, payable: Trip) -> None:
    held = Hold.objects.create(
        trip=payable, reason_code="order.late", at=NOON - timedelta(hours=1), by=felix
    )

    def resolve() -> Hold:
        return resolve_hold(held, clerk=felix, resolution="explained", reason=WHY, now=EVENING)

    resolve()
    assert said(resolve) == ("hold.resolved", "이미 해결되었습니다.", "This was resolved already.")
    Hold.objects.update(state=Hold.State.SECOND)
    assert said(resolve)[0] == "hold.for-two"
    assert said(lambda: resolve_hold(held, clerk=felix, resolution="x", reason=WHY, now=EVENING))[
        0
    ] == ("trip.move-refused")


def test_a_deed_without_a_reason_asks_for_one(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    paid = Settlement.objects.get()

    assert said(lambda: unsettle(paid, clerk=felix, reason="  ", now=EVENING)) == (
        "reason.missing",
        "사유를 적어 주십시오.",
        "Please give a reason.",
    )


def test_every_reason_in_the_source_has_its_words_and_every_word_its_reason() -> None:
    """Else a reader would meet a fault in place of a sentence."""
    spoken = {f"batch.{state}" for state in Batch.State}
    for room in ("accounts", "audit", "ledger", "settlement", "trips"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                spoken |= _reason_of(node)

    assert spoken == set(MOVES)


def test_a_refusal_without_words_of_its_own_is_no_fault_of_the_page() -> None:
    """It goes on to where every refusal is told."""
    nameless = MoveRefused("no such move in this state")

    with pytest.raises(MoveRefused) as told:
        sentence_of(nameless)

    assert told.value is nameless
    assert sentence_of(MoveRefused("twice", why="row.decided")) == str(MOVES["row.decided"])


def _reason_of(node: ast.AST) -> set[str]:
    named = {MoveRefused.__name__, DutiesClash.__name__}
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in named:
        return set()
    said = [word.value for word in node.keywords if word.arg == "why"]
    return {str(one.value) for one in said if isinstance(one, ast.Constant)}
