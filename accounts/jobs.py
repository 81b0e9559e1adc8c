"""Work of more than a second: asked for in a request, done by the worker, told to its owner.

Small work is done at once in the request, by the same path. Progress is written between the
transactions of the work, for a database may have one writer alone. Whoever works holds the job
until a moment that every progress puts off; one whose moment is over was cut off, and says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Job, Person
from accounts.telling import Tell
from attest.errors import Refusal
from vault.sealed.files import remove

# Does the work, telling how far it is; what it returns is called in the transaction of its end.
Work = Callable[[Job, Tell], Callable[[], dict[str, Any]]]

INTERRUPTED, BROKEN = "job.interrupted", "job.broken"
# From one word of progress to the next; and for the one transaction of its end.
HELD: Final = timedelta(minutes=2)
ENDING: Final = timedelta(minutes=15)
# How long a file that was made waits to be taken away, and how long an ended job is told.
KEPT: Final = timedelta(days=7)
_TOLD_EVERY_S = 0.5
_LOG = logging.getLogger(__name__)


class CutOff(Exception):
    """The job is no longer ours: it was thought abandoned."""


def begin(
    owner: Person, *, kind: str, about: Mapping[str, Any], now: datetime, raw: bytes = b""
) -> Job:
    """Ask for it. In a transaction, the job is there once the deed that asks is."""
    job = Job(owner=owner, kind=kind, about=dict(about), at=now)
    if raw:
        job.put_brought(raw)
    job.save(force_insert=True)
    return job


def next_job(works: Mapping[str, Work]) -> Job | None:
    """Take up the oldest that waits and do it; none where nothing waits."""
    lapse()
    waiting = Job.objects.filter(state=Job.State.WAITING, kind__in=list(works))
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:10]:
        if (job := _taken(pk)) is not None:
            return carry_out(job, works[job.kind])
    return None


def done_here(job: Job, work: Work) -> Job:
    """Small work, at once and in this request; a refusal is its answer, as of any deed."""
    taken = _taken(job.pk)
    if taken is None:
        return Job.objects.get(pk=job.pk)
    return carry_out(taken, work, aloud=True)


def carry_out(job: Job, work: Work, *, aloud: bool = False) -> Job:
    try:
        finish = work(job, _teller(job))
        _ours(job).update(held_until=timezone.now() + ENDING)
        with transaction.atomic():
            # First: a job that was thought abandoned meanwhile does nothing any more.
            _still_ours(job)
            result = finish()
            _end(job, Job.State.DONE, result=result)
    except CutOff:
        _LOG.warning("a job took longer than it was held for")
    except Refusal as refused:
        _end(job, Job.State.FAILED, code=_code(refused), result=_told(refused))
        if aloud:
            raise
    except Exception:
        _end(job, Job.State.FAILED, code=BROKEN)
        if aloud:
            raise
        _LOG.exception("a job of the kind %s broke", job.kind)
    job.refresh_from_db()
    return job


def lapse(*, alone: bool = False) -> int:
    """Jobs whose worker is gone end here. *alone*: nobody else works, so all of them are."""
    now = timezone.now()
    gone = Job.objects.filter(state=Job.State.RUNNING)
    if not alone:
        gone = gone.filter(held_until__lt=now)
    return gone.update(state=Job.State.FAILED, code=INTERRUPTED, brought=b"", ended_at=now)


def sweep() -> int:
    """What ended long ago goes, with the file it made."""
    old = list(Job.objects.filter(ended_at__lt=timezone.now() - KEPT).order_by("pk")[:100])
    for job in old:
        remove(job.file)
        job.delete()
    return len(old)


def _taken(pk: int) -> Job | None:
    """One statement decides between two workers."""
    waiting = Job.objects.filter(pk=pk, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.RUNNING, held_until=timezone.now() + HELD):
        return None
    return Job.objects.select_related("owner__organisation").get(pk=pk)


def _ours(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)


def _still_ours(job: Job) -> None:
    if not _ours(job).select_for_update().exists():
        raise CutOff


def _teller(job: Job) -> Tell:
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done and time.monotonic() - told < _TOLD_EVERY_S:
            return
        told = time.monotonic()
        held = timezone.now() + HELD
        if not _ours(job).update(done=done, total=total, held_until=held):
            raise CutOff

    return tell


def _end(job: Job, state: str, *, code: str = "", result: dict[str, Any] | None = None) -> None:
    _ours(job).update(
        state=state, code=code, result=result or {}, brought=b"", ended_at=timezone.now()
    )


def _code(refused: Refusal) -> str:
    return str(getattr(refused, "why", "") or refused.code)


def _told(refused: Refusal) -> dict[str, Any]:
    """The cells of a sheet that could not be read, beside its code."""
    cells = [cell.as_dict() for cell in getattr(refused, "cells", ()) if hasattr(cell, "as_dict")]
    return {"cells": cells} if cells else {}
