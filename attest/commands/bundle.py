"""``python -m attest bundle verify BUNDLE --trust KEYS …``: judges an export, away from its server.

Exit status: 0 verified · 1 something signed or counted is contradicted · 2 the input
cannot be read, so nothing is said. BUNDLE is the archive or an unpacked folder.
"""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from time import time
from typing import IO, Any

from attest.bundle.archive import Archive, Members, check_name, read
from attest.bundle.asked import Asked, Report
from attest.bundle.findings import Findings
from attest.bundle.inside import CHECKPOINT
from attest.bundle.sheets import SheetRow, saved_csv_rows, xlsx_rows
from attest.bundle.verify import verify
from attest.errors import BundleUnusable, LeafMalformed
from attest.log.leaf import parse_canonical

from .desk import UNREADABLE, Unusable, line_of, read_bytes, read_text, read_trust, unusable
from .stamps import judge_of

VERDICTS = {
    "verified": ("검증되었습니다.", "Verified."),
    "failed": ("검증에 실패했습니다. 맞지 않는 곳이 있습니다.", "Failed."),
    "unusable": ("읽을 수 없어 판정하지 못했습니다.", "Unusable: nothing is said."),
}
_SUMMARY_KO = (
    "로그 {origin}, 크기 {size}, 기록 {first}부터 {last}까지 {rows}행: "
    "열림 {open}, 봉인 {sealed}, 삭제 {erased}, 미요청 {withheld}. 정산 합계 {total:,}원."
)
_SUMMARY_EN = (
    "Log {origin}, size {size}, leaves {first} to {last}, {rows} rows: "
    "{open} open, {sealed} sealed, {erased} erased, {withheld} not asked for. {total:,} won."
)
SHOWN = 10
MORE = (
    "  {code}: 그 밖에 {n}건 (--json에 모두 있음)",
    "  {code}: {n} more (all of them with --json)",
)
SUMMARY = (_SUMMARY_KO, _SUMMARY_EN)
ANCHORED = (
    "마지막 독립 확인: {anchor}. 그 뒤 {unanchored}건은 독립 확인을 받지 않았습니다.",
    "Last independent anchor: {anchor}; rows after it are unanchored: {unanchored}.",
)


class Folder:
    """A bundle that was unpacked. What leads out of it is not followed."""

    def __init__(self, path: Path) -> None:
        self._path, self.top, found = path, path.name, []
        for one in sorted(path.rglob("*")):
            name = one.relative_to(path).as_posix()
            check_name(name)
            if one.is_symlink() or not (one.is_file() or one.is_dir()):
                raise BundleUnusable("zip.unsafe_name", what=name)
            if one.is_file():
                found.append(name)
        self.names: Sequence[str] = found

    def stream(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


def run(argv: list[str]) -> int:
    asked = _arguments().parse_args(argv)
    # Here and not in the core: the limit is one for the whole process.
    csv.field_size_limit(1 << 24)
    try:
        report, checkpoint, trust = _judged(asked)
    except Unusable as why:
        report, checkpoint, trust = unusable(why), "", ""
    for path, text in ((asked.save_checkpoint, checkpoint), (asked.save_trust, trust)):
        if path and report["exit"] == 0:
            path.write_text(text, encoding="utf-8")
    if asked.json:
        sys.stdout.write(line_of(report))
    else:
        _tell(report, language={"ko": 0, "en": 1}[asked.lang])
    status: int = report["exit"]
    return status


def _arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m attest bundle")
    verbs = parser.add_subparsers(required=True, metavar="verify")
    one = verbs.add_parser("verify", help="is this bundle whole, and the log's?")
    one.add_argument("bundle", metavar="BUNDLE", type=Path)
    one.add_argument("--trust", metavar="KEYS", type=Path, required=True)
    one.add_argument("--since", metavar="CHECKPOINT", type=Path)
    one.add_argument("--request", metavar="FILE", type=Path)
    one.add_argument("--nonce", metavar="N", default="")
    one.add_argument("--receipts", metavar="DIR", type=Path)
    one.add_argument("--table", metavar="FILE", type=Path, action="append", default=[])
    one.add_argument("--require", metavar="id,loc,biz", default="")
    one.add_argument("--save-checkpoint", metavar="FILE", type=Path)
    one.add_argument("--save-trust", metavar="FILE", type=Path)
    one.add_argument("--strict", action="store_true")
    one.add_argument("--json", action="store_true")
    one.add_argument("--lang", choices=("ko", "en"), default="ko")
    return parser


def _judged(asked: Namespace) -> tuple[dict[str, Any], str, str]:
    """The report; of a bundle that holds also its checkpoint, and the trust it leads on to."""
    trust = read_trust(asked.trust)
    with ExitStack() as files:
        try:
            members = _members(asked.bundle, files)
        except BundleUnusable as wrong:
            return Report(trust.origin, Findings(), unusable=wrong).as_dict(), "", ""
        said = Asked(
            trust=trust,
            now=datetime.fromtimestamp(time(), UTC),
            since=read_text(asked.since) if asked.since else "",
            request=_request(asked.request) if asked.request else None,
            nonce=asked.nonce,
            receipts=_receipts(asked.receipts) if asked.receipts else {},
            tables={str(path): _table(path, files) for path in asked.table},
            require=_groups(asked.require),
            strict=asked.strict,
            stamped=judge_of([asked.trust.parent / name for name in trust.tsa]),
        )
        report = verify(members, said)
        if report.exit:
            return report.as_dict(), "", ""
        text = read(members, CHECKPOINT).decode()
    return report.as_dict(), text, (report.trust or trust).text()


def _members(path: Path, files: ExitStack) -> Members:
    if path.is_dir():
        return Folder(path)
    try:
        return Archive(files.enter_context(path.open("rb")))
    except OSError as wrong:
        raise Unusable(f"{path}: {wrong.strerror}") from wrong


def _request(path: Path) -> dict[str, Any]:
    try:
        return parse_canonical(read_bytes(path).strip())
    except LeafMalformed as wrong:
        raise Unusable(f"{path}: not a request.json") from wrong


def _receipts(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise Unusable(f"{folder}: not a folder")
    return {one.name: read_text(one) for one in sorted(folder.iterdir()) if one.is_file()}


def _table(path: Path, files: ExitStack) -> Iterator[SheetRow]:
    if path.suffix.lower() != ".xlsx":
        return saved_csv_rows(read_bytes(path), what=str(path))
    try:
        return xlsx_rows(files.enter_context(path.open("rb")), what=str(path))
    except OSError as wrong:
        raise Unusable(f"{path}: {wrong.strerror}") from wrong


def _groups(text: str) -> frozenset[str]:
    found = frozenset(text.split(",")) - {""}
    if found - {"id", "loc", "biz"}:
        raise Unusable("--require: id, loc and biz, with commas between")
    return found


def _tell(report: dict[str, Any], *, language: int) -> None:
    out = sys.stdout
    if "why" in report:
        sys.stderr.write(UNREADABLE.format(why=report["why"]))
        return
    out.write(VERDICTS[report["verdict"]][language] + "\n")
    if report["size"]:
        first, stop = report["range"]
        out.write(SUMMARY[language].format(first=first, last=stop - 1, **report) + "\n")
        anchor = " ".join(map(str, (report["anchor"] or {"none": "–"}).values()))
        out.write(ANCHORED[language].format(**(report | {"anchor": anchor})) + "\n")
    # Findings of one code lie together; a person reads the first of them.
    for code, same in groupby(report["findings"], key=itemgetter("code")):
        found = list(same)
        for one in found[:SHOWN]:
            out.write(f"[{one['severity']}] {code} {one[('ko', 'en')[language]]}\n")
        if len(found) > SHOWN:
            more = {"code": code, "n": len(found) - SHOWN}
            out.write(MORE[language].format(**more) + "\n")
