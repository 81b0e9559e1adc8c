"""The service files: what they start exists, and nothing they start may do more than it must."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
UNITS = sorted(ROOT.glob("deploy/*.service"))
# systemd's own score of what a break-in would reach, in tenths: 96 for a service without care.
MOST_EXPOSED = 20


def value_of(unit: Path, name: str) -> str:
    (line,) = [one for one in unit.read_text().splitlines() if one.startswith(f"{name}=")]
    return line.partition("=")[2]


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *words]
    return subprocess.run(command, capture_output=True, check=False, text=True)


OWN_USER = {"tripseal-signer"}


def test_they_are_all_known() -> None:
    shared = {f"tripseal{one}" for one in ("", "-anchor", "-sequencer", "-worker")}
    assert {unit.stem for unit in UNITS} == shared | OWN_USER


def test_the_hour_of_the_anchors_is_one_that_comes() -> None:
    timer = ROOT / "deploy/tripseal-anchor.timer"

    assert analyze("calendar", value_of(timer, "OnCalendar")).returncode == 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_every_line(unit: Path) -> None:
    said = analyze("verify", "--man=no", unit).stderr.splitlines()

    # Here the source lies elsewhere than on the machine they are for.
    assert [line for line in said if "/srv/tripseal/" not in line] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_little_that_a_break_in_would_reach(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_is_started_is_there_and_runs_as_nobody_special(unit: Path) -> None:
    home = f"{value_of(unit, 'WorkingDirectory')}/"
    program, first, *rest = value_of(unit, "ExecStart").split()

    assert (ROOT / program.removeprefix(home)).is_file()
    if first == "manage.py":
        assert rest[0] in get_commands()
    else:
        assert (ROOT / f"{first.replace('.', '/')}.py").is_file()
    apart = unit.stem in OWN_USER
    assert value_of(unit, "User") == (unit.stem if apart else "tripseal")
    assert value_of(unit, "ReadWritePaths") == ("/srv/tripseal-signer" if apart else f"{home}var")
