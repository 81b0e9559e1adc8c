"""T6: a bundle judged whole, against bare hashes; and how much memory a long one takes.

limit    1/28 of the leaf-and-node hashes of T1 a second
subject  rows a second of ``attest.bundle.verify``: every leaf, opening, sum and cell

python -m bench.bundle_verify [ROWS]       ROWS of the long one, by default 100,000
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from attest.bundle.archive import Archive
from attest.bundle.asked import Asked
from attest.bundle.verify import verify
from attest.bundle.write import lay
from bench.history import History, trust
from bench.log_tiles import bare
from bench.report import machine, note, tell

ROWS, ROUNDS, LONG = 5_000, 5, 100_000
LIMIT, MOST_MB, MOST_WRITER_MB = 1 / 28, 100, 64
LATER = datetime(2027, 3, 1, tzinfo=UTC)
HASHES = 200_000


class Folder:
    """A shelf of plain files, for a town that does not exist."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def keep(self, name: str, raw: bytes) -> None:
        (self._folder / name).write_bytes(raw)

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def holds(self, name: str) -> bool:
        return (self._folder / name).is_file()


def written(path: Path, rows: int) -> None:
    with path.open("wb") as out, TemporaryDirectory() as folder:
        out.writelines(lay(History(rows).content(), shelf=Folder(folder)).chunks())


def judged(path: Path) -> None:
    with path.open("rb") as bundle:
        report = verify(Archive(bundle), Asked(trust=trust(), now=LATER))
    if report.failed or report.unusable:
        raise SystemExit(f"an honest bundle does not verify: {[*report.findings][:3]}")


def rate(work: Callable[[Path], None], path: Path, rows: int) -> float:
    start = process_time()
    work(path)
    return rows / (process_time() - start)


def height(deed: str, path: Path, rows: int) -> float:
    """Megabytes that a process of its own took at most."""
    said = [sys.executable, "-m", "bench.bundle_verify", deed, str(path), str(rows)]
    return float(subprocess.run(said, check=True, capture_output=True, text=True).stdout)


def main(long: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "bundle.zip")
        written(path, ROWS)
        ratios = []
        rates = []
        for _ in range(ROUNDS):
            limit = HASHES / bare(HASHES)
            rates.append(rate(judged, path, ROWS))
            ratios.append(rates[-1] / limit)
        sys.stdout.write(f"T6 bundles: {machine()}\n")
        tell("T6 rows verified / bare hashes", ratios, limit=LIMIT)
        note("T6 rows verified a second", rates)
        heights = [height(deed, path, long) for deed in ("write", "verify")]
    megabytes = f"MB at {long:,} rows"
    tell(f"T6 verifying, {megabytes}", heights[1:], limit=MOST_MB, at_least=False)
    tell(f"T7 writing, {megabytes}", heights[:1], limit=MOST_WRITER_MB, at_least=False)


def alone(deed: str, path: Path, rows: int) -> None:
    if deed == "write":
        written(path, rows)
    else:
        judged(path)
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        alone(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else LONG)
