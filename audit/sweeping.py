"""Files and parts of exports that serve no more go: over, erased since, left by a dead worker."""

from __future__ import annotations

from datetime import datetime

from audit.export_files import lying
from audit.models import Export
from audit.selectors import KEPT, is_outdated
from audit.shelf import drop_parts, folder_of, parts_lying


def sweep_exports(*, now: datetime) -> int:
    """How many exports went. Safe to call at any time, by anybody, twice."""
    ready = Export.objects.filter(state=Export.State.READY)
    over = [one.pk for one in ready if one.requested_at <= now - KEPT or is_outdated(one)]
    gone = Export.objects.filter(pk__in=over).update(state=Export.State.GONE, file_key=b"")
    for uid, attempt, path in lying():
        states = [Export.State.READY, Export.State.RUNNING]
        if not Export.objects.filter(uid=uid, attempt=attempt, state__in=states).exists():
            path.unlink(missing_ok=True)
    _sweep_parts(now)
    return gone


def _sweep_parts(now: datetime) -> None:
    """Parts of what is made no more; and of what has to be made anew, for it shows the erased."""
    running = Export.objects.filter(state=Export.State.RUNNING).exclude(parts_key=b"")
    for one in running:
        if one.requested_at <= now - KEPT or is_outdated(one):
            # Whoever is at it hears at the next beat that it is theirs no longer.
            again = Export.objects.filter(pk=one.pk, state=Export.State.RUNNING)
            again.update(state=Export.State.REQUESTED, parts_key=b"", size=None, done_rows=0)
    # Listed first: whose folder is there by now has its key in its row.
    folders = parts_lying()
    used = {folder_of(one) for one in running.all()}
    for folder in folders:
        if folder not in used:
            drop_parts(folder)
