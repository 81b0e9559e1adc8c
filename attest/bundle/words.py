"""What a bundle says in plain words: README in two languages, one static page, two sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from attest.log.note import Kind, VerifyingKey

from .content import Content, Counts

_COMMAND = "python3 attest.pyz bundle verify {name}.zip --trust KEYS"
_WINDOW_KO = (
    "로그 키와 데이터베이스를 함께 가진 사람은 마지막 독립 확인 뒤의 기록을, 그에 대한 기록 약속·"
    "체크포인트·공동 서명이 다른 곳에 없다면, 모두 새로 쓸 수 있습니다."
)
_WINDOW_EN = (
    "Whoever holds the log keys and the database can rewrite everything newer than the last "
    "independent anchor, if no receipt, checkpoint or cosignature of it exists elsewhere."
)
_TAIL_KO = "끝나지 않은 출장의 마지막 기록을 다음 확인 전에 지운 것은 기록 약속으로만 드러납니다."
_TAIL_EN = (
    "The tail of an unfinished trip deleted before the next anchor is found only by a receipt."
)
_TRUE_KO = (
    "로그는 무엇이 언제 기록되었는지를 증명하며, 그것이 사실이었는지는 증명하지 않습니다. "
    "위치는 참고 자료입니다."
)
_TRUE_EN = "The log proves what was recorded and when, not that it was true. Position is evidence."
_SEALED_KO = (
    "범위 밖이라 봉인된 행이 정말 범위 밖인지는 확인할 수 없습니다. "
    "출장은 전체를 봉인하거나 전혀 봉인하지 않으며, 봉인된 행의 수를 적습니다."
)
_SEALED_EN = (
    "A row sealed as out of scope cannot be checked to be out of scope. A trip is sealed whole "
    "or not at all, and the number of rows is printed."
)
_RESIDUE_KO = (
    "기록 시각과 무작위 출장 번호는 지워지지 않습니다. 그것이 개인정보인지는 법률 자문이 필요하며, "
    "이름·장소·기기 번호는 들어 있지 않습니다."
)
_RESIDUE_EN = (
    "Leaf time and the random trip number are never erased. Whether that residue is personal data "
    "is a question for counsel; it is free of names, places and device numbers."
)
_CURVES_KO = (
    "Ed25519는 국내 검증 대상 알고리즘 목록에 없고, "
    "ECDSA P-256은 목록에 있습니다. 그래서 서명이 두 줄입니다."
)
_CURVES_EN = (
    "Ed25519 is not on the Korean list of validated algorithms; ECDSA P-256 is. Hence two lines."
)
LIMITS = (
    (_WINDOW_KO, _WINDOW_EN),
    (_TAIL_KO, _TAIL_EN),
    (_TRUE_KO, _TRUE_EN),
    (_SEALED_KO, _SEALED_EN),
    (_RESIDUE_KO, _RESIDUE_EN),
    (_CURVES_KO, _CURVES_EN),
)
_HASHES = "sha256sum -c tagmanifest-sha256.txt manifest-sha256.txt"


def readme_ko(content: Content, counts: Counts) -> str:
    asked = content.request
    return "\n".join(
        [
            "원터치 출장증빙 감사 묶음",
            "",
            f"로그: {content.origin}",
            f"기록: {asked.start}번부터 {asked.stop}번 앞까지 {counts.rows}건",
            f"체크포인트 크기: {content.size}",
            "",
            "이 묶음에는 프로그램이 들어 있지 않습니다.",
            "검증 프로그램과 신뢰 파일(KEYS)은 이 묶음과 다른 경로로 받으십시오.",
            "",
            "확인하는 명령:",
            "    " + _COMMAND.format(name=content.name),
            "",
            "신뢰 파일의 키를 아래 지문과 전화로 대조하십시오.",
            "이 묶음 안의 keys/는 대조만 하고 믿지 않습니다.",
            *_fingerprints(content.keys),
            "",
            f"파일이 온전한지만 보려면: {_HASHES}",
            "",
            "이 묶음으로 알 수 없는 것:",
            *(f"- {korean}" for korean, _ in LIMITS),
            "",
        ]
    )


def readme_en(content: Content, counts: Counts) -> str:
    asked = content.request
    return "\n".join(
        [
            "TripSeal bundle for auditors",
            "",
            f"Log: {content.origin}",
            f"Leaves: {asked.start} up to {asked.stop}, {counts.rows} in all",
            f"Size of the checkpoint: {content.size}",
            "",
            "There is no program in it. Get the verifier and the trust file (KEYS) another way.",
            "",
            "To check it:",
            "    " + _COMMAND.format(name=content.name),
            "",
            "Compare the keys of your trust file with these fingerprints by telephone. What lies",
            "in keys/ is there to be compared, never to be trusted.",
            *_fingerprints(content.keys),
            "",
            f"Only whether the files are whole: {_HASHES}",
            "",
            "What it does not say:",
            *(f"- {english}" for _, english in LIMITS),
            "",
        ]
    )


def report(content: Content, counts: Counts) -> str:
    """One static page: no script, no style from elsewhere."""
    rows = "".join(
        f"<tr><th scope=row>{escape(korean)}<br><small>{escape(english)}</small></th>"
        f"<td>{escape(value)}</td></tr>\n"
        for korean, english, value in _figures(content, counts)
    )
    limits = "".join(
        f"<li>{escape(korean)}<br><small lang=en>{escape(english)}</small></li>\n"
        for korean, english in LIMITS
    )
    command = escape(_COMMAND.format(name=content.name))
    return (
        "<!doctype html>\n<html lang=ko>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\n"
        "<title>감사 묶음 요약 / Bundle summary</title>\n"
        f"<h1>감사 묶음 요약 <small lang=en>Bundle summary</small></h1>\n<table>\n{rows}</table>\n"
        "<h2>다음에 할 일 <small lang=en>Next step</small></h2>\n"
        "<p>이 쪽은 보여 주기만 하고 아무것도 증명하지 않습니다. 아래 명령이 확인합니다.<br>"
        "<small lang=en>This page shows and proves nothing. The command below checks.</small></p>\n"
        f"<pre>{command}</pre>\n"
        f"<h2>한계 <small lang=en>Limits</small></h2>\n<ul>\n{limits}</ul>\n</html>\n"
    )


def guide(content: Content, counts: Counts) -> list[str]:
    """The sheet 안내."""
    return [
        "원터치 출장증빙 감사 묶음의 표입니다.",
        "The table of a TripSeal bundle for auditors.",
        "",
        "이 표는 보기일 뿐이며, 서명된 원본은 data/leaves.jsonl과 proof/입니다.",
        "This table is a view; what is signed is data/leaves.jsonl and proof/.",
        "정렬하거나 거른 뒤 저장한 사본도 --table로 확인할 수 있습니다.",
        "A copy you sorted, filtered and saved can be checked with --table.",
        "",
        *(f"{korean} / {english}: {value}" for korean, english, value in _figures(content, counts)),
    ]


def check(content: Content) -> list[str]:
    """The sheet 검증."""
    return [
        *("확인하는 명령 / To check:", _COMMAND.format(name=content.name), ""),
        *("키 지문 / Key fingerprints:", *_fingerprints(content.keys), ""),
        *(line for both in LIMITS for line in both),
    ]


def _figures(content: Content, counts: Counts) -> Iterator[tuple[str, str, str]]:
    asked = content.request
    yield "로그", "Log", content.origin
    yield "기록 범위", "Leaves", f"{asked.start} … {asked.stop - 1}"
    yield (
        "처음과 마지막 시각 (UTC)",
        "First and last time (UTC)",
        (f"{counts.first_at} … {counts.last_at}"),
    )
    yield "체크포인트", "Checkpoint", f"{content.size} · {content.root.hex()}"
    yield "행", "Rows", str(counts.rows)
    yield "열린 행", "Open", str(counts.open)
    yield "봉인된 행", "Sealed", str(counts.sealed)
    yield "지워진 항목이 있는 행", "Rows with something erased", str(counts.erased)
    yield "요청하지 않은 항목이 있는 행", "Rows with something withheld", str(counts.withheld)
    yield "열린 출장", "Open trips", str(counts.trips)
    yield "취소되지 않은 정산의 합 (원)", "Settled and not voided (won)", f"{counts.total:,}"
    yield "독립 확인", "Independent anchors", _anchors(content)
    yield "요청자", "Requested by", f"{asked.requester} · {asked.purpose} · {asked.requested_at}"
    yield "요청 번호", "Nonce", asked.nonce


def _anchors(content: Content) -> str:
    found = [name for name in content.anchors if not name.endswith(".consistency.txt")]
    return ", ".join(sorted(found)) or "없음 / none"


def _fingerprints(keys: Mapping[str, Sequence[VerifyingKey]]) -> Iterator[str]:
    kinds = {Kind.ED25519: "Ed25519", Kind.ECDSA_P256: "ECDSA P-256", Kind.COSIGNATURE: "witness"}
    for role in sorted(keys):
        for key in keys[role]:
            yield f"    {role}: {key.name} {kinds[key.kind]} {key.id.hex()}"
