"""``manage.py ledger_anchor``: the newest head goes where the office cannot take it back.

    query FILE                          keep SIZE FILE --authority CA.pem
    stamp URL --authority CA.pem        mail ADDRESS…        syslog HOST:PORT|PATH
    daily [--witness NAME URL] [--stamp URL --authority CA.pem] [--mail ADDRESS…] [--syslog …]

Each says how many leaves the head covers.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from attest.errors import KeysUnusable, LogInconsistent, NoteRefused
from ledger.models import Anchor
from ledger.services.ask_stamp import ask_stamp
from ledger.services.keep_anchor import keep_anchor
from ledger.services.log_head import log_head
from ledger.services.mail_head import mail_head
from ledger.services.stamp_head import stamp_head
from ledger.services.visit_witness import visit_witness

FAULTS = (KeysUnusable, LogInconsistent, NoteRefused, OSError)


class Command(BaseCommand):
    help = "Have the newest head stamped (RFC 3161), or send a copy by mail or to a log host."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        query = deeds.add_parser("query", help="write the request into FILE")
        query.add_argument("file", type=Path)
        keep = deeds.add_parser("keep", help="keep the token in FILE, of the head of SIZE leaves")
        keep.add_argument("size", type=int)
        keep.add_argument("file", type=Path)
        stamp = deeds.add_parser("stamp", help="ask the authority at URL, and keep its token")
        stamp.add_argument("url")
        for one in (keep, stamp):
            one.add_argument("--authority", type=Path, required=True, help="its certificates, PEM")
        mail = deeds.add_parser("mail", help="send the head to these addresses")
        mail.add_argument("to", nargs="+", metavar="ADDRESS")
        syslog = deeds.add_parser("syslog", help="send one line, by UDP or to a socket")
        syslog.add_argument("where", metavar="HOST:PORT|PATH")
        daily = deeds.add_parser("daily", help="all of these ways, whichever of them fail")
        daily.add_argument("--witness", nargs=2, metavar=("NAME", "URL"), action="append")
        daily.add_argument("--stamp", metavar="URL")
        daily.add_argument("--authority", type=Path, metavar="PEM")
        daily.add_argument("--mail", nargs="+", metavar="ADDRESS")
        daily.add_argument("--syslog", metavar="HOST:PORT|PATH")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        failed = []
        for one in _ways(options) if options["deed"] == "daily" else [options]:
            try:
                self.stdout.write(_done(one))
            except FAULTS as wrong:
                failed.append(f"{one['deed']}: {wrong}")
        if failed:
            raise CommandError("; ".join(failed))


def _ways(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One broken way shall keep the head from none of the others."""
    for name, url in asked["witness"] or ():
        yield {"deed": "visit", "name": name, "url": url}
    if asked["stamp"]:
        if not asked["authority"]:
            raise CommandError("--stamp needs --authority")
        yield {"deed": "stamp", "url": asked["stamp"], "authority": asked["authority"]}
    if asked["mail"]:
        yield {"deed": "mail", "to": asked["mail"]}
    if asked["syslog"]:
        yield {"deed": "syslog", "where": asked["syslog"]}


def _done(asked: dict[str, Any]) -> str:
    now = timezone.now()
    match asked["deed"]:
        case "query":
            size, request = ask_stamp(now=now)
            asked["file"].write_bytes(request)
            return f"{size} leaves: send {asked['file']}"
        case "mail":
            return f"{mail_head(asked['to'], now=now)} leaves, mailed"
        case "syslog":
            return f"{log_head(asked['where'], now=now)} leaves, logged"
        case "visit":
            seen = visit_witness(asked["name"], url=asked["url"], now=now)
            return f"{seen.size} leaves, cosigned by {asked['name']}"
        case "stamp":
            return _told(stamp_head(asked["url"], authority=asked["authority"], now=now))
    token, authority = asked["file"].read_bytes(), asked["authority"]
    return _told(keep_anchor(token, size=asked["size"], authority=authority))


def _told(kept: Anchor) -> str:
    return f"{kept.size} leaves, stamped {kept.at.isoformat()}"
