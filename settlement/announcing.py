"""Rules are announced in the log before a sum is settled by them (log.md §12, money)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from attest.log.leaf import ConfigChanged
from ledger.models import Landmark
from ledger.services.append import append
from trips.rules import rule_texts


def rule_files() -> Mapping[str, bytes]:
    """The shipped and the released rule sets as they are, by ``id@version``."""
    found = {}
    for text in rule_texts():
        about = tomllib.loads(text)["rule_set"]
        found[f"{about['id']}@{about['version']}"] = text.encode()
    return found


def announce_rules(*, at: datetime) -> None:
    """Those the log does not know yet, or knows in another wording. In the deed's transaction."""
    rows = Landmark.objects.filter(t=ConfigChanged.t).values_list("name", "sha256")
    known = {(name, bytes(digest)) for name, digest in rows}
    for name, raw in rule_files().items():
        digest = sha256(raw).digest()
        if (name, digest) in known:
            continue
        since = str(tomllib.loads(raw.decode())["rule_set"]["valid_from"])
        event = ConfigChanged(
            subject="rule-set", name=name, sha256=digest, from_=since, who={"actor": "command"}
        )
        append(event=event, at=at, subject="org-log")
