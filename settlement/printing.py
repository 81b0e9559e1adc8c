"""What the papers of the clerk say: the 지급조서 of a month, the 여비정산신청서 of one trip.

They are forms of the office and speak its language, whoever reads the page around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from accounts.models import Person
from attest.values import KST
from settlement.exporting import moved_in
from settlement.models import Month, Settlement
from settlement.sheets.books import MOVED, STATEMENT, Paid, check_line, people_of, statement_lines
from trips.adapters.paper import pdf

Said = dict[str, Any]
BOXES: Final = ("담당", "팀장", "과장", "결재")
_MODES: Final = {
    "rail": "철도",
    "ship": "선박",
    "air": "항공",
    "bus": "버스",
    "metro": "지하철",
    "taxi": "택시",
    "parking": "주차",
    "public_vehicle": "공용차량",
}
_NIGHTS: Final = {
    "paid": "일반",
    "relatives": "친지",
    "shared": "공동",
    "shared_member": "공동",
    "provided": "제공",
    "transit": "이동 중",
}
_CLASSES: Final = {"standard": "일반", "superior": "특실·우등"}
_NONE = "–"


def statement_pdf(
    month: Month, rows: Sequence[Paid], *, footer: str, reader: Person, at: datetime
) -> bytes:
    return pdf("statement", statement(month, rows, footer=footer, reader=reader, at=at), at=at)


def statement(
    month: Month, rows: Sequence[Paid], *, footer: str, reader: Person, at: datetime
) -> Said:
    people = people_of(rows)
    moved = [[_cell(cell) for cell in line] for line in moved_in(month)]
    return _paper("지급조서", reader, at) | {
        "period": f"{month.name[:4]}년 {int(month.name[5:])}월 관내 출장여비",
        "head": list(STATEMENT),
        "rows": [[_cell(cell) for cell in line] for line in statement_lines(people)],
        "check": check_line(people),
        "footer": footer,
        "moved": {"head": list(MOVED), "rows": moved},
        "boxes": list(BOXES),
    }


def claim(paid: Settlement, *, reader: Person, at: datetime) -> Said:
    """From the claim that was settled: nothing is told here that was not computed."""
    told = next(one for one in paid.claim["trips"] if one["id"] == str(paid.trip.uid))
    lines = [line for line in paid.lines.all() if line.item.startswith("lodging")]
    asked = told.get("claimed_on", "")
    return _paper("여비정산신청서", reader, at) | {
        "parts": [
            {"title": "출장자", "boxes": _traveller(paid)},
            {"title": "출장", "boxes": _trip(paid, told)},
            {"title": "숙박비", "boxes": _nights(told, paid, [line.amount for line in lines])},
            *_rides(told),
            {
                "title": "정산 내역",
                "head": ["근거", "산출", "금액"],
                "rows": [
                    [line.rule, line.why["ko"], f"{line.amount:,}원"] for line in paid.lines.all()
                ],
            },
        ],
        "sum": f"정산액 {paid.total:,}원",
        "asks": "위와 같이 여비 정산을 신청합니다. 영수증 등 증거 서류를 붙입니다.",
        "day": f"신청일 {asked or '      년    월    일'}",
        "signed": f"신청인 {paid.traveller.name} (서명)",
    }


def _paper(title: str, reader: Person, at: datetime) -> Said:
    when = at.astimezone(KST).strftime("%Y-%m-%d %H:%M")
    return {
        "lang": "ko",
        "title": title,
        "issuer": reader.organisation.name,
        "printed": f"출력 {when} {reader.name}",
    }


def _cell(cell: str | int) -> str:
    return f"{cell:,}" if isinstance(cell, int) else cell


def _traveller(paid: Settlement) -> list[list[str]]:
    who = paid.traveller
    company = ", ".join(one.person.name for one in paid.trip.companions.all())
    return [
        ["소속", paid.trip.department.name, "여비등급", f"제{who.grade}호"],
        ["성명", who.name, "복수 출장자", company or "없음"],
    ]


def _trip(paid: Settlement, told: Said) -> list[list[str]]:
    trip = paid.trip
    meals = sum(one["meals"] for one in told.get("meals_provided", ()))
    times = " – ".join(
        at.astimezone(KST).strftime("%Y-%m-%d %H:%M") for at in (trip.starts_at, trip.ends_at)
    )
    return [
        ["출장일시", times],
        ["출장지", ", ".join(stop.text for stop in trip.stops.all())],
        ["출장목적", trip.purpose or _NONE],
        ["식사 제공 여부", f"{meals}끼" if meals else "없음", "출장번호", trip.number],
    ]


def _nights(told: Said, paid: Settlement, amounts: Sequence[int]) -> list[list[str]]:
    nights = told.get("nights", ())
    kinds = [night["kind"] for night in nights]
    caps = [
        line["inputs"]["cap"]
        for trip in paid.result["trips"]
        if trip["id"] == told["id"]
        for line in trip["lines"]
        if line["item"] == "lodging" and "cap" in line["inputs"]
    ]
    spent = sum(night.get("paid", 0) + night.get("shared", {}).get("total", 0) for night in nights)
    why = [night.get("reason", "") for night in nights if night.get("unavoidable")]
    card = any(night.get("evidence") == "card" for night in nights)
    shared = sum(night.get("shared", {}).get("claimed_heads", 0) for night in nights)
    words = ", ".join(dict.fromkeys(_NIGHTS[kind] for kind in kinds))
    return [
        ["숙박비 상한액", f"{sum(caps):,}원" if caps else _NONE, "실소요액", _won(spent)],
        [
            "초과 지출 사유",
            ", ".join(filter(None, why)) or _NONE,
            "정산된 숙박비",
            _won(sum(amounts)),
        ],
        [
            "구분",
            words or _NONE,
            "카드 사용 여부",
            ("사용" if card else "미사용") if nights else _NONE,
        ],
        ["친지집 숙박", f"{kinds.count('relatives')}박", "공동숙박", f"{_shared(kinds)}박"],
        ["공동숙박 추가지급 신청자", f"{shared}명" if shared else "없음"],
    ]


def _shared(kinds: Sequence[str]) -> int:
    return kinds.count("shared") + kinds.count("shared_member")


def _rides(told: Said) -> list[Said]:
    """Own car and public transport, each in the columns of the form; from where is not asked."""
    fares = told.get("fares", ())
    own = [
        [
            *(fare["date"], "", "", _metres(fare.get("distance_m")), _fare(fare)),
            *("운전" if fare.get("role") == "driver" else "동승", fare.get("reason", "")),
        ]
        for fare in fares
        if fare["mode"] == "private_car"
    ]
    public = [
        [
            *(fare["date"], _MODES[fare["mode"]], "", ""),
            *(_CLASSES[fare.get("class", "standard")], _fare(fare)),
        ]
        for fare in fares
        if fare["mode"] != "private_car"
    ]
    return [
        {
            "title": "자가용",
            "head": ["일자", "출발지", "도착지", "거리", "금액", "운전자", "비고"],
            "rows": own or [[_NONE] + [""] * 6],
        },
        {
            "title": "대중교통",
            "head": ["일자", "교통편", "출발지", "도착지", "등급", "금액"],
            "rows": public or [[_NONE] + [""] * 5],
        },
    ]


def _won(won: int) -> str:
    return f"{won:,}원" if won else _NONE


def _fare(fare: Said) -> str:
    told = fare.get("amount", fare.get("public_transport_fare"))
    return "" if told is None else f"{told:,}원"


def _metres(metres: int | None) -> str:
    return "" if metres is None else f"{metres / 1000:.1f} km"
