"""``python -m attest log witness init|cosign|serve``: an independent memory of the log.

    DIR/key         32 bytes in hexadecimal, 0600       DIR/name    the witness's name
    DIR/checkpoint  the last note that was cosigned     DIR/evidence/  what was refused

Exit status: 0 cosigned · 1 refused: smaller, split or rewritten · 2 unusable.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import time

from attest.errors import KeysUnusable
from attest.log.trust import Trust
from attest.log.witness import Answer, Witness

from .desk import UNREADABLE, Unusable, read_text, read_trust

MOST_BYTES = 1_000_000
REFUSED = {
    409: (
        "이 증인이 본 로그({held})에서 이어지지 않습니다.",
        "It does not follow from the log this witness saw ({held}).",
    ),
    422: ("이어진다는 증명이 맞지 않습니다.", "The proof that it follows does not hold."),
}
USELESS = {
    400: "not a request",
    403: "not signed by the keys of the trust file",
    404: "another log",
}


def run(argv: list[str]) -> int:
    asked = _arguments().parse_args(argv)
    try:
        status: int = asked.run(asked)
    except Unusable as why:
        sys.stderr.write(UNREADABLE.format(why=why))
        return 2
    return status


def _arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m attest log witness")
    acts = parser.add_subparsers(required=True, metavar="init|cosign|serve")
    init = acts.add_parser("init", help="make the key of a new witness")
    init.add_argument("--name", required=True)
    cosign = acts.add_parser("cosign", help="cosign one request, from a file or -")
    cosign.add_argument("request", metavar="REQUEST")
    cosign.add_argument("--out", metavar="FILE", type=Path)
    serve = acts.add_parser("serve", help="answer POST /add-checkpoint")
    serve.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8400")
    for act, deed in ((init, _init), (cosign, _cosign), (serve, _serve)):
        act.add_argument("--state", metavar="DIR", type=Path, required=True)
        act.set_defaults(run=deed)
        if act is not init:
            act.add_argument("--trust", metavar="KEYS", type=Path, required=True)
    return parser


def answered(folder: Path, request: str, trust: Trust) -> Answer:
    """Check and change in one step under a lock; what is shown is durable before."""
    with _locked(folder):
        held = folder / "checkpoint"
        last = read_text(held) if held.exists() else ""
        answer = _witness(folder).answer(request, held=last, trust=trust, time=int(time()))
        if answer.status == 200:
            _keep(held, answer.held)
        elif answer.status in REFUSED:
            evidence = folder / "evidence"
            evidence.mkdir(mode=0o700, exist_ok=True)
            _keep(evidence / f"{int(time())}-{secrets.token_hex(4)}.txt", request)
    return answer


def _init(asked: Namespace) -> int:
    folder: Path = asked.state
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / "key").exists():
        raise Unusable(f"{folder}: there is a witness already")
    seed = secrets.token_bytes(32)
    try:
        key = Witness(asked.name, seed).verifying
    except KeysUnusable as wrong:
        raise Unusable(f"--name: {wrong}") from wrong
    _keep(folder / "name", asked.name + "\n")
    _keep(folder / "key", seed.hex() + "\n")
    sys.stdout.write(f"witness {asked.name} {key.vkey}\n")
    return 0


def _cosign(asked: Namespace) -> int:
    request = sys.stdin.read(MOST_BYTES) if asked.request == "-" else read_text(Path(asked.request))
    # A scanner may type line ends as Windows has them, and none behind the last line.
    request = request.replace("\r\n", "\n").rstrip("\n") + "\n"
    answer = answered(asked.state, request, read_trust(asked.trust))
    if answer.status in USELESS:
        raise Unusable(f"{asked.request}: {USELESS[answer.status]}")
    if answer.status != 200:
        ko, en = REFUSED[answer.status]
        sys.stderr.write(f"{ko} / {en}\n".format(held=answer.body.strip()))
        return 1
    if asked.out:
        _keep(asked.out, answer.body)
    else:
        sys.stdout.write(answer.body)
    return 0


def _serve(asked: Namespace) -> int:
    host, _, port = asked.listen.rpartition(":")
    if not port.isdigit():
        raise Unusable("--listen: HOST:PORT")
    trust, folder = read_trust(asked.trust), asked.state
    _witness(folder)
    with HTTPServer((host, int(port)), door(folder, trust)) as server:
        server.serve_forever()
    return 0


def door(folder: Path, trust: Trust) -> type[BaseHTTPRequestHandler]:
    """One address, one verb; everything else is not there."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._say(404, "")
                return
            if not length.isdigit() or int(length) > MOST_BYTES:
                self._say(413, "")
                return
            try:
                request = self.rfile.read(int(length)).decode()
            except UnicodeDecodeError:
                self._say(400, "")
                return
            answer = answered(folder, request, trust)
            self._say(answer.status, answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing: what matters is in the state and in evidence."""

        def _say(self, status: int, body: str) -> None:
            kind = "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    return Door


def _witness(folder: Path) -> Witness:
    key = folder / "key"
    if key.exists() and key.stat().st_mode & 0o077:
        raise Unusable(f"{key}: only its owner may read a key")
    try:
        return Witness(read_text(folder / "name").strip(), bytes.fromhex(read_text(key)))
    except ValueError as wrong:
        raise Unusable(f"{key}: not a key") from wrong


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as wrong:
        raise Unusable(f"{folder}: {wrong.strerror}") from wrong
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep(path: Path, text: str) -> None:
    """Whole and durable, or not at all: temp, fsync, rename, fsync of the folder."""
    draft = path.with_name(f"{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
