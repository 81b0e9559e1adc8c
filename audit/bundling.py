"""An export as the bundle that proves itself: which leaves, open for whom, under which head."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from django.conf import settings
from django.utils import timezone

from accounts.models import Person
from attest.bundle.content import Content, Opened, Request, bundle_name
from attest.bundle.parts import Shelf
from attest.bundle.write import Laid, lay
from attest.errors import ExportRefused, LogInconsistent
from attest.log.leaf import time_text
from attest.log.strict64 import encode64
from attest.log.tiles import Tree
from audit.models import Export
from audit.selectors import Filter, trips_audited_by
from audit.stating import head_size
from ledger.models import Checkpoint, TripHead
from ledger.retention import policy_file
from ledger.selectors import anchors_up_to, newest_checkpoint, seen_before
from ledger.sequencer import tree
from ledger.services.sequence import sequence
from ledger.signer import exporter, trust
from ledger.stretch import opened_leaves, stretch_of, support_of
from settlement.announcing import rule_files

MOST_LEAVES = 5_000_000

# What goes past is counted, and may be stopped.
Counted = Callable[[Iterator[Opened]], Iterator[Opened]]


def range_for(auditor: Person, asked: Filter) -> tuple[int, int]:
    """Which leaves a bundle of these trips must hold, bounded."""
    trips = trips_audited_by(auditor, asked).order_by()
    heads = TripHead.objects.filter(pk__in=trips.values("log_id"))
    found = stretch_of(trips.values("open_hash"), heads, size=head_size())
    if found is None or found[1] - found[0] > MOST_LEAVES:
        raise ExportRefused("no leaf of these trips, or more leaves than one bundle holds")
    return found


def bundle_of(export: Export, *, shelf: Shelf, counted: Counted = iter) -> Laid:
    """The bundle of *export*, laid from the parts on *shelf*; its leaves go by way of *counted*."""
    checkpoint = checkpoint_of(export)
    grown, keys = tree(checkpoint.size), trust()
    asked, start, stop = Filter.read(export.filters), export.start, export.stop
    left, right = grown.range(start, stop)
    trips = trips_audited_by(export.auditor, asked).order_by()

    def wanted(log_ids: Collection[str]) -> Collection[str]:
        return set(trips.filter(log_id__in=log_ids).values_list("log_id", flat=True))

    def leaves(first: int) -> Iterator[Opened]:
        return counted(
            opened_leaves(
                first, stop, size=checkpoint.size, wanted=wanted, groups=frozenset(export.groups)
            )
        )

    content = Content(
        request=_request(export),
        leaves=leaves,
        origin=keys.origin,
        size=checkpoint.size,
        root=bytes(checkpoint.root),
        checkpoint=checkpoint.note,
        left=left,
        right=right,
        support=list(support_of(grown, start=start, stop=stop, also=[bytes(export.request_hash)])),
        rules=_rules(),
        keys={"log": keys.log_at(checkpoint.size), "receipt": keys.receipt, "export": keys.export},
        signer=exporter(),
        anchors=dict(_anchors(grown)),
        parquet=export.parquet,
    )
    return lay(content, shelf=shelf)


def _rules() -> dict[str, bytes]:
    """What sums are computed by, and how long things are kept."""
    files = {f"{name}.toml": raw for name, raw in rule_files().items()}
    kept = policy_file()
    return files | ({"retention.json": kept} if kept else {})


def _anchors(grown: Tree) -> Iterator[tuple[str, bytes]]:
    """Heads that others saw, each older one with the proof that this one follows."""
    stamps = anchors_up_to(grown.size)
    for number, anchor in enumerate(stamps):
        yield f"{anchor.size}.rfc3161-{number}.tsr", bytes(anchor.blob)
    sizes = [anchor.size for anchor in stamps]
    for row in seen_before(grown.size, sizes=sizes):
        yield f"{row.size}.checkpoint.txt", row.note.encode()
        hashes = map(encode64, grown.consistency(row.size))
        yield f"{row.size}.consistency.txt", "".join(f"{one}\n" for one in hashes).encode()


def name_of(export: Export) -> str:
    size = checkpoint_of(export).size
    name = bundle_name(
        settings.LOG_ORIGIN, start=export.start, stop=export.stop, size=size, nonce=export.nonce
    )
    return f"{name}.zip"


def checkpoint_of(export: Export) -> Checkpoint:
    """The head it was first taken under; the request stands in the log below it."""
    if export.size is None:
        sequence(now=timezone.now())
        newest = newest_checkpoint()
        if newest is None:
            raise LogInconsistent("an export without a log")
        Export.objects.filter(pk=export.pk, size=None).update(size=newest.size)
        export.refresh_from_db(fields=["size"])
    return Checkpoint.objects.get(size=export.size or 0)


def _request(export: Export) -> Request:
    return Request(
        nonce=export.nonce,
        start=export.start,
        stop=export.stop,
        groups=sorted(export.groups),
        scope=export.filters,
        purpose=export.purpose,
        requester=export.auditor.ref,
        requested_at=time_text(export.requested_at),
    )
