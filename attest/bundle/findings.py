"""What a verifier finds: stable codes, and for each one sentence in Korean and in English.

A finding names the file, the sheet, the row and the column where there is one. Of one
code 1,000 are kept, the rest are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

FAIL, WARN, NOTE = "fail", "warn", "note"
MOST: Final = 1_000

# In the order in which a verifier looks.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "zip.unreadable": ("압축 파일을 읽을 수 없습니다.", "The archive cannot be read."),
    "zip.duplicate_name": ("같은 이름의 파일이 둘 있습니다.", "Two files have one name."),
    "zip.unsafe_name": (
        "압축 파일 안의 이름이 안전하지 않습니다.",
        "A name in the archive is not safe.",
    ),
    "zip.encrypted": ("암호로 잠긴 압축 파일입니다.", "The archive is encrypted."),
    "zip.too_large": (
        "압축을 풀면 한도보다 큽니다.",
        "Unpacked it would be larger than the limits allow.",
    ),
    "zip.stray_bytes": (
        "압축 파일의 앞, 뒤나 사이에 남는 바이트가 있습니다.",
        "There are bytes before, after or between the files of the archive.",
    ),
    "zip.header_mismatch": (
        "압축 파일의 목록과 파일 머리가 서로 다릅니다.",
        "The directory of the archive and a file's own header differ.",
    ),
    "bag.missing_file": ("있어야 할 파일이 없습니다.", "A file that must be there is missing."),
    "bag.unlisted_file": ("목록에 없는 파일이 있습니다.", "A file is in no manifest."),
    "bag.digest": ("파일이 목록의 해시와 다릅니다.", "The file is not what the manifest says."),
    "bag.format": ("묶음의 목록을 읽을 수 없습니다.", "A manifest of the bag cannot be read."),
    "sign.dsse_missing": ("묶음에 서명이 없습니다.", "The bundle is not signed."),
    "sign.dsse_bad": (
        "묶음의 서명이 맞지 않습니다.",
        "The signature of the bundle does not hold.",
    ),
    "sign.key_ended": (
        "다른 키가 이미 뒤를 이은 내보내기 키로 서명했습니다.",
        "The bundle is signed by an export key that another had followed by then.",
    ),
    "sign.dsse_subject": (
        "서명된 목록이 이 묶음의 목록이 아닙니다.",
        "The signed manifests are not those of this bundle.",
    ),
    "sign.unjudged": (
        "신뢰 파일에 내보내기 키가 없어 묶음의 서명을 판단하지 않았습니다.",
        "The trust file has no export key, so the signature of the bundle was not judged.",
    ),
    "note.malformed": ("체크포인트를 읽을 수 없습니다.", "The checkpoint cannot be read."),
    "note.bad_signature": (
        "체크포인트의 서명이 맞지 않습니다.",
        "A signature of the checkpoint does not hold.",
    ),
    "note.no_log_key": (
        "신뢰 파일의 로그 키 가운데 서명하지 않은 것이 있습니다.",
        "A log key of the trust file has not signed.",
    ),
    "note.quorum": (
        "확인한 증인이 정족수에 미치지 못합니다.",
        "Too few witnesses have cosigned.",
    ),
    "checkpoint.malformed": (
        "서명된 체크포인트의 내용이 형식에 맞지 않습니다.",
        "The signed checkpoint is not of the right form.",
    ),
    "checkpoint.origin": (
        "다른 로그의 체크포인트입니다.",
        "The checkpoint is another log's.",
    ),
    "checkpoint.rollback": (
        "가지고 계신 체크포인트보다 작습니다. 로그가 이전 상태로 되돌아갔습니다.",
        "It is smaller than the checkpoint you hold: the log went back.",
    ),
    "checkpoint.inconsistent": (
        "가지고 계신 체크포인트에서 이어지지 않습니다. 그 뒤 기록이 바뀌었습니다.",
        "It does not follow from the checkpoint you hold: history was rewritten.",
    ),
    "checkpoint.fork": (
        "같은 크기에 다른 루트가 서명되어 있습니다. 로그가 둘로 갈렸습니다.",
        "Two roots are signed for one size: the log was split.",
    ),
    "proof.shape": ("증명의 형식이 맞지 않습니다.", "The proof is not of the right form."),
    "proof.range_root": (
        "기록들이 서명된 뿌리로 이어지지 않습니다. 바뀌거나 빠진 기록이 있습니다.",
        "The leaves do not add up to the signed root: one was altered, added or removed.",
    ),
    "proof.inclusion": (
        "이 기록은 서명된 로그의 그 자리에 없습니다.",
        "This leaf is not at that place of the signed log.",
    ),
    "proof.support": (
        "범위 밖 기록의 증명이 맞지 않습니다.",
        "The proof of a leaf outside the range does not hold.",
    ),
    "proof.surplus": ("증명에 남는 해시가 있습니다.", "The proof has a hash too many."),
    "proof.consistency": (
        "두 체크포인트가 이어진다는 증명이 맞지 않습니다.",
        "The proof that one checkpoint follows the other does not hold.",
    ),
    "leaf.not_canonical": (
        "기록의 표기가 정해진 형식이 아닙니다.",
        "The leaf is not in canonical form.",
    ),
    "leaf.unknown_type": ("알 수 없는 종류의 기록입니다.", "The leaf is of an unknown type."),
    "leaf.field": ("기록의 항목이 맞지 않습니다.", "A field of the leaf is wrong."),
    "row.format": ("행의 형식이 맞지 않습니다.", "The row is not of the right form."),
    "row.order": ("행의 차례가 맞지 않습니다.", "The rows are not in their order."),
    "row.missing": ("행이 빠졌습니다.", "A row is missing."),
    "row.surplus": ("남는 행이 있습니다.", "There is a row too many."),
    "row.opening": (
        "내용이 서명된 기록과 다릅니다.",
        "The content is not what the signed leaf commits to.",
    ),
    "row.withheld_unexplained": (
        "요청한 항목이 사유 없이 빠졌습니다.",
        "A group that was asked for is withheld without a reason.",
    ),
    "row.erased_but_shown": (
        "지워졌다고 기록된 내용이 보입니다.",
        "What the log says was erased is shown.",
    ),
    "row.required": (
        "꼭 있어야 한다고 하신 내용이 열려 있지 않습니다.",
        "What you require is not open.",
    ),
    "row.withheld": (
        "요청에 없어 열지 않은 항목이 있는 행의 수입니다.",
        "Number of rows with a group that was not asked for.",
    ),
    "row.sealed": (
        "범위 밖이라 봉인된 행의 수입니다. 정말 범위 밖인지는 확인할 수 없습니다.",
        "Number of rows sealed as out of scope. That they are cannot be checked.",
    ),
    "trip.gap": (
        "출장의 기록 순번이 이어지지 않습니다.",
        "The leaves of a trip are not numbered in turn.",
    ),
    "trip.chain": (
        "출장의 앞 기록을 가리키는 해시가 맞지 않습니다.",
        "A leaf does not follow from the trip's previous one.",
    ),
    "trip.target": (
        "가리키는 앞 기록이 그 기록이 아닙니다.",
        "The earlier leaf it names is another one.",
    ),
    "trip.half_sealed": (
        "한 출장의 일부만 봉인되어 있습니다.",
        "A trip is partly open and partly sealed.",
    ),
    "trip.settlement_count": (
        "정산이 센 기록 수가 다릅니다.",
        "The settlement counts another number of leaves.",
    ),
    "trip.settlement_digest": (
        "정산이 묶은 기록들의 해시가 다릅니다.",
        "The settlement covers other leaves than these.",
    ),
    "trip.after_close": (
        "정산으로 닫힌 출장에 기록이 더해졌습니다.",
        "A leaf was added to a trip that a settlement had closed.",
    ),
    "trip.begins_before": (
        "범위보다 먼저 시작한 출장의 수입니다.",
        "Number of trips that begin before the range.",
    ),
    "trip.unfinished": (
        "정산되거나 취소되지 않은 출장의 수입니다.",
        "Number of trips neither settled nor voided.",
    ),
    "time.back": (
        "앞 기록보다 이른 시각인데 시계 조정 기록이 없습니다.",
        "Earlier than the leaves before it, and no clock step says why.",
    ),
    "time.before_anchor": (
        "독립 확인 뒤에 더해졌는데 그보다 이른 시각입니다.",
        "Added after an independent anchor, but dated before it.",
    ),
    "time.after_anchor": (
        "독립 확인 때 이미 있었는데 그보다 늦은 시각입니다.",
        "There at an independent anchor, but dated after it.",
    ),
    "time.future": ("지금보다 늦은 시각입니다.", "Dated later than now."),
    "time.step": ("시계가 조정되었습니다.", "The clock was stepped."),
    "time.silence": (
        "정해진 간격의 두 배가 넘도록 아무 기록이 없습니다.",
        "No leaf for more than twice the heartbeat.",
    ),
    "money.line": (
        "다시 계산한 줄과 다릅니다.",
        "The line is not what the rules come to.",
    ),
    "money.total": (
        "다시 계산한 합계와 다릅니다.",
        "The total is not what the rules come to.",
    ),
    "money.rule_set_missing": (
        "정산에 쓴 여비 규정이 묶음에 없습니다.",
        "A rule set the settlement needs is not in the bundle.",
    ),
    "money.rule_set_unannounced": (
        "정산 전에 로그에 알려지지 않은 여비 규정입니다.",
        "The rule set was not announced in the log before the settlement.",
    ),
    "money.rule_set_date": (
        "출장 날에 아직 시행되지 않은 여비 규정입니다.",
        "The rule set was not in force on the day of the trip.",
    ),
    "money.not_open": (
        "열려 있지 않아 다시 셈하지 못한 정산의 수입니다.",
        "Number of settlements that are not open and were not computed again.",
    ),
    "erasure.too_early": (
        "보유 기간이 끝나기 전에 지웠습니다.",
        "Erased before its time of keeping was over.",
    ),
    "erasure.group": (
        "지워졌다고 하나, 로그의 삭제 기록은 다른 묶음을 말합니다.",
        "Said to be erased, but the log's erasure is of another group.",
    ),
    "erasure.range": (
        "지워졌다고 하나, 로그에 그 삭제 기록이 없습니다.",
        "Said to be erased, but no erasure in the log covers it.",
    ),
    "key.followed": (
        "키가 교체되었으니 전화로 확인하십시오. {expected} → {found}",
        "A key has an heir, to be confirmed by phone. {expected} → {found}",
    ),
    "key.unannounced": (
        "로그가 알린 적 없는 키입니다.",
        "A key that the log never announced.",
    ),
    "key.rotation_signature": (
        "키 교체의 서명이 맞지 않습니다.",
        "A key rotation is not signed by both keys.",
    ),
    "request.range": (
        "요청한 범위와 다릅니다.",
        "Not the range that was asked for.",
    ),
    "request.nonce": ("다른 요청의 묶음입니다.", "The bundle answers another request."),
    "request.not_logged": (
        "이 요청이 로그에 없습니다.",
        "The request is not in the log.",
    ),
    "request.mismatch": (
        "로그에 기록된 요청과 다릅니다.",
        "Not the request that the log recorded.",
    ),
    "request.replayed": (
        "이미 내준 적 있는 요청의 묶음입니다.",
        "The bundle of a request that was answered before.",
    ),
    "table.cell": (
        "표의 값이 서명된 기록과 다릅니다.",
        "The cell is not what the signed leaves say.",
    ),
    "table.rows": (
        "표의 행이 서명된 기록과 맞지 않습니다.",
        "The rows of the table are not those of the signed leaves.",
    ),
    "table.formula": ("표에 수식이 있습니다.", "There is a formula in the table."),
    "table.reformatted": (
        "스프레드시트가 표기만 바꾼 값입니다.",
        "Reformatted by a spreadsheet.",
    ),
    "receipt.bad_signature": (
        "기록 약속의 서명이 맞지 않습니다.",
        "The signature of a log receipt does not hold.",
    ),
    "receipt.key_ended": (
        "그때는 이미 다른 키가 뒤를 이은 키로 서명한 로그 영수증입니다.",
        "The log receipt is signed by keys that others had followed by then.",
    ),
    "receipt.missing": (
        "약속한 기록이 로그에 없습니다.",
        "A leaf that was promised is not in the log.",
    ),
    "receipt.out_of_range": (
        "이 묶음의 범위 밖 기록에 대한 약속입니다.",
        "A log receipt for a leaf outside this range.",
    ),
    "anchor.tsa_bad": ("시점 확인 토큰이 맞지 않습니다.", "A time stamp does not hold."),
    "anchor.stale": (
        "마지막 독립 확인이 신뢰 파일의 기한보다 오래되었습니다.",
        "The last independent anchor is older than the trust file allows.",
    ),
    "anchor.none": (
        "독립 확인이 없습니다. 기록을 보관한 쪽이 모두 새로 썼더라도 드러나지 않습니다.",
        "No independent anchor was given: a history rewritten whole would not show.",
    ),
}
GROUP_WORDS: Final = {"id": ("사람", "who"), "loc": ("위치", "where"), "biz": ("업무", "what")}


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    severity: str
    file: str = ""
    sheet: str = ""
    leaf: int | None = None
    row: int | None = None
    column: str = ""
    expected: str | int = ""
    found: str | int = ""
    count: int | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if value not in {"", None}}
        return told | {"ko": self.ko, "en": self.en}

    @property
    def ko(self) -> str:
        parts = [self.file]
        parts += [f"‘{self.sheet}’ 시트"] if self.sheet else []
        leaf = f"(기록 {self.leaf})" if self.leaf is not None else ""
        parts += [f"{self.row}행{leaf}"] if self.row is not None else [leaf.strip("()")]
        parts += [f"{self._column(0)} 열"] if self.column else []
        return _said(parts, self._words(0), self.count)

    @property
    def en(self) -> str:
        parts = [self.file]
        parts += [f"sheet ‘{self.sheet}’"] if self.sheet else []
        leaf = f"leaf {self.leaf}" if self.leaf is not None else ""
        parts += [f"row {self.row}" + (f" ({leaf})" if leaf else "")] if self.row else [leaf]
        parts += [f"column {self._column(1)}"] if self.column else []
        return _said(parts, self._words(1), self.count)

    def _words(self, language: int) -> str:
        return WORDS[self.code][language].format(expected=self.expected, found=self.found)

    def _column(self, language: int) -> str:
        if self.column in GROUP_WORDS:
            return f"{self.column} ({GROUP_WORDS[self.column][language]})"
        return self.column


class Findings:
    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def fail(self, code: str, **where: Any) -> None:
        self._put(Finding(code, FAIL, **where))

    def warn(self, code: str, **where: Any) -> None:
        self._put(Finding(code, WARN, **where))

    def note(self, code: str, **where: Any) -> None:
        self._put(Finding(code, NOTE, **where))

    def has(self, code: str) -> bool:
        return self._counts[code] > 0

    def failed(self, *, strict: bool) -> bool:
        bad = {FAIL, WARN} if strict else {FAIL}
        return any(one.severity in bad for one in self._kept)

    def __iter__(self) -> Iterator[Finding]:
        """In the order of ``WORDS``; of what was too many a count comes last."""
        place = {code: number for number, code in enumerate(WORDS)}
        for code in sorted(self._counts, key=place.__getitem__):
            kept = [one for one in self._kept if one.code == code]
            yield from kept
            if more := self._counts[code] - len(kept):
                yield Finding(code, kept[0].severity, count=more)

    def _put(self, finding: Finding) -> None:
        self._counts[finding.code] += 1
        if self._counts[finding.code] <= MOST:
            self._kept.append(finding)


def _said(parts: list[str], words: str, count: int | None) -> str:
    where = " ".join(part for part in parts if part)
    counted = f" ({count})" if count is not None else ""
    return f"{where}: {words}{counted}" if where else f"{words}{counted}"
