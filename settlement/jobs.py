"""The clerk's work of more than a second, by kind: what the worker does for each.

Each is small when it can be done within the request. The deed of a job is done once, in the
transaction of its end; what is done in parts (payments, rows taken over) leaves every part whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sized
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from django.utils import timezone

from accounts.jobs import Work
from accounts.models import Job, Person
from accounts.selectors import may_administer, may_settle_at_all
from accounts.telling import Tell
from attest.errors import NotYours
from settlement import exporting
from settlement.drawing import drawn
from settlement.laying import payable_in
from settlement.looking_over import findings_in
from settlement.matching import matches_of
from settlement.models import Batch, Month
from settlement.months import month_for, trips_of_month
from settlement.paying_out import PAY, pay_rows
from settlement.payments import answers_in
from settlement.previewing import MOST_FAULTS, preview_of
from settlement.records import records_in
from settlement.selectors import (
    batches_of,
    open_batch_of,
    rule_sets_administered_by,
    settled_lately,
)
from settlement.services.apply_payments import apply_payments
from settlement.services.check_month import check_month
from settlement.services.fill_batch import fill_batch
from settlement.services.import_month import import_month
from settlement.services.import_records import import_records
from settlement.services.open_batch import open_batch
from settlement.services.take_rows import AT_ONCE, take_rows
from settlement.services.try_rules import try_rules
from settlement.sheets.month import read_month
from vault.sealed import KeyName
from vault.sealed.files import put

Finish = Callable[[], dict[str, Any]]
LOOK, BRING, TAKE = "look-at-sheet", "bring-sheet", "take-rows"
CHECK, LAY, DRAW = "check-month", "lay-batch", "draw-sheet"
ANSWER, KEEP, TRY = "bank-answer", "keep-records", "try-rules"
# What is smaller is done within the request: bytes of a sheet, trips of a month, rows.
SMALL_BYTES: Final = 65_536
SMALL_TRIPS: Final = 100
SMALL_ROWS: Final = 20
# How far back a trial of rules computes again.
TRIED_DAYS: Final = 92


def _month(job: Job) -> Month:
    return month_for(job.owner, job.about["month"])


def _look(job: Job, tell: Tell) -> Finish:
    """Every row's fate. Nothing is kept but what the page shows; the sheet is let go of."""
    month = _month(job)
    reading = read_month(job.open_brought(), tell=tell)
    matches = matches_of(reading, organisation=month.organisation, name=month.name)
    return lambda: preview_of(reading, matches)


def _bring(job: Job, tell: Tell) -> Finish:
    raw, digest = job.open_brought(), bytes.fromhex(job.about["digest"])
    reading = read_month(raw, tell=tell)

    def finish() -> dict[str, Any]:
        sheet = import_month(
            _month(job),
            raw=raw,
            digest=digest,
            clerk=job.owner,
            now=timezone.now(),
            reading=reading,
        )
        rows = list(sheet.rows.order_by("number").values_list("fate", "faults"))
        faults = [fault for _, found in rows for fault in found]
        fates = dict(Counter(fate for fate, _ in rows))
        return {
            "digest": job.about["digest"],
            "rows": len(rows),
            "fates": fates,
            "faults": faults[:MOST_FAULTS],
        }

    return finish


def _take(job: Job, tell: Tell) -> Finish:
    """All of them, a hundred at a time: whatever stops it, every row is taken or not."""
    month, taken, total = _month(job), 0, job.about["rows"]
    while got := take_rows(month, clerk=job.owner, now=timezone.now()):
        taken += got
        tell(taken, total)
        if got < AT_ONCE:
            break
    return lambda: {"rows": taken}


def _check(job: Job, tell: Tell) -> Finish:
    month = _month(job)
    found = findings_in(month, tell=tell)
    clerk = job.owner
    return lambda: {"found": check_month(month, clerk=clerk, now=timezone.now(), found=found)}


def _lay(job: Job, tell: Tell) -> Finish:
    clerk, now = job.owner, timezone.now()
    known = open_batch_of(clerk)
    room = known or Batch(organisation=clerk.organisation, clerk=clerk, opened_at=now)
    add = payable_in(clerk, job.about["month"], batch=room, at=now, tell=tell)
    if not add:
        return dict

    def finish() -> dict[str, Any]:
        batch = open_batch_of(clerk) or open_batch(clerk=clerk, now=now)
        fill_batch(batch, clerk=clerk, add=add, judged=add, now=now)
        return {"batch": str(batch.uid), "rows": len(add)}

    return finish


def _pay(job: Job, tell: Tell) -> Finish:
    batch = batches_of(job.owner).get(uid=job.about["batch"], state=Batch.State.SETTLED)
    pay_rows(batch, now=timezone.now(), tell=tell)
    return dict


def _draw(job: Job, tell: Tell) -> Finish:
    """A sheet of the month, sealed for who asked: the diary is written when it is taken away."""
    clerk, sheet, month = job.owner, job.about["sheet"], _month(job)
    rows = exporting.rows_for(clerk, month, sheet, tell=tell)
    tell(0, 0)
    content = b"".join(drawn(month, sheet, rows=rows, reader=clerk, at=timezone.now()))
    put(content, box=job.file, key=KeyName(clerk.ref, "-", "id"))
    people = sorted(exporting.named_in(month, sheet, rows))
    return lambda: {"people": people, "size": len(content)}


def _answer(job: Job, tell: Tell) -> Finish:
    """The bank's answer: looked at, or with the digest of that written down."""
    raw, clerk = job.open_brought(), job.owner
    tell(0, 0)
    if digest := job.about.get("digest"):
        return lambda: dict(apply_payments(raw, digest=bytes.fromhex(digest), clerk=clerk).counts())
    found = answers_in(raw, clerk=clerk)
    refused = [[line.line, line.code] for line in found.lines if line.fate == "refused"]
    said = {"digest": found.digest.hex(), **found.counts(), "lines": refused[:200]}
    return partial(dict, said)


def _keep(job: Job, tell: Tell) -> Finish:
    """Logs, absences or prices: looked at, or with the digest of that kept."""
    raw, clerk, kind = job.open_brought(), job.owner, job.about["kind"]
    found = records_in(raw, kind=kind, organisation=clerk.organisation, tell=tell)
    if digest := job.about.get("digest"):
        asked = bytes.fromhex(digest)
        return lambda: dict(import_records(raw, kind=kind, digest=asked, clerk=clerk).counts())
    refused = [[line.line, line.code] for line in found.lines if line.fate == "refused"]
    said = {"digest": found.digest.hex(), **found.counts(), "lines": refused[:200]}
    return partial(dict, said)


def _try(job: Job, tell: Tell) -> Finish:
    """Settled trips computed again by a draft; what is kept names trips and no person."""
    office, now = job.owner.organisation, timezone.now()
    rows = rule_sets_administered_by(job.owner, at=now)
    row = rows.get(uid=job.about["rules"])
    found = try_rules(row, office=office, days=TRIED_DAYS, now=now, tell=tell)
    return partial(asdict, found)


def _by_one_who(may: Callable[..., bool], work: Work) -> Work:
    """Whoever asked may have lost the role since."""

    def done(job: Job, tell: Tell) -> Finish:
        if not may(job.owner, at=timezone.now()):
            raise NotYours("only who holds the role has this done")
        return work(job, tell)

    return done


_WORKS: Final[Mapping[str, Work]] = {
    LOOK: _look,
    BRING: _bring,
    TAKE: _take,
    CHECK: _check,
    LAY: _lay,
    PAY: _pay,
    DRAW: _draw,
    ANSWER: _answer,
    KEEP: _keep,
}
WORKS: Final[Mapping[str, Work]] = {
    kind: _by_one_who(may_settle_at_all, work) for kind, work in _WORKS.items()
} | {TRY: _by_one_who(may_administer, _try)}


def is_small(job: Job) -> bool:
    """Whether it takes no longer than a request may."""
    if job.kind in {LOOK, BRING, ANSWER, KEEP}:
        return is_small_file(job.brought)
    if job.kind == TRY:
        paid = settled_lately(job.owner.organisation, days=TRIED_DAYS, now=timezone.now())
        return paid.count() <= SMALL_TRIPS
    if job.kind == TAKE:
        return bool(job.about["rows"] <= SMALL_ROWS)
    return job.kind in {CHECK, LAY} and is_small_month(job.owner, job.about["month"])


def is_small_file(raw: Sized) -> bool:
    return len(raw) <= SMALL_BYTES


def is_small_month(clerk: Person, name: str) -> bool:
    return len(trips_of_month(clerk, name).values_list("pk")[: SMALL_TRIPS + 1]) <= SMALL_TRIPS
