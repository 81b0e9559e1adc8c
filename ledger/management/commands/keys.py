"""``manage.py keys``: the only way keys come to be, follow one another, and are given up."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from attest.errors import KeysAway, KeysUnusable, LogInconsistent, NoteRefused
from attest.log.trust import PAPERS
from attest.values import KST
from ledger.keys import Made
from ledger.selectors import waiting_leaves
from ledger.services.announce_keys import announce_keys
from ledger.services.check_keys import check_keys
from ledger.services.count_touches import count_touches
from ledger.services.create_keys import create_keys
from ledger.services.create_push_key import create_push_key
from ledger.services.create_tag_keys import create_tag_keys
from ledger.services.list_keys import list_keys
from ledger.services.publish_keys import publish_keys
from ledger.services.renew_key import RENEWABLE, renew_key
from ledger.services.replace_keys import replace_keys
from ledger.services.rotate_keys import rotate_keys
from ledger.services.rotate_log import rotate_log
from ledger.services.rotate_papers import rotate_papers
from ledger.services.withdraw_key import withdraw_key

# What is taken away after the ceremony, and brought back to the next.
ROOT = "root-sealing-keys.json"


class Command(BaseCommand):
    help = "Make keys, let them follow one another, give one up, or look at them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        creating = deeds.add_parser("create")
        creating.add_argument("--since", help="the first day their windows hold (YYYY-MM-DD)")
        rotating = deeds.add_parser("rotate")
        rotating.add_argument("--at-once", action="store_true", help="all of them, now")
        giving_up = deeds.add_parser("withdraw")
        giving_up.add_argument("kid", metavar="KID")
        giving_up.add_argument("--from", help="since when it is not trusted (2026-11-23T14:00)")
        for each in (rotating, giving_up):
            each.add_argument("--root", type=Path, help=f"where {ROOT} lies")
        tags = deeds.add_parser("tags", help="keys for a new batch of NFC tags")
        tags.add_argument("batch", metavar="BATCH")
        renewing = deeds.add_parser("renew", help="a successor, in use at once")
        renewing.add_argument("name", choices=(*RENEWABLE, "log", *PAPERS))
        deeds.add_parser("push", help="switch web push on, or change its key")
        deeds.add_parser("list")
        deeds.add_parser("check")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            getattr(self, f"_{options['deed']}")(options)
        except (ImproperlyConfigured, KeysAway, KeysUnusable, LogInconsistent) as wrong:
            raise CommandError(str(wrong)) from wrong
        except NoteRefused as wrong:
            raise CommandError("the head file does not hold") from wrong

    def _check(self, options: dict[str, Any]) -> None:
        del options
        self._say(check_keys())

    def _list(self, options: dict[str, Any]) -> None:
        del options
        for line in list_keys(now=timezone.now()):
            self.stdout.write(line)

    def _create(self, options: dict[str, Any]) -> None:
        now, since = timezone.now(), options["since"]
        try:
            day = None if since is None else datetime.fromisoformat(since).date()
        except ValueError as wrong:
            raise CommandError("--since is a day like 2026-11-23") from wrong
        start = datetime.combine(day, time.min, KST) if day else now
        if start > now:
            raise CommandError("--since is today or a day before")
        self._expect_a_database()
        folder = Path(settings.KEY_FOLDER)
        made = create_keys(folder=folder, since=start, now=now)
        with transaction.atomic():
            announce_keys(made, at=start)
            announce_keys([publish_keys(root=folder / ROOT, now=now)], at=now)
        self._say([key.name for key in made])

    def _tags(self, options: dict[str, Any]) -> None:
        self._expect_a_database()
        made = create_tag_keys(options["batch"], folder=Path(settings.KEY_FOLDER))
        announce_keys(made, at=timezone.now())
        self._say([key.name for key in made])

    def _renew(self, options: dict[str, Any]) -> None:
        self._expect_a_database()
        now = timezone.now()
        if (role := options["name"]) in ("log", *PAPERS):
            self._renew_signers(role, now)
            return
        made = renew_key(options["name"], now=now)
        announce_keys(made, at=now)
        self._say([key.name for key in made])

    def _renew_signers(self, role: str, now: datetime) -> None:
        if role == "log" and not rotate_log(now=now):
            raise CommandError("the heirs have not signed yet: see /readyz, and run this again")
        if role != "log" and not rotate_papers(role, clock=timezone.now):
            raise CommandError("the log has not said it yet: see /readyz, and run this again")
        readers = "auditors and witnesses" if role == "log" else "auditors"
        self._say([f"{role}: give {readers} what `manage.py ledger_trust` prints"])

    def _push(self, options: dict[str, Any]) -> None:
        del options
        self._expect_a_database()
        made = create_push_key(Path(settings.KEY_FOLDER))
        announce_keys(made, at=timezone.now())
        self._say([key.name for key in made])

    def _rotate(self, options: dict[str, Any]) -> None:
        deed = replace_keys if options["at_once"] else rotate_keys
        now, root = timezone.now(), self._root(options)
        made = self._told(lambda: deed(root=root, now=now), root, now)
        self._say([key.name for key in made] or ["none is due; the key set is signed anew"])

    def _withdraw(self, options: dict[str, Any]) -> None:
        now, root, kid = timezone.now(), self._root(options), options["kid"]
        since = self._moment(options["from"], now)
        made = self._told(lambda: withdraw_key(kid, root=root, since=since, now=now), root, now)
        self._say([key.name for key in made[1:]])
        touches, trips = count_touches(since=since)
        self.stdout.write(
            f"{kid}: withdrawn from {since.astimezone(KST).isoformat(timespec='seconds')}; "
            f"the log knows {touches} touches of {trips} trips since"
        )

    def _told(self, deed: Callable[[], Iterable[Made]], root: Path, now: datetime) -> list[Made]:
        """Do *deed*, publish what it changed, and have the log know both."""
        self._expect_a_database()
        made = list(deed())
        with transaction.atomic():
            announce_keys([*made, publish_keys(root=root, now=now)], at=now)
        return made

    def _root(self, options: dict[str, Any]) -> Path:
        return options["root"] or Path(settings.KEY_FOLDER) / ROOT

    def _moment(self, said: str | None, now: datetime) -> datetime:
        try:
            moment = datetime.fromisoformat(said) if said else now
        except ValueError as wrong:
            raise CommandError("--from is a moment like 2026-11-23T14:00") from wrong
        moment = moment if moment.tzinfo else moment.replace(tzinfo=KST)
        if moment > now:
            raise CommandError("--from is now or a moment before")
        return moment

    def _expect_a_database(self) -> None:
        """Keys that could not be announced would be there, and never in the log."""
        try:
            waiting_leaves()
        except DatabaseError as wrong:
            raise CommandError("no database yet: run `manage.py migrate` first") from wrong

    def _say(self, names: list[str]) -> None:
        self.stdout.write("keys: " + " ".join(names))
