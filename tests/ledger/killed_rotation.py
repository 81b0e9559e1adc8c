"""A rotation of the log's keys that is killed at each file it touches, one after the other.

    python -m tests.ledger.killed_rotation

It has a database, keys and a log of its own in ``TRIPSEAL_DATA``. Before the first, the second,
the third … file of the key folder or of the head's is made, written, renamed or made durable,
SIGKILL ends the command; run again, it ends what was begun. What was found after each is printed
as JSON.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- the rows need their settings first
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from attest.log.leaf import read_leaf  # noqa: E402
from attest.log.note import SigningKey, is_signed_by  # noqa: E402
from attest.log.proof import open_checkpoint  # noqa: E402
from ledger.models import Checkpoint, Leaf, Outbox  # noqa: E402
from ledger.services.check_log import check_log  # noqa: E402
from ledger.services.sequence import sequence  # noqa: E402
from ledger.signer import trust  # noqa: E402
from vault import keyring  # noqa: E402
from vault.keyring.heirs import LOG_PEMS, heir_of  # noqa: E402

MOST = 100
KEYS = Path(settings.KEY_FOLDER)


def renew() -> None:
    call_command("keys", "renew", "log", stdout=io.StringIO())


def killed_at(step: int) -> bool:
    """Whether the command was still running when it came to its file number *step*."""
    places = tuple(f"('{one}" for one in (KEYS, Path(settings.HEAD_FILE).parent))
    seen = 0

    def hook(event: str, said: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "open" and isinstance(said[0], int):
            # A file that was made by its number, and is written next: empty until then.
            said = (str(Path(f"/proc/self/fd/{said[0]}").readlink()), "", os.O_WRONLY)
        if str(said[:1]).startswith(places) and _changes(event, said):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True
        if os.waitstatus_to_exitcode(status):
            raise SystemExit("the command failed by itself")
        return False
    sys.addaudithook(hook)
    renew()
    os._exit(0)


def _changes(event: str, said: tuple[Any, ...]) -> bool:
    """Renamed, opened to be written, or a folder opened for its fsync."""
    writes = event == "open" and bool(said[2] & (os.O_WRONLY | os.O_RDWR))
    return event == "os.rename" or writes or (event == "open" and Path(said[0]).is_dir())


def found(before: Sequence[SigningKey]) -> dict[str, Any]:
    """How it stands after the kill: the log goes on, and then the rotation ends."""
    left = [path.stat().st_size == 0 for path in KEYS.glob("log-*")]
    sequence(now=timezone.now())
    fault, heirs = check_log(), _heirs()
    renew()
    newest = Checkpoint.objects.order_by("-size")[0].note
    known = trust()
    return {
        "fault": fault,
        "begun": heirs,
        "empty": any(left),
        "drafts left": _drafts(),
        "new keys signed": all(
            is_signed_by(newest, one.verifying) for one in keyring.log_signers()
        ),
        "old keys signed": any(is_signed_by(newest, one.verifying) for one in before),
        "heirs left": _heirs(),
        "modes": sorted({(KEYS / pem).stat().st_mode & 0o777 for pem in LOG_PEMS}),
        "rotations": sum(
            read_leaf(bytes(row.entry))["t"] == "key-rotation" for row in Leaf.objects.all()
        ),
        "retired": len(known.retired),
        "heads": [open_checkpoint(row.note, known).size for row in Checkpoint.objects.all()],
        "sizes": [row.size for row in Checkpoint.objects.all()],
        "waiting": Outbox.objects.count(),
        "fault at the end": check_log(),
    }


def _heirs() -> list[str]:
    return [pem for pem in LOG_PEMS if (KEYS / heir_of(pem)).exists()]


def _drafts() -> list[str]:
    return sorted(path.name for path in KEYS.glob("log-*.pem.*"))


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("keys", "create", stdout=io.StringIO())
    sequence(now=timezone.now())
    turns = []
    for step in range(1, MOST):
        before = keyring.log_signers()
        if not killed_at(step):
            break
        turns.append(found(before))
    json.dump(turns, sys.stdout)


if __name__ == "__main__":
    main()
