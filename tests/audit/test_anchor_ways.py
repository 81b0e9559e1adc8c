"""The head goes out by every way there is: over the network, by mail, in a line of syslog."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Person
from attest.commands import witness as command
from attest.commands.desk import read_trust
from attest.commands.log import run
from ledger.guarding import lowered
from ledger.models import Anchor, Checkpoint, Leaf, Witness
from ledger.services.sequence import sequence
from tests.audit.authority import Authority
from tests.conftest import NOON, phone_of
from tests.ledger.deeds import setting

NAME = "audit.example.go.kr/w1"


@pytest.fixture
def log(db: None) -> None:
    setting("one", at=NOON)
    sequence(now=NOON)


def told(name: str, *words: str) -> str:
    out = StringIO()
    call_command(name, *words, stdout=out)
    return out.getvalue()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def answering(work: Callable[[str, bytes], tuple[int, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = work(self.headers["Content-Type"], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    return Desk


# -- time stamps ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.founded(tmp_path_factory.mktemp("tsa") / "authority")


def stamping(authority: Authority, folder: Path) -> type[BaseHTTPRequestHandler]:
    def stamp(kind: str, body: bytes) -> tuple[int, bytes]:
        assert kind == "application/timestamp-query"
        (folder / "asked.tsq").write_bytes(body)
        return 200, authority.stamp(folder / "asked.tsq").read_bytes()

    return answering(stamp)


def test_an_authority_on_the_network_stamps_the_head(
    log: None, tmp_path: Path, authority: Authority
) -> None:
    with serving(stamping(authority, tmp_path)) as url:
        said = told("ledger_anchor", "stamp", url, "--authority", str(authority.root))

    kept = Anchor.objects.get()
    assert said.startswith(f"{Checkpoint.objects.latest('size').size} leaves, stamped ")
    assert (kept.kind, kept.size) == ("rfc3161", Checkpoint.objects.latest("size").size)


@pytest.mark.parametrize("wrong", ["noise", "refused", "endless", "nobody", "no-address", "ftp"])
def test_an_authority_that_gives_no_token_anchors_nothing(
    log: None, authority: Authority, wrong: str
) -> None:
    said = {"noise": (200, b"noise"), "refused": (503, b""), "endless": (200, bytes(70_000))}
    with serving(answering(lambda *_: said.get(wrong, (200, b"")))) as url:
        others = {"nobody": "http://127.0.0.1:1", "no-address": "x", "ftp": "ftp://a"}
        where = others.get(wrong, url)
        with pytest.raises(CommandError):
            told("ledger_anchor", "stamp", where, "--authority", str(authority.root))

    assert not Anchor.objects.exists()


# -- mail and syslog -----------------------------------------------------------------------


def test_the_head_is_mailed_to_be_read_and_as_the_very_bytes(log: None) -> None:
    told("ledger_anchor", "mail", "desk@other.example.kr", "archive@other.example.kr")

    (letter,) = mail.outbox
    note, size = Checkpoint.objects.latest("size").note, Checkpoint.objects.latest("size").size
    assert letter.to == ["desk@other.example.kr", "archive@other.example.kr"]
    assert note in letter.body
    assert letter.attachments[0].filename == f"checkpoint-{size}.txt"
    assert letter.attachments[0].content == note.encode()
    assert f"기록 {size}건" in letter.body


def test_a_copy_that_was_sent_is_told_and_is_no_anchor_by_itself(log: None, iris: Person) -> None:
    told("ledger_anchor", "mail", "desk@other.example.kr")
    told("ledger_anchor", "mail", "desk@other.example.kr")

    page = phone_of(iris).get("/audit/anchors/").content.decode()
    assert Anchor.objects.count() == 1
    assert "메일로 보낸 사본" in page
    assert "아직 없습니다" in page


def test_a_line_reaches_the_log_host(log: None) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host:
        host.bind(("127.0.0.1", 0))
        host.settimeout(10)
        told("ledger_anchor", "syslog", f"127.0.0.1:{host.getsockname()[1]}")
        line = host.recv(2_000).decode()

    origin, size, root = Checkpoint.objects.latest("size").note.split("\n")[:3]
    assert line.startswith("<109>1 ")
    assert line.endswith(f" - - - TRIPSEAL-CHECKPOINT {origin} {size} {root}")


def test_a_line_reaches_the_socket_of_the_machine(log: None, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as host:
        host.bind(str(tmp_path / "log"))
        told("ledger_anchor", "syslog", str(tmp_path / "log"))

        assert b"TRIPSEAL-CHECKPOINT" in host.recv(2_000)


@pytest.mark.parametrize("where", ["nowhere", "127.0.0.1:x", "/no/such/socket"])
def test_a_line_that_reaches_nobody_is_told(log: None, where: str) -> None:
    with pytest.raises(CommandError):
        told("ledger_anchor", "syslog", where)

    assert not Anchor.objects.exists()


# -- witnesses -----------------------------------------------------------------------------


@pytest.fixture
def folder(log: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A witness of its own, named by the office."""
    (tmp_path / "trust").write_text(told("ledger_trust"), encoding="utf-8")
    assert run(["witness", "init", "--name", NAME, "--state", str(tmp_path / "w")]) == 0
    told("ledger_witness", "add", NAME, capsys.readouterr().out.split()[2])
    return tmp_path


def door(folder: Path) -> type[BaseHTTPRequestHandler]:
    return command.door(folder / "w", read_trust(folder / "trust"))


def newest() -> int:
    return Checkpoint.objects.latest("size").size


def test_a_serving_witness_is_visited_again_and_again(folder: Path) -> None:
    with serving(door(folder)) as url:
        told("ledger_witness", "visit", NAME, url)
        setting("two", at=NOON)
        told("ledger_witness", "visit", NAME, f"{url}/")

    assert [row.size for row in Anchor.objects.order_by("size")][-1] == newest()
    assert Checkpoint.objects.latest("size").note.count(f"— {NAME} ") == 1


def test_a_witness_that_stands_elsewhere_is_asked_from_there(folder: Path) -> None:
    with serving(door(folder)) as url:
        told("ledger_witness", "visit", NAME, url)
        with lowered():
            Anchor.objects.all().delete()
        setting("two", at=NOON)
        said = told("ledger_witness", "visit", NAME, url)

    assert said == f"cosigned: {newest()} leaves\n"


@pytest.mark.parametrize(
    "answer",
    [(422, b""), (403, b""), (200, b"noise"), (200, b"\xff"), (409, b"x\n"), (409, b"99999\n")],
)
def test_a_witness_that_refuses_is_told_and_nothing_kept(
    folder: Path, answer: tuple[int, bytes]
) -> None:
    with serving(answering(lambda *_: answer)) as url, pytest.raises(CommandError):
        told("ledger_witness", "visit", NAME, url)

    assert not Anchor.objects.exists()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_with_its_token_a_witness_fetches_and_hands_in_from_its_own_machine(folder: Path) -> None:
    laptop, token = Client(enforce_csrf_checks=True), told("ledger_witness", "token", NAME).strip()

    asked = laptop.get("/log/witness-request?old=0", headers=bearer(token))
    (folder / "request").write_bytes(asked.content)
    files = ["--state", str(folder / "w"), "--trust", str(folder / "trust")]
    run(["witness", "cosign", str(folder / "request"), *files, "--out", str(folder / "line")])
    line = (folder / "line").read_bytes()
    answer = laptop.post("/log/cosignatures", line, "text/plain", headers=bearer(token))

    assert (answer.status_code, answer.content.decode()) == (200, f"{newest()}\n")
    assert (
        laptop.get("/log/checkpoint", headers=bearer(token))
        .content.decode()
        .endswith(line.decode())
    )
    for path in ("tile/0/000.p/1", "tile/entries/000.p/1"):
        assert laptop.get(f"/log/{path}", headers=bearer(token)).status_code == 200


def test_a_token_that_was_renewed_or_whose_witness_left_opens_nothing(folder: Path) -> None:
    first = told("ledger_witness", "token", NAME).strip()
    second = told("ledger_witness", "token", NAME).strip()
    assert Client().get("/log/checkpoint", headers=bearer(first)).status_code == 401
    assert Client().get("/log/checkpoint", headers=bearer(second)).status_code == 200

    told("ledger_witness", "remove", NAME, Witness.objects.get().vkey)
    assert Client().get("/log/checkpoint", headers=bearer(second)).status_code == 401
    with pytest.raises(CommandError):
        told("ledger_witness", "token", NAME)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_nobody_guesses_a_token(folder: Path, token: str) -> None:
    assert Client().get("/log/checkpoint", headers=bearer(token)).status_code == 401
    assert (
        Client().post("/log/cosignatures", b"", "text/plain", headers=bearer(token)).status_code
        == 401
    )


@pytest.mark.parametrize("name", ["ada", "felix", "iris", "mallory"])
def test_a_person_hands_no_line_in_without_a_form(
    folder: Path, name: str, request: pytest.FixtureRequest
) -> None:
    answer = phone_of(request.getfixturevalue(name)).post("/log/cosignatures", {"line": "x"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"\xff", 400), (b"x\n" * 17, 400), ("— a b\n".encode(), 422)]
)
def test_a_line_that_does_not_hold_is_not_kept(folder: Path, body: bytes, status: int) -> None:
    token = told("ledger_witness", "token", NAME).strip()
    answer = Client().post("/log/cosignatures", body, "text/plain", headers=bearer(token))

    assert answer.status_code == status
    assert not Anchor.objects.exists()


# -- every day -----------------------------------------------------------------------------


def test_a_broken_way_keeps_the_head_from_none_of_the_others(folder: Path) -> None:
    with serving(door(folder)) as url:
        ways = ["--witness", NAME, url, "--mail", "desk@other.example.kr", "--syslog", "nowhere"]
        with pytest.raises(CommandError, match=r"^syslog: "):
            told("ledger_anchor", "daily", *ways)

    kinds = Anchor.objects.values_list("kind", flat=True)
    assert {*kinds} == {"witness", "mail"}
    assert len(mail.outbox) == 1


def test_a_stamp_without_its_authority_is_not_asked_for(log: None) -> None:
    with pytest.raises(CommandError, match="--authority"):
        told("ledger_anchor", "daily", "--stamp", "http://127.0.0.1:1")


# -- what the log says of itself -----------------------------------------------------------


def test_the_next_beat_says_who_saw_the_log(folder: Path) -> None:
    with serving(door(folder)) as url:
        told("ledger_witness", "visit", NAME, url)
    seen = Anchor.objects.get()

    sequence(now=Checkpoint.objects.latest("size").signed_at + timedelta(hours=3))

    (said,) = [one["anchor"] for one in beats() if "anchor" in one]
    assert (said["kind"], said["size"]) == ("witness", seen.size)


def beats() -> list[dict[str, Any]]:
    entries = [bytes(row.entry) for row in Leaf.objects.order_by("index")]
    return [json.loads(entry) for entry in entries if b'"t":"heartbeat"' in entry]
