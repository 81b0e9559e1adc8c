"""Work of more than a second: done by the worker, come back to, cut off without a trace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import jobs
from accounts.models import Grant, Job, Person, Place, Role
from config.working import carry_out
from ledger.models import AccessSubject
from settlement.jobs import WORKS
from settlement.models import Batch, BatchRow, Settlement, SheetImport, SheetRow, VehicleLog
from settlement.services.draft_rules import draft_rules
from tests.conftest import NOON, phone_of
from tests.settlement.clerk_month import API, MONTH, answered, sheet_file, shown
from tests.settlement.desk import batch_of, confirmed, pay
from tests.settlement.sheets.samples import row, xlsx
from tests.settlement.test_findings import CAR_LINE, CARS, cars, sent
from tests.settlement.test_rule_sets import RICHER
from trips.models import Trip


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("settlement.jobs.SMALL_BYTES", 0)
    monkeypatch.setattr("settlement.jobs.SMALL_TRIPS", -1)
    monkeypatch.setattr("settlement.jobs.SMALL_ROWS", -1)
    monkeypatch.setattr("settlement.paying_out.AT_ONCE", 0)
    monkeypatch.setattr("settlement.web.batches.AT_ONCE", 0)


@pytest.fixture
def beside(mallory: Person, bora: Person, site: Place) -> Trip:
    return confirmed(mallory, bora, site, hours=2)


def work_of(person: Person) -> Job:
    return Job.objects.filter(owner=person).latest("pk")


def asked(answer: Any) -> Any:
    assert answer.status_code == 202, answer.content
    return answer.json()["job"]


def told(person: Person, uid: str) -> Any:
    return phone_of(person).get(f"/api/v1/jobs/{uid}").json()


def test_a_large_sheet_is_read_by_the_worker_and_its_fates_are_the_jobs_answer(
    felix: Person, ada: Person
) -> None:
    uid = asked(shown(felix, xlsx(row(), row(B=2, E="x"))))

    assert told(felix, uid)["state"] == "waiting"
    assert carry_out() == 1
    found = told(felix, uid)
    assert (found["state"], found["result"]["fates"]) == ("done", {"only": 1, "refused": 1})
    assert not SheetImport.objects.exists()
    assert bytes(Job.objects.get().brought) == b""


def test_it_comes_in_as_it_was_looked_at(felix: Person, ada: Person) -> None:
    raw = xlsx(row())
    uid = asked(shown(felix, raw))
    carry_out()
    asked(shown(felix, raw, digest=told(felix, uid)["result"]["digest"]))
    assert not SheetRow.objects.exists()

    carry_out()

    assert SheetRow.objects.get().fate == "only"


def test_what_waits_lies_sealed(felix: Person, ada: Person) -> None:
    shown(felix, xlsx(row()))

    kept = Job.objects.get()
    assert b"PK" not in bytes(kept.brought)[:64]
    assert kept.open_brought().startswith(b"PK")


def test_a_refusal_ends_the_job_with_its_code_and_cells(felix: Person, ada: Person) -> None:
    uid = asked(shown(felix, xlsx(row(B=""))))
    carry_out()

    found = told(felix, uid)
    assert (found["state"], found["code"]) == ("failed", "sheet.empty")
    page = phone_of(felix).get(f"/settlement/work/{uid}/").content.decode()
    assert "가져올 행이 없습니다" in page


@pytest.mark.parametrize("name", ["flora", "mallory", "bora", "iris"])
def test_nobody_elses_work_is_there(
    name: str, request: pytest.FixtureRequest, felix: Person, ada: Person
) -> None:
    uid = asked(shown(felix, xlsx(row())))
    other = phone_of(request.getfixturevalue(name))

    assert other.get(f"/api/v1/jobs/{uid}").status_code == 404
    assert other.get(f"/settlement/work/{uid}/").status_code in {403, 404}
    assert other.get(f"/settlement/work/{uid}/file/").status_code in {403, 404}


def test_the_page_can_be_left_and_the_month_leads_back(felix: Person, ada: Person) -> None:
    month = f"/settlement/months/{MONTH}/"
    sent = phone_of(felix).post(f"{month}import/", {"file": sheet_file(xlsx(row()))})
    there = sent["Location"]

    assert there in phone_of(felix).get(month).content.decode()
    assert "<job-progress" in phone_of(felix).get(there).content.decode()
    carry_out()
    done = phone_of(felix).get(there)
    assert done["Location"].startswith(f"{month}?step=1&job=")
    assert 'name="digest"' in phone_of(felix).get(done["Location"]).content.decode()
    assert there not in phone_of(felix).get(month).content.decode()


def test_a_worker_that_is_gone_leaves_an_interrupted_job_and_nothing_half_written(
    felix: Person, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = xlsx(row())
    uid = asked(shown(felix, raw))
    carry_out()
    uid = asked(shown(felix, raw, digest=told(felix, uid)["result"]["digest"]))

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(SheetRow.objects, "bulk_create", die)
    with pytest.raises(Killed):
        carry_out()
    monkeypatch.undo()

    assert told(felix, uid)["state"] == "running"
    assert not SheetImport.objects.exists()
    Job.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    found = told(felix, uid)
    assert (found["state"], found["code"]) == ("failed", "job.interrupted")
    assert carry_out() == 0


def test_a_job_thought_abandoned_does_its_deed_no_more(
    felix: Person, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker was only slow: what it then wants to write is refused, whole."""
    raw = xlsx(row())
    uid = asked(shown(felix, raw))
    carry_out()
    asked(shown(felix, raw, digest=told(felix, uid)["result"]["digest"]))
    job = work_of(felix)
    finish = WORKS[job.kind]

    def slow(job: Job, tell: Any) -> Any:
        done = finish(job, tell)
        Job.objects.filter(pk=job.pk).update(held_until=timezone.now() - timedelta(hours=1))
        jobs.lapse()
        return done

    jobs.next_job({job.kind: slow})

    job.refresh_from_db()
    assert (job.state, job.code) == ("failed", "job.interrupted")
    assert not SheetImport.objects.exists()


def test_two_workers_do_a_job_once(felix: Person, ada: Person) -> None:
    shown(felix, xlsx(row()))

    assert jobs._taken(work_of(felix).pk) is not None  # noqa: SLF001 -- the statement that decides
    assert jobs._taken(work_of(felix).pk) is None  # noqa: SLF001


def test_what_breaks_is_said_and_the_next_job_is_done(
    felix: Person, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (asked(shown(felix, xlsx(row(B=n)))) for n in (1, 2))
    broken = {"n": 0}
    look = WORKS["look-at-sheet"]

    def sometimes(job: Job, tell: Any) -> Any:
        broken["n"] += 1
        if broken["n"] == 1:
            raise RuntimeError("out of luck")
        return look(job, tell)

    monkeypatch.setattr("config.working.WORKS", {"look-at-sheet": sometimes})

    assert carry_out() == 2
    assert (told(felix, first)["code"], told(felix, second)["state"]) == ("job.broken", "done")


def test_whoever_lost_the_role_meanwhile_has_nothing_done(felix: Person, ada: Person) -> None:
    uid = asked(shown(felix, xlsx(row())))
    felix.grants.update(until=timezone.now() - timedelta(days=1))

    carry_out()

    job = Job.objects.get(uid=uid)
    assert (job.state, job.result) == ("failed", {})


def test_a_batch_of_many_is_paid_by_the_worker_once(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)

    assert pay(felix, batch).json()["state"] == "settled"
    assert not Settlement.objects.exists()
    carry_out()
    carry_out()

    assert Settlement.objects.get().trip == payable


def test_paying_that_was_cut_off_leaves_every_trip_settled_or_not(
    felix: Person, payable: Trip, beside: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_of(felix, payable, beside)
    pay(felix, batch)
    monkeypatch.setattr("settlement.paying_out.TOGETHER", 1)
    whole = Settlement.objects.bulk_create
    paid: list[int] = []

    class Killed(BaseException):
        pass

    def one_only(rows: Iterable[Settlement]) -> Any:
        if paid:
            raise Killed
        paid.append(1)
        return whole(rows)

    monkeypatch.setattr(Settlement.objects, "bulk_create", one_only)
    with pytest.raises(Killed):
        carry_out()
    monkeypatch.undo()

    assert Settlement.objects.count() == 1
    left = BatchRow.objects.exclude(trip__in=Settlement.objects.values("trip")).get()
    assert (left.refused, left.trip.state) == ("", "confirmed")
    Job.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.lapse()
    anew = batch_of(felix, left.trip)
    pay(felix, anew)
    carry_out()
    assert Settlement.objects.count() == 2
    assert Batch.objects.filter(state="settled").count() == 2


def test_a_drawn_sheet_is_taken_by_its_clerk_and_everybody_named_reads_it(
    felix: Person, flora: Person, ada: Person, payable: Trip
) -> None:
    pay(felix, batch_of(felix, payable))
    carry_out()
    uid = asked(phone_of(felix).get(f"{API}/sheets/summary"))
    carry_out()
    before = AccessSubject.objects.filter(person=ada).count()

    taken = phone_of(felix).get(f"{API}/sheets/summary?job={uid}")
    page = phone_of(felix).get(f"/settlement/work/{uid}/file/")

    assert taken.content.startswith(b"PK")
    assert page.content == taken.content
    assert AccessSubject.objects.filter(person=ada).count() == before + 2
    other = phone_of(flora).get(f"{API}/sheets/summary?job={uid}")
    assert other.status_code == 404


def test_what_was_drawn_goes_after_a_week(felix: Person, ada: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    asked(phone_of(felix).get(f"{API}/sheets/summary"))
    carry_out()
    job = work_of(felix)
    assert job.file.path.exists()
    Job.objects.update(ended_at=timezone.now() - timedelta(days=8))

    assert jobs.sweep() == 2

    assert not job.file.path.exists()
    assert not Job.objects.exists()


# -- records, trials of rules, the statement on paper ----------------------------------


def test_a_large_log_is_read_by_the_worker_and_comes_in_as_it_was_looked_at(
    felix: Person, ada: Person
) -> None:
    text = cars(CAR_LINE, "12가3456,T-nobody,,2026-11-23 12:10,2026-11-23 15:00")
    uid = asked(sent(felix, CARS, text))
    assert carry_out() == 1
    found = told(felix, uid)["result"]
    assert (found["new"], found["refused"], found["lines"]) == (1, 1, [[3, "record.person"]])
    assert not VehicleLog.objects.exists()

    changed = asked(sent(felix, CARS, text + "\n", digest=found["digest"]))
    carry_out()
    assert told(felix, changed)["code"] == "step-up.batch-changed"
    asked(sent(felix, CARS, text, digest=found["digest"]))
    carry_out()

    assert VehicleLog.objects.get().driver == ada


def test_a_large_log_by_its_page(felix: Person, ada: Person) -> None:
    desk, here = phone_of(felix), "/settlement/records/vehicle-logs/"

    def brought(**said: str) -> str:
        file = SimpleUploadedFile("records.csv", cars(CAR_LINE).encode())
        there = str(desk.post(here, {"file": file, **said})["Location"])
        carry_out()
        return str(desk.get(there)["Location"])

    looked = brought()
    assert looked.startswith(f"{here}?job=")
    page = desk.get(looked)
    assert 'name="digest"' in page.content.decode()
    kept = brought(digest=page.context["worked"])

    assert VehicleLog.objects.count() == 1
    assert 'name="digest"' not in desk.get(kept).content.decode()
    # Nobody else is shown what came of it.
    other = phone_of(Person.objects.get(pk=felix.pk))
    other.force_login(ada, backend="accounts.backends.NumberBackend")
    assert other.get(looked).status_code == 403


@pytest.mark.parametrize("digest", ["x", "0", "가"])
def test_a_digest_that_is_none_is_refused_before_any_work(
    felix: Person, ada: Person, digest: str
) -> None:
    answer = sent(felix, CARS, cars(CAR_LINE), digest=digest)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert not Job.objects.exists()


def test_many_trips_are_tried_by_the_worker_and_the_rules_lead_back(
    olga: Person, iris: Person, felix: Person, payable: Trip
) -> None:
    Grant.objects.create(person=iris, role=Role.ADMINISTRATOR, since=NOON - timedelta(days=1))
    pay(felix, batch_of(felix, payable))
    carry_out()
    draft = draft_rules(RICHER, by=olga, reason="예산 변경에 따른 조정", now=NOON)
    here, desk = f"/manage/rules/{draft.uid}/", phone_of(olga)

    there = str(desk.post(f"{here}what-if/")["Location"])
    assert there in desk.get(here).content.decode()
    assert "<job-progress" in desk.get(there).content.decode()
    assert phone_of(iris).get(there).status_code == 404
    carry_out()

    done = str(desk.get(there)["Location"])
    page = desk.get(done).content.decode()
    assert payable.number in page
    assert "+10,000원" in page
    # What one administrator had computed is not shown under another's name.
    assert payable.number not in phone_of(iris).get(done).content.decode()


def test_a_trial_asked_of_the_api_is_the_jobs_answer(olga: Person, payable: Trip) -> None:
    draft = draft_rules(RICHER, by=olga, reason="예산 변경에 따른 조정", now=NOON)
    uid = asked(phone_of(olga).post(f"/api/v1/rule-sets/{draft.uid}/what-ifs"))
    carry_out()

    assert told(olga, uid)["result"] == {
        "computed": 0,
        "changed": 0,
        "won": 0,
        "refused": 0,
        "rows": [],
    }


def test_a_trial_of_who_administers_no_more_is_not_made(olga: Person, payable: Trip) -> None:
    draft = draft_rules(RICHER, by=olga, reason="예산 변경에 따른 조정", now=NOON)
    uid = asked(phone_of(olga).post(f"/api/v1/rule-sets/{draft.uid}/what-ifs"))
    Grant.objects.filter(person=olga).update(until=NOON)
    carry_out()

    assert (Job.objects.get(uid=uid).state, Job.objects.get(uid=uid).code) == (
        "failed",
        "trip.not-yours",
    )


def test_the_statement_on_paper_of_a_large_month_is_drawn_by_the_worker(
    felix: Person, ada: Person, payable: Trip
) -> None:
    pay(felix, batch_of(felix, payable))
    carry_out()
    desk = phone_of(felix)
    there = str(desk.get(f"/settlement/months/{MONTH}/statement/")["Location"])
    carry_out()
    looks = AccessSubject.objects.filter(person=ada, access__reference=f"{MONTH} statement-pdf")
    assert f"{there}file/" in desk.get(there).content.decode()
    assert not looks.exists()

    paper = desk.get(f"{there}file/")

    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert f"{MONTH}-statement.pdf" in paper["Content-Disposition"]
    assert looks.exists()


def test_a_drawing_that_waits_is_not_asked_for_a_second_time(
    felix: Person, flora: Person, payable: Trip
) -> None:
    pay(felix, batch_of(felix, payable))
    carry_out()
    there = {
        str(phone_of(clerk).get(f"/settlement/months/{MONTH}/statement/")["Location"])
        for clerk in (felix, felix, flora, felix)
    }

    assert len(there) == 2
    assert Job.objects.filter(state=Job.State.WAITING).count() == 2


def test_a_large_answer_of_the_bank_is_read_by_the_worker(felix: Person, payable: Trip) -> None:
    uid = asked(answered(felix, "정산번호,결과,지급일자,금액\nx,지급,2026-11-23,1".encode()))
    carry_out()

    assert told(felix, uid)["result"]["lines"] == [[2, "payment.unknown"]]
