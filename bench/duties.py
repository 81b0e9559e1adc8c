"""T8 to T10 and the kills of T4: targets that are no ratios, but counts that must be nothing.

Each is counted by the very tests that `make test` runs, so that no figure here is softer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree.ElementTree import parse

from bench.report import machine, note, tell

KILLS = 100
ROOT = Path(__file__).resolve().parent.parent
DUTIES = {
    "T8 attacks missed, false alarms": (
        "tests/attest/bundle/test_attacks.py",
        "tests/attest/bundle/test_histories.py",
        "tests/audit/test_limits.py",
    ),
    "T9 readers elsewhere that refuse our bytes": ("tests/interop",),
    "T10 traces of the erased, proofs broken": (
        "tests/audit/test_erasure.py",
        "tests/audit/test_wiped.py",
    ),
}


def main() -> None:
    sys.stdout.write(f"T4, T8 to T10 duties: {machine()}\n")
    for name, tests in DUTIES.items():
        count, failed = counted(tests)
        tell(name, [failed], limit=0, at_least=False)
        note(f"{name.partition(' ')[0]} tests that looked", [count])
    tell(f"T4 faults after {KILLS} kills", [faults()], limit=0, at_least=False)


def counted(tests: tuple[str, ...]) -> tuple[int, int]:
    """How many tests ran, and how many did not hold. A test that is passed over does not."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", *tests, f"--junitxml={report}"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        if not report.is_file():
            raise SystemExit(f"no test ran: {' '.join(tests)}")
        suites = parse(report).getroot().iter("testsuite")  # noqa: S314 -- written just now
        told = [{name: int(suite.attrib[name]) for name in _COUNTS} for suite in suites]
    count = sum(one["tests"] for one in told)
    if not count:
        raise SystemExit(f"no test ran: {' '.join(tests)}")
    return count, sum(sum(one.values()) - one["tests"] for one in told)


_COUNTS = ("tests", "failures", "errors", "skipped")


def faults() -> int:
    done = subprocess.run(
        [ROOT / "scripts/crash.sh", str(KILLS)], check=False, stdout=subprocess.PIPE, text=True
    )
    said, _, _ = done.stdout.partition("\n}")
    if not said.startswith("{"):
        raise SystemExit("the run of sudden deaths told nothing")
    found: int = json.loads(said + "\n}")["faults"]
    return found


if __name__ == "__main__":
    main()
