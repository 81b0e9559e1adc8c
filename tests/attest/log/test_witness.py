"""A witness remembers: it cosigns what follows, and keeps what does not as evidence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from attest.commands import witness as command
from attest.commands.log import run
from attest.errors import ProofRefused
from attest.log import library_curves, plain_curves
from attest.log.note import Kind, sign_note
from attest.log.proof import AddCheckpoint, Checkpoint, witnessed_checkpoint
from attest.log.tiles import Tree, extend
from attest.log.trust import Trust

from .vectors import ecdsa, ed25519, hashes, trust

NAME = "audit.example.go.kr/w2"
ORIGIN = "tripseal.example.go.kr/log"
SIGNERS = (ed25519("log"), ecdsa("log_ecdsa"))


def tree(size: int) -> Tree:
    tiles = extend({}, hashes()[:size])
    return Tree(lambda level, index: tiles[level, index], size)


def note(size: int, root: bytes = b"", signers: Any = SIGNERS, origin: str = ORIGIN) -> str:
    return sign_note(Checkpoint(origin, size, root or tree(size).root()).text(), signers)


def asks(old: int, new: int, **said: Any) -> str:
    return AddCheckpoint(old, tree(new).consistency(old), note(new, **said)).text()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "trust").write_text(trust().text(), encoding="utf-8")
    assert run(["witness", "init", "--name", NAME, "--state", str(tmp_path / "w")]) == 0
    (tmp_path / "line").write_text(capsys.readouterr().out, encoding="utf-8")
    return tmp_path


@pytest.fixture
def believed(desk: Path) -> Trust:
    """The trust file with the new witness's line in it, as ``init`` printed it."""
    line = (desk / "line").read_text("utf-8")
    text = trust().text().replace("quorum none\n", f"{line}quorum {NAME}\n")
    return Trust.parse(text)


def cosign(desk: Path, request: str) -> int:
    (desk / "request").write_text(request, encoding="utf-8")
    files = ["--state", str(desk / "w"), "--trust", str(desk / "trust")]
    return run(["witness", "cosign", str(desk / "request"), *files])


def test_it_cosigns_the_first_head_it_sees_and_each_that_follows(
    desk: Path, believed: Trust, capsys: pytest.CaptureFixture[str]
) -> None:
    for old, new in ((0, 1), (1, 300), (300, 300), (300, 1000)):
        assert cosign(desk, asks(old, new)) == 0
        line = capsys.readouterr().out
        checkpoint, opened = witnessed_checkpoint(note(new) + line, believed)
        assert checkpoint.size == new
        assert any(one.key.kind is Kind.COSIGNATURE for one in opened.signatures)
    assert (desk / "w" / "checkpoint").read_text("utf-8") == note(1000)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (lambda: asks(1, 1000), 1),
        (lambda: asks(300, 300, root=bytes(32)), 1),
        (lambda: AddCheckpoint(300, (), note(1000)).text(), 1),
        (lambda: AddCheckpoint(300, tree(1000).consistency(300)[::-1], note(1000)).text(), 1),
        (lambda: asks(300, 1000, root=bytes(32)), 1),
        (lambda: AddCheckpoint(300, (), note(1)).text(), 2),
        (lambda: asks(300, 1000, signers=SIGNERS[:1]), 2),
        (lambda: asks(300, 1000, origin="other.example.go.kr/log"), 2),
        (lambda: "noise", 2),
        (lambda: "old 0300\n\n" + note(1000), 2),
        (lambda: "", 2),
    ],
)
def test_what_does_not_follow_is_refused_and_changes_nothing(
    desk: Path, request_: Any, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cosign(desk, asks(0, 300)) == 0
    capsys.readouterr()

    assert cosign(desk, request_()) == status
    assert capsys.readouterr().out == ""
    assert (desk / "w" / "checkpoint").read_text("utf-8") == note(300)
    kept = [path.read_text("utf-8") for path in (desk / "w").glob("evidence/*")]
    assert kept == ([request_()] if status == 1 else [])


@pytest.mark.parametrize("typed", [lambda s: s.replace("\n", "\r\n"), str.strip])
def test_a_request_that_a_scanner_typed_is_the_same_request(
    desk: Path, believed: Trust, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "request").write_bytes(typed(asks(0, 300)).encode())
    files = ["--state", str(desk / "w"), "--trust", str(desk / "trust")]

    assert run(["witness", "cosign", str(desk / "request"), *files]) == 0
    line = capsys.readouterr().out
    assert witnessed_checkpoint(note(300) + line, believed)[0].size == 300


def test_its_key_is_its_own(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (desk / "w" / "key").stat().st_mode & 0o777 == 0o600
    assert run(["witness", "init", "--name", NAME, "--state", str(desk / "w")]) == 2
    (desk / "w" / "key").chmod(0o644)
    assert cosign(desk, asks(0, 1)) == 2


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_is_one_word(tmp_path: Path, name: str) -> None:
    assert run(["witness", "init", "--name", name, "--state", str(tmp_path / "w")]) == 2
    assert not (tmp_path / "w" / "key").exists()


@pytest.fixture
def address(desk: Path) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), command.door(desk / "w", trust())) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/add-checkpoint"
        server.shutdown()
        thread.join()


def posted(address: str, request: bytes) -> tuple[int, str]:
    asked = Request(address, data=request, method="POST")
    try:
        with urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_over_the_network_it_answers_as_c2sp_has_it(address: str, believed: Trust) -> None:
    status, line = posted(address, asks(0, 300).encode())
    assert status == 200
    assert witnessed_checkpoint(note(300) + line, believed)[0].size == 300
    rewritten = AddCheckpoint(300, tree(1000).consistency(300), note(1000, root=bytes(32)))

    assert posted(address, asks(1, 1000).encode()) == (409, "300\n")
    assert posted(address, rewritten.text().encode()) == (422, "")
    assert posted(address, asks(300, 1000, signers=SIGNERS[:1]).encode()) == (403, "")
    other = asks(300, 1000, origin="other.example.go.kr/log")
    assert posted(address, other.encode()) == (404, "")
    assert posted(address, b"noise") == (400, "")
    assert posted(address, b"\xff") == (400, "")
    assert posted(address.replace("add-", "sub-"), b"") == (404, "")


@pytest.mark.parametrize("seed", [bytes(32), bytes(range(32)), b"\xff" * 32])
def test_integers_sign_as_the_library_does(seed: bytes) -> None:
    assert plain_curves.ed25519_public(seed) == library_curves.ed25519_public(seed)
    for text in (b"", b"x", b"y" * 1000):
        assert plain_curves.ed25519_sign(seed, text) == library_curves.ed25519_sign(seed, text)


@pytest.mark.parametrize("text", ["old 1", "old 1\nAA==\n\nx", "old 1\n" + "x\n" * 99 + "\nx"])
def test_noise_is_no_request(text: str) -> None:
    with pytest.raises(ProofRefused):
        AddCheckpoint.parse(text)


def test_a_request_is_written_and_read_back() -> None:
    text = asks(300, 1000)

    assert AddCheckpoint.parse(text).text() == text
