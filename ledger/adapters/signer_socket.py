"""The signer behind a local socket: one line of JSON asks, one line answers.

    {"deed":"head"}                                          → {"note":"…"}
    {"deed":"sign","text":"…","proof":["…"],"published":n,"handed":[[i,"entry",["…"]]]}
                                                             → {"note":"…"} or {"refused":"…"}
    {"deed":"rotation"}                                      → {"notes":["…"]} or {"refused":"…"}
    {"deed":"end"}                                           → {"ended":true}

Who may connect is a matter of the folder the socket lies in: the signer's own, open to the
group of those who ask (mode 0750, the socket 0660).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from socketserver import StreamRequestHandler, UnixStreamServer
from typing import Any

from attest.errors import KeysAway, LogInconsistent
from attest.log.strict64 import encode64

MOST_BYTES = 65_536
PATIENCE_S = 10

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def ask_head(path: str) -> str:
    return _note(_ask(path, {"deed": "head"}))


def ask_sign(
    path: str,
    *,
    text: str,
    proof: Sequence[bytes],
    published: int,
    handed: Sequence[tuple[int, bytes, Sequence[bytes]]],
) -> str:
    """*handed*: rotations of the log's keys, each with its index, entry and proof."""
    said = {
        "deed": "sign",
        "text": text,
        "proof": _hashes(proof),
        "published": published,
        "handed": [[index, entry.decode(), _hashes(way)] for index, entry, way in handed],
    }
    return _note(_ask(path, said))


def ask_rotation(path: str) -> list[str]:
    """The notes of a rotation whose heirs were made where the signer is."""
    notes = _ask(path, {"deed": "rotation"}).get("notes")
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise KeysAway("the signer does not answer")
    return notes


def ask_end(path: str) -> bool:
    return _ask(path, {"deed": "end"}).get("ended") is True


def _hashes(proof: Sequence[bytes]) -> list[str]:
    return [encode64(one) for one in proof]


def _ask(path: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """``KeysAway`` where nobody answers, ``LogInconsistent`` with the words of a refusal."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            line.connect(path)
            line.sendall(json.dumps(said).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = json.loads(answers.readline(MOST_BYTES))
    except (OSError, ValueError) as away:
        raise KeysAway("the signer does not answer") from away
    if not isinstance(answer, dict):
        raise KeysAway("the signer does not answer")
    if "refused" in answer:
        raise LogInconsistent(str(answer["refused"]))
    return answer


def _note(answer: Mapping[str, Any]) -> str:
    if not isinstance(note := answer.get("note"), str):
        raise KeysAway("the signer does not answer")
    return note


class _Handler(StreamRequestHandler):
    # Whoever connects and says nothing must not keep the others waiting.
    timeout = PATIENCE_S
    server: _Server

    def handle(self) -> None:
        try:
            said = json.loads(self.rfile.readline(MOST_BYTES))
            told = said if isinstance(said, dict) else {}
        except (OSError, ValueError, RecursionError):
            told = {}
        try:
            self.wfile.write(json.dumps(self.server.answer(told)).encode() + b"\n")
        except BrokenPipeError:
            # They went away; what was signed is in the head file, and is signed again if asked.
            return


class _Server(UnixStreamServer):
    def __init__(self, path: Path, answer: Answer) -> None:
        self.answer = answer
        super().__init__(str(path), _Handler)


def serving(path: Path, answer: Answer) -> UnixStreamServer:
    """A server, listening; whoever calls runs it. One request after the other.

    What lies at *path* was left by a dead one: the caller holds the lock of the living.
    """
    path.unlink(missing_ok=True)
    made = _Server(path, answer)
    path.chmod(0o660)
    return made
