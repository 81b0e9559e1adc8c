"""The processes of an installation, started again when they died, and how each is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

_GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
_SHAPE = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "critical")
_BACK_WITHIN_S = 180.0
_ENDS_WITHIN_S = 60.0


def children_of(pid: int) -> list[int]:
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(word) for word in said.split()]


def kill(pid: int) -> None:
    # Gone by itself a moment ago: as dead as wanted.
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """A dead one whose parent has not looked yet is dead all the same."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return said.rpartition(")")[2].split()[0] not in {"Z", "X"}


class Servant:
    """A process of our own under a supervisor, as an operator's service manager is one."""

    def __init__(self, *command: str, door: socket.socket | None = None) -> None:
        self.command, self.fds = command, (door.fileno(),) if door else ()
        self.complaints = Path(os.environ["TRIPSEAL_DATA"], f"{Path(command[-1]).name}.log")
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.complaints.open("ab") as log:
            return subprocess.Popen(self.command, pass_fds=self.fds, stdout=log, stderr=log)

    def revive(self) -> None:
        if self.process.poll() is not None:
            self.process = self._started()

    def kill(self) -> None:
        kill(self.process.pid)
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()


def sequencer() -> Servant:
    return Servant(sys.executable, "manage.py", "ledger_sequence")


def application(door: socket.socket) -> Servant:
    """Behind a door that stays open when it dies: whoever knocks meanwhile waits."""
    return Servant(_GUNICORN, "--bind", f"fd://{door.fileno()}", *_SHAPE, "config.wsgi", door=door)


class Database:
    """The PostgreSQL of ``scripts/postgres.sh``."""

    def __init__(self) -> None:
        self.home = Path(os.environ["TEST_POSTGRES_HOME"])

    @property
    def postmaster(self) -> int:
        return int((self.home / "data" / "postmaster.pid").read_text().split("\n")[0])

    def backends(self) -> Iterator[int]:
        """Those that serve somebody; the others keep house."""
        for pid in children_of(self.postmaster):
            with suppress(FileNotFoundError):
                if b"127.0.0.1" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    yield pid

    def kill(self) -> None:
        pid = self.postmaster
        kill(pid)
        late = monotonic() + _BACK_WITHIN_S
        while is_alive(pid):
            if monotonic() > late:
                raise SystemExit("the database does not die")
            sleep(0.01)
        self._start_again()

    def _start_again(self) -> None:
        # Its children see that it is gone, and leave; until then no other one may begin.
        late = monotonic() + _BACK_WITHIN_S
        while subprocess.run([self.home / "start"], capture_output=True, check=False).returncode:
            if monotonic() > late:
                raise SystemExit("the database did not come back")
            sleep(0.1)
