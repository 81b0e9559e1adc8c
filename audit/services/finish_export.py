"""The file is whole: its hash goes into the log, and it can be taken."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.errors import ExportRefused
from attest.log.leaf import ExportDone
from audit.models import Export
from ledger.models import Head
from ledger.services.append import append


@transaction.atomic
def finish_export(
    export: Export, *, digest: bytes, manifest: bytes, file_key: bytes, now: datetime
) -> Export:
    """*digest* is of the file, *manifest* what the log is told: of a bundle its tag manifest.

    ``ExportRefused`` where it was cancelled meanwhile, or somebody else works on it.
    """
    rows = Export.objects.select_for_update(of=("self",)).select_related("auditor")
    mine = rows.filter(pk=export.pk, state=Export.State.RUNNING, attempt=export.attempt)
    if not (found := mine.first()):
        raise ExportRefused("stopped")
    export = found
    head = Head.objects.first()
    event = ExportDone(
        nonce=export.nonce,
        manifest=manifest,
        size=head.size if head else 0,
        who={"actor": export.auditor.ref},
    )
    done = append(event=event, at=now, subject=export.auditor.ref)
    export.done_hashes = bytes(export.done_hashes) + done.hash
    export.state, export.sha256, export.done_at = Export.State.READY, digest.hex(), now
    export.file_key, export.parts_key = file_key, b""
    export.save(
        update_fields=["state", "sha256", "done_at", "done_hashes", "file_key", "parts_key"]
    )
    return export
