"""Files of exports that can be taken no more go: over, erased since, or left by a dead worker."""

from __future__ import annotations

from datetime import datetime

from audit.export_files import lying
from audit.models import Export
from audit.selectors import KEPT, is_outdated


def sweep_exports(*, now: datetime) -> int:
    """How many exports went. Safe to call at any time, by anybody, twice."""
    ready = Export.objects.filter(state=Export.State.READY)
    over = [one.pk for one in ready if one.requested_at <= now - KEPT or is_outdated(one)]
    gone = Export.objects.filter(pk__in=over).update(state=Export.State.GONE, file_key=b"")
    for uid, attempt, path in lying():
        states = [Export.State.READY, Export.State.RUNNING]
        if not Export.objects.filter(uid=uid, attempt=attempt, state__in=states).exists():
            path.unlink(missing_ok=True)
    return gone
