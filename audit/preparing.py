"""Exports are made in the background, one after the other, by whichever worker comes first.

    requested ─(claimed)→ running ─(file whole)→ ready
                             ├─ cancelled by who asked  ·  failed: refused, disk, three attempts
                             └─ no beat for two minutes: claimed anew

A bundle goes on from the last part that was laid aside; a sheet, which is minutes at most, begins
again. A file is sealed and durable before the row calls it ready; nothing lies about in the clear.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q

from accounts.selectors import may_audit
from attest.bundle import workbook
from attest.bundle.content import Opened
from attest.bundle.parts import parts_laid
from attest.errors import ExportRefused, NotYours, Refusal
from audit.bundling import bundle_of
from audit.export_files import drop_file, keep_file
from audit.exporting import content_of, hashed, trips_of
from audit.models import Export
from audit.selectors import KEPT
from audit.services.finish_export import finish_export
from audit.shelf import SealedShelf, new_key, opens
from audit.stating import expect_what_was_signed
from audit.sweeping import sweep_exports

STALE = timedelta(minutes=2)
ATTEMPTS = 3
# After so many rows a worker says how far it is, and hears whether it is to stop.
EVERY = 1_000
Clock = Callable[[], datetime]
Row = TypeVar("Row")
_LOG = logging.getLogger(__name__)


def prepare_exports(*, clock: Clock) -> int:
    """Make every export that waits; how many can be taken now."""
    sweep_exports(now=clock())
    made = 0
    while export := _claimed(clock()):
        made += _prepare(export, clock)
    sweep_exports(now=clock())
    return made


@transaction.atomic
def _claimed(now: datetime) -> Export | None:
    """The next one, from here on this worker's: nobody else has its attempt."""
    skip = connection.features.has_select_for_update_skip_locked
    rows = Export.objects.select_for_update(of=("self",), skip_locked=skip)
    agreed = Q(needs_second=False) | Q(second_at__isnull=False)
    waits = Q(state=Export.State.REQUESTED) & agreed
    dead = Q(state=Export.State.RUNNING, beat_at__lt=now - STALE)
    rows = rows.filter(waits | dead, requested_at__gt=now - KEPT)
    export = rows.select_related("auditor").order_by("pk").first()
    if export is None:
        return None
    export.state, export.attempt = Export.State.RUNNING, export.attempt + 1
    export.tries += 1
    export.begun_at = export.beat_at = now
    export.done_rows = 0
    if export.format == Export.Format.BUNDLE and not opens(export):
        export.parts_key, export.size = new_key(export), None
    export.save(
        update_fields=[
            *("state", "attempt", "tries", "begun_at", "beat_at"),
            *("done_rows", "parts_key", "size"),
        ]
    )
    return export


def _prepare(export: Export, clock: Clock) -> bool:
    try:
        _make(export, clock)
    except (Refusal, OSError) as fault:
        drop_file(export)
        _give_up(export, fault.code if isinstance(fault, Refusal) else "disk")
        _LOG.warning("export %s was not made", export.uid, exc_info=fault)
        return False
    except BaseException:
        # A database that is away, or a fault of ours: claimed anew when its beat is old.
        drop_file(export)
        raise
    return True


def _make(export: Export, clock: Clock) -> None:
    if export.tries > ATTEMPTS:
        raise ExportRefused("it was begun three times and did not move on")
    if not may_audit(export.auditor, at=clock()):
        raise NotYours("who asked for it is no auditor any more")
    expect_what_was_signed(export)
    digest, plain = list[bytes](), list[bytes]()
    if export.format == Export.Format.BUNDLE:
        chunks, manifest = _bundle(export, clock)
    else:
        rows = _counted(export, trips_of(export), clock)
        chunks, manifest = content_of(export, rows), plain
    file_key = keep_file(export, _beating(export, hashed(chunks, digest), clock))
    # Whoever came in or was paid meanwhile is in the file, and never agreed to.
    expect_what_was_signed(export)
    plain += digest
    finish_export(export, digest=digest[0], manifest=manifest[0], file_key=file_key, now=clock())


def _bundle(export: Export, clock: Clock) -> tuple[Iterator[bytes], list[bytes]]:
    """Its bytes and the hash of its tag manifest; made from where an earlier worker got to."""
    shelf = SealedShelf(export, beat=lambda: beat(export, export.done_rows, clock()))
    begun = parts_laid(shelf) * workbook.PART
    beat(export, min(begun, export.total_rows), clock())

    def counted(leaves: Iterator[Opened]) -> Iterator[Opened]:
        for leaf in _counted(export, leaves, clock, begun=begun):
            yield leaf
            if leaf.index - export.start == begun + workbook.PART:
                # A part more than there was: it moves, and may be interrupted again.
                Export.objects.filter(_mine(export)).update(tries=1)

    laid = bundle_of(export, shelf=shelf, counted=counted)
    return laid.chunks(), [laid.written.manifest]


def _counted(export: Export, rows: Iterator[Row], clock: Clock, *, begun: int = 0) -> Iterator[Row]:
    for number, row in enumerate(rows, start=begun + 1):
        yield row
        if number % EVERY == 0:
            beat(export, number, clock())


def _beating(export: Export, chunks: Iterable[bytes], clock: Clock) -> Iterator[bytes]:
    """Sealing a large file takes its time as well."""
    for number, chunk in enumerate(chunks):
        if number % EVERY == 0:
            beat(export, export.done_rows, clock())
        yield chunk


def _mine(export: Export) -> Q:
    return Q(pk=export.pk, state=Export.State.RUNNING, attempt=export.attempt)


def beat(export: Export, rows: int, now: datetime) -> None:
    """A worker is at *rows*; ``ExportRefused`` where it is to stop."""
    if not Export.objects.filter(_mine(export)).update(done_rows=rows, beat_at=now):
        raise ExportRefused("stopped")
    export.done_rows = rows


def _give_up(export: Export, why: str) -> None:
    """Unless it was cancelled, or another works on it."""
    Export.objects.filter(_mine(export)).update(state=Export.State.FAILED, why=why, parts_key=b"")
