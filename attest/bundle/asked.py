"""What the auditor brings along, and what is said in answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attest.errors import BundleUnusable
from attest.log.proof import Checkpoint
from attest.log.strict64 import encode64
from attest.log.trust import Trust

from .clock import Anchor
from .content import Counts
from .findings import Finding, Findings
from .head import Stamped
from .sheets import SheetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the auditor brings along. *stamped* judges RFC 3161 tokens; none: not judged."""

    trust: Trust
    now: datetime
    since: str = ""
    request: Mapping[str, Any] | None = None
    nonce: str = ""
    receipts: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Iterator[SheetRow]] = field(default_factory=dict)
    require: frozenset[str] = frozenset()
    strict: bool = False
    stamped: Stamped | None = None


@dataclass(slots=True)
class Report:
    origin: str
    findings: Findings
    checkpoint: Checkpoint | None = None
    # What was believed, led on by the rotations of keys inside.
    trust: Trust | None = None
    range: tuple[int, int] = (0, 0)
    counts: Counts = field(default_factory=Counts)
    anchor: Anchor | None = None
    failed: bool = False
    unusable: BundleUnusable | None = None

    @property
    def exit(self) -> int:
        """2 never hides a 1 already found."""
        if self.failed:
            return 1
        return 2 if self.unusable else 0

    def as_dict(self) -> dict[str, Any]:
        size, seen = (self.checkpoint.size, self.checkpoint.root) if self.checkpoint else (0, b"")
        anchor = self.anchor and {"kind": self.anchor.kind, "size": self.anchor.size}
        if anchor and self.anchor and self.anchor.at:
            anchor["at"] = self.anchor.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "verdict": {0: "verified", 1: "failed", 2: "unusable"}[self.exit],
            "exit": self.exit,
            "origin": self.origin,
            "size": size,
            "root": encode64(seen),
            "range": list(self.range),
            "rows": self.counts.rows,
            "open": self.counts.open,
            "erased": self.counts.erased,
            "withheld": self.counts.withheld,
            "sealed": self.counts.sealed,
            "total": self.counts.total,
            "anchor": anchor,
            "unanchored": size - (self.anchor.size if self.anchor else 0),
            "findings": [one.as_dict() for one in self._all()],
        }

    def _all(self) -> Iterator[Finding]:
        yield from self.findings
        if self.unusable:
            yield Finding(self.unusable.why, "fail", file=self.unusable.what)
