"""A large export by the product's own worker: how long it takes, and that memory stays flat.

    filled ─ asked for ─ made by a worker of its own ─ taken ─ judged by the offline verifier

    python manage.py shell -c "from bench.export import main; main(1_000_000)"

The installation is that of the environment (``bench/run`` lays one out); its keys are there.
Megabytes are of the process that did the work: at first, and from a half on, when it should
hold one part and nothing more.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, sleep
from typing import TypeVar

from django.utils import timezone

from accounts.services.ask_step_up import ask_step_up
from accounts.step_up import Answer, challenge_of
from audit.export_files import kept_file
from audit.exporting import ACTION
from audit.models import Export
from audit.selectors import Filter
from audit.services.ask_export import ask_export
from audit.services.state_export import state_export
from audit.stating import Wish, hash_of
from bench.past import Past, lived
from bench.report import machine, note, tell
from ledger.services.tell_trust import tell_trust

ROWS = 20_000
MOST_MB, GROWTH_MB = 160, 32
_LOOKS_S = 0.5
Told = TypeVar("Told")


def main(rows: int = ROWS) -> None:
    start = perf_counter()
    past = lived(rows)
    took = perf_counter() - start
    sys.stdout.write(f"export of {past.leaves:,} leaves, {past.trips:,} trips: {machine()}\n")
    note("export filled, leaves a second", [past.leaves / took])
    for form in (Export.Format.BUNDLE, Export.Format.CSV):
        exported(past, form)


def exported(past: Past, form: Export.Format) -> None:
    asked_s, export = timed(lambda: asked(past, form))
    note(f"export {form} asked for, seconds", [asked_s])
    made_s, heights = timed(lambda: list(worked()))
    export.refresh_from_db()
    if export.state != Export.State.READY:
        raise SystemExit(f"the export is {export.state}: {export.why}")
    rows = export.total_rows
    note(f"export {form} made, rows a second", [rows / made_s])
    begun, half, most = heights[0], heights[len(heights) // 2], max(heights)
    note(f"export {form} made, MB at first", [begun])
    tell(f"export {form} made, MB at {rows:,} rows", [most], limit=MOST_MB, at_least=False)
    note(f"export {form} made, MB grown from a half on", [most - half])
    if form == Export.Format.BUNDLE:
        judged(export)


def asked(past: Past, form: Export.Format) -> Export:
    auditor, now = past.auditor.person, timezone.now()
    reason = "bench: one large export"
    wish = Wish(asked=Filter(), file_format=form, purpose="regular-audit", reason=reason)
    said = state_export(auditor, wish=wish, now=now)
    step = ask_step_up(auditor, action=ACTION, batch_hash=hash_of(said), now=now)
    proof = past.auditor.key.sign(challenge_of(step))
    export = ask_export(
        auditor,
        wish=wish,
        head=said["head"],
        step_up=Answer.read({"id": str(step.uid), "proof": proof}),
        address="127.0.0.1",
        now=now,
    )
    # Larger than one person may take alone; who agrees is not what is measured.
    Export.objects.filter(pk=export.pk).update(needs_second=False)
    return export


def worked() -> Iterator[float]:
    """Megabytes of a worker that makes what waits, look by look, until it ends."""
    worker = subprocess.Popen([sys.executable, "manage.py", "worker", "--once"])
    status = Path(f"/proc/{worker.pid}/status")
    while worker.poll() is None:
        if found := re.search(r"VmRSS:\s+([0-9]+) kB", status.read_text()):
            yield int(found[1]) / 1024
        sleep(_LOOKS_S)
    if worker.returncode:
        raise SystemExit("the worker failed")


def judged(export: Export) -> None:
    data = Path(os.environ["TRIPSEAL_DATA"])
    bundle, keys = data / "bundle.zip", data / "trust"
    keys.write_text(tell_trust())

    def take() -> int:
        with bundle.open("wb") as out:
            return sum(map(out.write, kept_file(export)))

    took, size = timed(take)
    note("export taken, MB a second", [size / took / 1e6])
    note("export of so many MB", [size / 1e6])
    command = [sys.executable, "-m", "attest", "bundle", "verify", str(bundle)]
    command += ["--trust", str(keys)]
    judged_s, done = timed(lambda: subprocess.run(command, check=False, capture_output=True))
    if done.returncode:
        raise SystemExit(f"an honest bundle does not verify: {done.stdout.decode()[-2_000:]}")
    note("export judged, rows a second", [export.total_rows / judged_s])


def timed(work: Callable[[], Told]) -> tuple[float, Told]:
    start = perf_counter()
    done = work()
    return perf_counter() - start, done


if __name__ == "__main__":
    main()
