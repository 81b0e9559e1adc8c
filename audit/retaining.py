"""One run of the retention job, from what is over to a signed report.

    withdrawn ─ positions ─ drafts ─ sheets ─ diary ─ exports ─ sign-ins ─ keys ─ wipe ─ report

Every step is a transaction of its own or can be repeated; killed anywhere, the next run goes
on, because each asks afresh what is over. Only what must come last does: a data key is
destroyed after the transaction that emptied what it sealed, and the report after all.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from attest.errors import WipeWaits
from attest.log.leaf import canonical, time_text
from attest.log.note import sign_note
from audit.models import Export, RetentionRun
from audit.retention import Due, pages
from audit.services.erase_export import erase_export
from audit.sweeping import sweep_exports
from ledger.models import Doomed
from ledger.services.erase_diary import erase_diary
from ledger.services.sequence import sequence
from ledger.signer import exporter
from trips.erasing import AT_ONCE
from trips.models import Trip
from trips.services.discard_draft import discard_draft
from trips.services.erase_positions import erase_positions
from trips.services.shred_keys import shred_keys
from trips.withdrawing import positions_go, still_to_go
from vault.wiping import wipe

Counts = dict[str, int]


def run(*, now: datetime) -> RetentionRun:
    """Do what is due; the report says what there was, what was done and what is left."""
    due = Due(now)
    before, done = due.counts(), _done(due)
    after = Due(now).counts() if any(done.values()) else before
    said = {"after": after, "before": before, "done": done}
    text = f"tripseal/retention/v1\n{settings.LOG_ORIGIN}\n{time_text(now)}\n"
    note = sign_note(f"{text}{canonical(said).decode()}\n", [exporter()])
    return RetentionRun.objects.create(at=now, note=note)


def _done(due: Due) -> Counts:
    now = due.at
    done: Counts = {"withdrawn": sum(positions_go(who, now=now) for who in still_to_go())}
    done |= _positions(due)
    drafts = Trip.objects.filter(pk__in=[pk for page in pages(due.drafts, 500) for pk in page])
    done["drafts"] = sum(discard_draft(trip, now=now) for trip in drafts)
    done["sheets"] = due.sheets.update(sheet=b"")
    done["accesses"] = _diary(due)
    done["exports"] = sum(erase_export(one, now=now) for one in list(due.exports))
    done["export_files"] = due.files.update(state=Export.State.GONE, file_key=b"")
    sweep_exports(now=now)
    # What stood in somebody's list of sessions goes with it, and is not counted.
    done["sessions"] = due.sessions.delete()[1].get("sessions.Session", 0)
    done["keys_destroyed"], done["keys_needed"] = shred_keys(now=now)
    done["wiped"] = _wiped(now)
    return done


def _positions(due: Due) -> Counts:
    trips = touches = leaves = 0
    for page in pages(due.positions, AT_ONCE):
        # Every leaf gets its place first, so that the erasure can name it.
        sequence(now=due.at)
        some = erase_positions(
            page, reason="retention", who={"actor": "retention"}, subject="org-log", now=due.at
        )
        trips, touches, leaves = trips + some[0], touches + some[1], leaves + some[2]
    return {"trips": trips, "touches": touches, "leaves": leaves}


def _diary(due: Due) -> int:
    if not due.accesses.exists():
        return 0
    sequence(now=due.at)
    gone = 0
    while some := erase_diary(before=due.diary_before, now=due.at):
        gone += some
    return gone


def _wiped(now: datetime) -> int:
    """1 once no byte of what was erased is left in the database's files; -1: not yet."""
    if not Doomed.objects.filter(wiped_at=None).exists():
        Doomed.objects.exclude(destroyed_at=None).delete()
        return 0
    try:
        wipe()
    except WipeWaits:
        return -1
    Doomed.objects.filter(wiped_at=None).update(wiped_at=now)
    Doomed.objects.exclude(destroyed_at=None).delete()
    return 1
