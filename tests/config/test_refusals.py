"""One refusal, one code, one sentence in the reader's language."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Person
from attest import errors
from config.refusals import STATUS, WORDS, reply
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import batch_of, sign
from trips.models import Trip

# Absent from the table on purpose; config/refusals.py says why.
SILENT = {
    errors.Refusal,
    errors.TokenRefused,
    errors.KeysUnusable,
    errors.LeafMalformed,
    errors.NoteRefused,
    errors.ProofRefused,
    errors.BundleUnusable,
    errors.SealBroken,
    errors.LogInconsistent,
    errors.WipeWaits,
}
HANGUL = re.compile("[가-힣]")


def every(kind: type[errors.Refusal]) -> set[type[errors.Refusal]]:
    return {kind}.union(*(every(inner) for inner in kind.__subclasses__()))


def test_every_refusal_has_a_status_or_is_absent_on_purpose() -> None:
    ours = {kind for kind in every(errors.Refusal) if kind.__module__ == "attest.errors"}

    assert set(STATUS) | SILENT == ours
    assert not set(STATUS) & SILENT


def test_every_refusal_that_answers_has_words() -> None:
    assert set(WORDS) == set(STATUS)


def test_every_status_is_one_a_program_expects() -> None:
    assert set(STATUS.values()) == {400, 403, 409, 410, 503}


def test_every_code_is_a_thing_and_what_is_wrong() -> None:
    for kind in STATUS:
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+", kind.code)


def test_what_must_wake_somebody_is_not_answered() -> None:
    for kind in (errors.LogInconsistent, errors.SealBroken, errors.KeysUnusable):
        assert reply(kind("stop"), {}) is None


# -- the shape of an error ----------------------------------------------------------------------


def refusals(felix: Person, mallory: Person) -> dict[str, Any]:
    """One of each kind, as programs meet them."""
    desk, stranger, other = phone_of(felix), APIClient(), phone_of(mallory)
    nobodys = "00000000-0000-0000-0000-000000000007"

    def all_of(language: str) -> dict[str, Any]:
        said: dict[str, Any] = {"headers": {"Accept-Language": language}}
        shaped = said | {"format": "json"}
        return {
            "session.over": stranger.get("/api/v1/batches", **said),
            "role.lacking": other.get("/api/v1/searches", **said),
            "not-found": desk.get(f"/api/v1/batches/{nobodys}", **said),
            "not-found ": desk.get("/api/v1/no-such-thing", **said),
            "request.method": desk.put("/api/v1/batches", {}, **shaped),
            "request.media-type": desk.post("/api/v1/batches", {}, format="multipart", **said),
            "request.shape": desk.post("/api/v1/verifications", {}, **shaped),
            "settlement.not-payable": desk.post("/api/v1/batches", {"add": [nobodys]}, **shaped),
            "body.not-json": desk.generic(
                "POST", "/api/v1/batches", "{", content_type="application/json", **said
            ),
            "body.too-large": desk.generic(
                "POST",
                "/api/v1/batches",
                " " * 300_000,
                content_type="application/json",
                **said,
            ),
        }

    return {language: all_of(language) for language in ("ko", "en")}


def test_every_error_has_a_code_and_a_sentence_in_the_readers_language(
    felix: Person, mallory: Person
) -> None:
    answered = refusals(felix, mallory)

    for language, all_of in answered.items():
        for code, answer in all_of.items():
            said = answer.json()
            assert said["code"] == code.strip(), (language, code)
            assert set(said) <= {"code", "detail", "fields"}
            korean = bool(HANGUL.search(said["detail"]))
            assert korean == (language == "ko"), said
    statuses = {code.strip(): answer.status_code for code, answer in answered["ko"].items()}
    assert statuses == {
        "session.over": 401,
        "role.lacking": 403,
        "not-found": 404,
        "request.method": 405,
        "request.media-type": 415,
        "request.shape": 400,
        "settlement.not-payable": 409,
        "body.not-json": 400,
        "body.too-large": 413,
    }


def test_a_refusal_shows_no_value_that_was_sent(felix: Person) -> None:
    secret = "31415926535897932384"
    answer = phone_of(felix).post(
        "/api/v1/verifications", {"text": "x", "source": secret}, format="json"
    )

    assert answer.status_code == 400
    assert "Traceback" not in answer.content.decode()


def test_pages_meet_the_same_refusals(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    signed = sign(felix, bytes(batch.hash or b""))
    where = f"/settlement/batches/{batch.uid}/"
    desk = phone_of(felix)
    desk.post(f"{where}settlement/", {"step_up": json.dumps(signed)}, format="multipart")
    again = desk.post(where, {"remove": []}, format="multipart")

    assert again.status_code == 409
    assert "batch.settled" in again.content.decode()
    assert "이미 정산한 묶음입니다" in again.content.decode()


# -- the database is away -----------------------------------------------------------------------


def away(*_: Any) -> Any:
    """Every statement fails as it does when the server is gone."""
    raise OperationalError("server closed the connection unexpectedly")


def cut(*_: Any) -> Any:
    raise InterfaceError("connection already closed")


def sentence(answer: Any) -> str:
    """What it says, to a program or to a person."""
    said: dict[str, Any] = json.loads(answer.content) if "json" in answer["Content-Type"] else {}
    return str(said.get("detail", answer.content.decode().strip()))


@pytest.mark.parametrize("gone", [away, cut])
@pytest.mark.parametrize(
    "page", ["/settlement/batches/", "/audit/trips/", "/me/", "/api/v1/batches", "/api/v1/me"]
)
def test_while_the_database_is_away_the_answer_is_later(
    felix: Person, page: str, gone: Any
) -> None:
    desk = phone_of(felix)
    desk.raise_request_exception = False

    with connection.execute_wrapper(gone):
        answer = desk.get(page)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert sentence(answer) == "잠시 뒤에 다시 시도해 주세요."


def test_away_in_the_middle_of_a_page_is_away(felix: Person) -> None:
    """Who reads was already known; what they read is not to be had."""
    desk = phone_of(felix)
    desk.raise_request_exception = False

    def half(execute: Any, sql: str, *rest: Any) -> Any:
        return (away if "settlement_" in sql else execute)(sql, *rest)

    with connection.execute_wrapper(half):
        page, program = desk.get("/settlement/batches/"), desk.get("/api/v1/batches")

    assert (page.status_code, program.status_code) == (503, 503)
    assert program.json()["code"] == "busy"
    assert {page.headers["Retry-After"], program.headers["Retry-After"]} == {"5"}


def test_why_it_was_later_is_written_down_without_the_row_it_quotes(
    felix: Person, caplog: pytest.LogCaptureFixture
) -> None:
    desk = phone_of(felix)
    desk.raise_request_exception = False

    class Deadlock(Exception):
        sqlstate = "40P01"

    def half(execute: Any, sql: str, *rest: Any) -> Any:
        if "settlement_" in sql:
            raise OperationalError("ada 900101-1234567") from Deadlock("ada 900101-1234567")
        return execute(sql, *rest)

    with connection.execute_wrapper(half):
        desk.get("/settlement/batches/")
        desk.get("/api/v1/batches")

    assert [one for one in caplog.messages if "busy" in one] == ["busy: Deadlock 40P01"] * 2
    assert "900101" not in caplog.text


def test_our_own_fault_is_a_number_to_quote(felix: Person) -> None:
    desk = phone_of(felix)
    desk.raise_request_exception = False

    def broken(*_: Any) -> Any:
        raise RuntimeError("ada 900101-1234567")

    def half(execute: Any, sql: str, *rest: Any) -> Any:
        return (broken if "settlement_" in sql else execute)(sql, *rest)

    with connection.execute_wrapper(half):
        page, program = desk.get("/settlement/batches/"), desk.get("/api/v1/batches")

    assert (page.status_code, program.status_code) == (500, 500)
    assert program.json()["code"] == "fault"
    for answer in (page, program):
        assert "900101" not in answer.content.decode()
        assert "Traceback" not in answer.content.decode()


# -- alive, ready ---------------------------------------------------------------------------------


def test_a_process_that_lives_says_ok(db: None) -> None:
    answer = Client().get("/livez")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_it_lives_while_the_database_is_away(db: None) -> None:
    with connection.execute_wrapper(away):
        assert Client().get("/livez").status_code == 200


def test_a_ready_process_says_so_line_by_line(db: None) -> None:
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"database": "ok", "keys": "ok", "log": "ok", "letters": "ok"},
    )


def test_each_fault_turns_its_own_line(db: None) -> None:
    with connection.execute_wrapper(away):
        answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "database": "no connection",
        "keys": "ok",
        "log": "OperationalError",
        "letters": "OperationalError",
    }


def test_keys_that_ran_out_turn_theirs(db: None, clock: Clock) -> None:
    clock.later(days=366)

    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["keys"] == "no key may seal touches now"
