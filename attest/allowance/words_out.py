"""Why an out-of-area line is what it is: every sentence, in Korean and in English."""

from __future__ import annotations

from .words import ITEMS, Words

_MODES = {
    "rail": Words("철도", "rail"),
    "ship": Words("선박", "ship"),
    "air": Words("항공", "air"),
    "bus": Words("버스", "bus"),
    "metro": Words("지하철", "metro"),
    "taxi": Words("택시", "taxi"),
    "private_car": Words("자가용", "private car"),
    "public_vehicle": Words("공무용 차량", "public vehicle"),
    "parking": Words("주차", "parking"),
}

_PAPERS = {
    "card": Words("카드 전표", "card slip"),
    "cash_receipt": Words("현금영수증", "cash receipt"),
    "tax_invoice": Words("세금계산서", "tax invoice"),
    "ticket": Words("승차권", "ticket"),
    "toll": Words("통행료 영수증", "toll slip"),
    "fuel": Words("주유 영수증", "fuel slip"),
    "parking": Words("주차 영수증", "parking slip"),
    "photo": Words("사진", "picture"),
    "other_receipt": Words("그 밖의 영수증", "another receipt"),
    "simple_receipt": Words("간이영수증", "simple receipt"),
    "none": Words("증빙 없음", "no paper"),
}

# -- fares -----------------------------------------------------------------------------

CANCELLED = Words("(취소된 승차권)", "(the ticket was cancelled)")
PUBLIC_CAR = Words("(공무용 차량 이용)", "(a public car was used)")
PASSENGER = Words("(자가용 동승자에게는 운임이 없음)", "(a passenger of a private car has no fare)")
IN_DAILY = Words("(일비에 포함되는 비용)", "(the daily allowance covers it)")
UNPROVED = Words(
    "(인정되는 증빙이 없음. 증빙을 내면 다시 계산)",
    "(no accepted evidence; with it the sum is computed again)",
)
STANDARD_UNKNOWN = Words(
    "(등급보다 높은 좌석. 일반석 운임을 적으면 다시 계산)",
    "(a class above the grade; computed again once the standard fare is given)",
)
STANDARD_SEAT = Words("(일반석 운임까지)", "(up to the standard class)")
AS_PAID = Words("(실제 낸 금액)", "(as paid)")
FROM_WORKPLACE = Words("(근무지에서 출발한 운임까지)", "(up to the fare from the workplace)")
AS_BY_PUBLIC_TRANSPORT = Words("(대중교통 운임 기준)", "(as by public transport)")


def fare(mode: str, day: str, amount: int, reason: Words) -> Words:
    name = _MODES[mode]
    return Words(
        f"{name.ko} {day} 운임 {amount:,}원 {reason.ko}",
        f"{name.en} fare of {day}: {amount:,} won {reason.en}",
    )


def fare_shown(mode: str, day: str, amount: int, reason: Words, evidence: str) -> Words:
    """With the paper it was told with: who pays has it in hand."""
    said, paper = fare(mode, day, amount, reason), _PAPERS[evidence]
    return Words(f"{said.ko}, {paper.ko}", f"{said.en}, {paper.en}")


def driven(fuel: int, toll: int, parking: int) -> Words:
    return Words(
        f"(부득이한 자가용: 연료비 {fuel:,}원, 통행료 {toll:,}원, 주차료 {parking:,}원)",
        f"(unavoidable: fuel {fuel:,}, toll {toll:,}, parking {parking:,})",
    )


def too_late(item: str, days: int) -> Words:
    name = ITEMS["lodging" if item.startswith("lodging") else item]
    return Words(
        f"정산 기한 {days}일이 지나 {name.ko} 0원",
        f"asked for after {days} days: {name.en} 0 won",
    )


# -- dates -----------------------------------------------------------------------------


def daily_rate(percent: int, half: str) -> Words:
    ko, en = [], []
    if percent != 100:
        ko.append(f"장기체재 {percent}%")
        en.append(f"long stay {percent} %")
    if half:
        ko.append(f"공무용 차량 {half}")
        en.append(f"public car {half}")
    return Words("·".join(ko), ", ".join(en))


def meals_rate(provided: int) -> Words:
    return Words(f"제공 {provided}끼", f"{provided} provided") if provided else Words("", "")


def per_day(item: str, rate: int, number: int, reason: Words, already: int) -> Words:
    ko, en = [reason.ko] if reason.ko else [], [reason.en] if reason.en else []
    if already:
        ko.append(f"같은 날 앞선 출장의 {already:,}원 공제")
        en.append(f"less {already:,} of an earlier trip of that day")
    name = ITEMS[item]
    days = "day" if number == 1 else "days"
    return Words(
        f"{name.ko} {rate:,}원 × {number}일" + (f" ({', '.join(ko)})" if ko else ""),
        f"{name.en} {rate:,} × {number} {days}" + (f" ({', '.join(en)})" if en else ""),
    )


def not_needed(item: str, number: int) -> Words:
    name, days = ITEMS[item], "day" if number == 1 else "days"
    return Words(
        f"공무에 필요하지 않은 {number}일은 {name.ko} 0원",
        f"{number} {days} not needed for the duty: {name.en} 0 won",
    )


# -- nights ----------------------------------------------------------------------------

TRANSIT = Words("이동 중 숙박", "spent travelling")
PROVIDED = Words("숙소 제공", "a place to sleep was provided")
SHARED_MEMBER = Words("공동숙박, 대표자가 정산", "shared; another settles for the room")


def lodging(paid: int, cap: int | None, amount: int) -> Words:
    if cap is None:
        return Words(
            f"숙박비 실비 합계 {paid:,}원, 상한 없음 → {amount:,}원",
            f"paid {paid:,}, no cap: {amount:,} won",
        )
    return Words(
        f"숙박비 실비 합계 {paid:,}원, 상한 합계 {cap:,}원 → {amount:,}원",
        f"paid {paid:,}, caps {cap:,}: {amount:,} won",
    )


def excess(over: int, amount: int) -> Words:
    return Words(
        f"상한을 넘은 {over:,}원 가운데 부득이한 초과분 {amount:,}원",
        f"{over:,} over the caps, unavoidable: {amount:,} won",
    )


def excess_refused(over: int) -> Words:
    return Words(
        f"상한을 넘은 {over:,}원은 부득이한 카드 결제가 아니어서 0원",
        f"{over:,} over the caps, not both unavoidable and by card: 0 won",
    )


def excess_undated(won: int, days: int) -> Words:
    return Words(
        f"부득이한 초과분 {won:,}원은 종료 후 {days}일 안에 신청한 날짜를 적으면 지급",
        f"{won:,} unavoidable; paid once a claim date within {days} days is given",
    )


def excess_late(won: int, days: int) -> Words:
    return Words(
        f"부득이한 초과분 {won:,}원을 종료 후 {days}일이 지나 신청하여 0원",
        f"{won:,} unavoidable, but asked for after {days} days: 0 won",
    )


def night_unproved(day: str, paid: int) -> Words:
    return Words(
        f"{day} 숙박 {paid:,}원은 인정되는 증빙을 내면 다시 계산",
        f"night of {day}, {paid:,} won: computed again with accepted evidence",
    )


def night_unpaid(day: str, reason: Words) -> Words:
    return Words(f"{day} 숙박비 0원 ({reason.ko})", f"night of {day}, {reason.en}: 0 won")


def relatives(each: int, number: int) -> Words:
    return Words(
        f"친지집 숙박 {each:,}원 × {number}박",
        f"with relatives, {each:,} × {number} {'night' if number == 1 else 'nights'}",
    )


def shared(each: int, heads: int) -> Words:
    return Words(
        f"공동숙박 추가 {each:,}원 × {heads}명",
        f"shared room, {each:,} × {heads} {'person' if heads == 1 else 'persons'}",
    )


def shared_full(total: int, limit: int) -> Words:
    return Words(
        f"공동숙박 {total:,}원이 한 사람을 뺀 상한 {limit:,}원을 넘어 추가 0원",
        f"shared room {total:,} over {limit:,}, the caps less one person: 0 won",
    )
