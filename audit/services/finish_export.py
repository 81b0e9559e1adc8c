"""The file was handed out whole: its hash goes into the log, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.log.leaf import ExportDone
from audit.models import Export
from ledger.models import Head
from ledger.services.append import append


@transaction.atomic
def finish_export(export: Export, *, digest: bytes, manifest: bytes, now: datetime) -> Export:
    """*digest* is of the file, *manifest* what the log is told: of a bundle its tag manifest."""
    export = Export.objects.select_for_update().select_related("auditor").get(pk=export.pk)
    if export.state == Export.State.READY and export.sha256 == digest.hex():
        return export
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
    export.save(update_fields=["state", "sha256", "done_at", "done_hashes"])
    return export
