"""A server that is killed again and again, each time in the midst of its deeds.

    python -m tests.ledger.killed < how many seconds it lives each time, as JSON

It has a database, keys and a log of its own in ``TRIPSEAL_DATA``. Two workers at a time
commit deeds of one trip and have them sequenced until SIGKILL ends both. What is found
afterwards is printed as JSON.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- the rows need their settings first
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from attest.log.leaf import TripOpened  # noqa: E402
from ledger.models import Checkpoint, Head, Leaf, Outbox  # noqa: E402
from ledger.outbox import TripLine  # noqa: E402
from ledger.services.append import append  # noqa: E402
from ledger.services.check_log import check_log  # noqa: E402
from ledger.services.sequence import sequence  # noqa: E402

LINE = TripLine("t" + "0c" * 16, "p00000001", "2026-11")


def work() -> NoReturn:
    while True:
        with transaction.atomic():
            event = TripOpened(who={"actor": LINE.subject}, what={"area": "in"})
            entry = append(event=event, at=timezone.now(), trip=LINE)
            # The deed itself: a row that remembers which leaf it was promised.
            Organisation.objects.create(name=entry.hash.hex(), rule_set="kr-changwon")
        sequence(now=timezone.now())


def worker() -> int:
    if child := os.fork():
        return child
    work()


def killed(child: int) -> bool:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    # Any other end was its own fault.
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def lived(seconds: float) -> list[bool]:
    connections.close_all()
    workers = [worker(), worker()]
    time.sleep(seconds)
    return [killed(child) for child in workers]


def found() -> dict[str, Any]:
    head, newest = Head.objects.get(), Checkpoint.objects.order_by("-size")[0]
    return {
        "deeds": list(Organisation.objects.values_list("name", flat=True)),
        "leaves": [
            [row.index, bytes(row.leaf_hash).hex(), bytes(row.entry).decode()]
            for row in Leaf.objects.order_by("index")
        ],
        "placed": Leaf.objects.exclude(outbox_id=None).count(),
        "waiting": Outbox.objects.count(),
        "head": [head.size, bytes(head.root).hex()],
        "checkpoint": newest.note,
        "head_file": Path(settings.HEAD_FILE).read_text(encoding="utf-8"),
        "fault": check_log(),
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("keys", "create", stdout=io.StringIO())
    announced = Outbox.objects.count() + Leaf.objects.exclude(outbox_id=None).count()
    ends = [lived(seconds) for seconds in json.load(sys.stdin)]
    sequence(now=timezone.now())
    json.dump(found() | {"announced": announced, "ends": ends}, sys.stdout)


if __name__ == "__main__":
    main()
