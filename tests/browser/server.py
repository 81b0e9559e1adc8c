"""The product as an operator starts it: own data folder, own keys, gunicorn, hashed files.

Nothing of it is mocked. Beside it stands the stage hand, with the same settings.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
# Pages of foreign packages that no page of ours leads to; to press them takes half a minute.
_LEFT_OUT = ("redoc", "rest_framework")
_MADE_OF = ("static", "config/settings.py", "config/delivery.py")
_KEYS_SINCE = "70 days ago"
_STARTS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    origin: str
    folder: Path
    stage: Stage

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()


@dataclass(frozen=True, slots=True)
class Stage:
    """``stage.trip(traveller=…)``: one deed of ``tests/browser/stage.py``."""

    process: subprocess.Popen[str] = field(repr=False)

    def __call__(self, deed: str, /, **said: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"deed": deed, "with": said}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "failed" not in answer, answer["failed"]
        return answer["done"]


@contextmanager
def running(folder: Path, *, static: Path) -> Iterator[Server]:
    """A server of *folder*, whose hashed files lie in *static*; ended with the block."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(64)
        port = door.getsockname()[1]
        origin = f"http://localhost:{port}"
        env = environment(folder, origin)
        (folder / "static").symlink_to(static)
        manage(env, "migrate", "--verbosity", "0")
        since = subprocess.check_output(["date", "--date", _KEYS_SINCE, "+%F"], text=True).strip()
        manage(env, "keys", "create", "--since", since)
        manage(env, "keys", "push")
        with _stage(env) as stage, _gunicorn(env, door, folder / "server.log"):
            # The door is open already: a knock waits until somebody is home.
            with urlopen(f"{origin}/livez", timeout=_STARTS_WITHIN_S):
                pass
            yield Server(origin, folder, stage)


def environment(folder: Path, origin: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TRIPSEAL_DATA": str(folder),
        "TRIPSEAL_ORIGIN": origin,
    }


def collected(cache: Path) -> Path:
    """The hashed and pressed files every page names; pressed once for what is in ``static/``."""
    made = cache / _digest(*(ROOT / name for name in _MADE_OF))
    if made.is_dir():
        return made
    cache.mkdir(parents=True, exist_ok=True)
    # Halves of a run begin together: one presses, the other waits for it.
    with (cache / "pressing").open("w") as door, TemporaryDirectory(dir=cache) as folder:
        flock(door, LOCK_EX)
        if made.is_dir():
            return made
        env = environment(Path(folder), "http://localhost")
        left_out = [word for name in _LEFT_OUT for word in ("--ignore", name)]
        words = ["collectstatic", "--noinput", "--verbosity", "0", *left_out]
        manage(env | {"TRIPSEAL_SECRET_KEY": "only-to-collect"}, *words)
        # Whole or not at all: it may be killed at this moment.
        Path(folder, "static").rename(made)
    return made


def _digest(*places: Path) -> str:
    files = [file for place in places for file in (sorted(place.rglob("*")) or [place])]
    seen = sha256()
    for file in files:
        if file.is_file():
            seen.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return seen.hexdigest()[:16]


def manage(env: Mapping[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True)


@contextmanager
def _gunicorn(env: Mapping[str, str], door: socket.socket, log: Path) -> Iterator[None]:
    words = ["--bind", f"fd://{door.fileno()}", "--workers", "1", "--threads", "8"]
    # Every address and referrer it was asked with, as a proxy before it would keep them.
    words += ["--access-logfile", "-"]
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", *words, "--log-level", "warning"],
            cwd=ROOT,
            env=env,
            pass_fds=[door.fileno()],
            stdout=file,
            stderr=file,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def _stage(env: Mapping[str, str]) -> Iterator[Stage]:
    start = "import django; django.setup(); from tests.browser import stage; stage.serve()"
    with subprocess.Popen(
        [sys.executable, "-c", start],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        # Leaving the block closes the pipe, and with it the stage hand goes home.
        yield Stage(process)
