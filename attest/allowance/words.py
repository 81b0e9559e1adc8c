"""Every sentence the allowance core can say, in Korean and in English.

A sentence states what was counted. It accuses nobody; a person settles.
"""

from __future__ import annotations

from dataclasses import dataclass

from attest.errors import Fault


@dataclass(frozen=True, slots=True)
class Words:
    ko: str
    en: str

    def as_dict(self) -> dict[str, str]:
        return {"ko": self.ko, "en": self.en}


# -- faults ----------------------------------------------------------------------------

_FAULTS = {
    "facts.json": Words(
        "읽을 수 있는 JSON이 아니거나 허용 크기를 넘습니다",
        "not readable JSON, or over the limits",
    ),
    "facts.contract": Words("다른 계약의 자료입니다", "facts of another contract"),
    "facts.missing": Words("필수 항목이 없습니다", "a required field is absent"),
    "facts.unknown_field": Words("정의되지 않은 항목입니다", "this field is not listed"),
    "facts.type": Words("자료형이 다릅니다", "wrong type"),
    "facts.enum": Words("정해진 값이 아닙니다", "not one of the listed values"),
    "facts.range": Words("허용 범위를 벗어났습니다", "outside its limits"),
    "facts.money": Words(
        "0원 이상 1,000,000,000원 이하의 원 단위 정수가 아닙니다",
        "not a whole sum of won from 0 to 1,000,000,000",
    ),
    "facts.time": Words(
        "시차를 포함한 초 단위 시각이 아닙니다",
        "not a time in whole seconds with offset",
    ),
    "facts.date": Words("올바른 날짜가 아닙니다", "not a date"),
    "trip.end_before_start": Words("끝난 시각이 시작 시각보다 빠릅니다", "ends before it starts"),
    "trip.duplicate_id": Words("같은 출장 번호가 이미 있습니다", "another trip has this id"),
    "lodging.date_outside_trip": Words(
        "숙박일이 출장 기간 밖입니다", "the night is outside the trip"
    ),
    "lodging.duplicate_night": Words(
        "같은 날의 숙박이 이미 있습니다", "this night is already there"
    ),
    "lodging.place": Words(
        "숙박 지역은 unit과 class 가운데 하나로만 적어야 합니다",
        "give exactly one of unit and class",
    ),
    "rules.unknown": Words("그런 규정 묶음이 없습니다", "no such rule set"),
    "rules.no_version": Words(
        "그 날짜에 적용할 규정 판이 없습니다",
        "no version of the rule set holds on that day",
    ),
    "rules.cycle": Words(
        "규정 묶음이 서로를 이어받아 끝이 없습니다", "rule sets inherit in a circle"
    ),
    "rules.fuel": Words("그 연료의 연비가 없습니다", "no efficiency for that fuel"),
    "rules.text": Words("규정 파일을 읽을 수 없습니다", "the rule set cannot be read"),
}


def fault(code: str, path: str, detail: str = "") -> Fault:
    """*detail* is a number, a name or a list of words: the same in both languages."""
    said, more = _FAULTS[code], f" ({detail})" if detail else ""
    return Fault(code, path, said.ko + more, said.en + more)


# -- why-sentences ---------------------------------------------------------------------

# The law behind a rule, unless the rule set cites its own text for it.
CITES = {
    "R0": "국가공무원 복무규정 제6조",
    "R5": "공무원 여비 규정 제18조제1항",
    "R6": "공무원 여비 규정 제18조제1항 단서",
    "R7": "공무원 여비 규정 제18조제1항 단서",
    "R8": "여비 실무지침(근무지내 출장 1일 상한)",
    "R9": "공무원 여비업무 처리기준",
    "R10": "공무원 여비 규정 제29조제2항",
    "R12": "공무원 여비 규정 제16조제3항",
    "R13": "공무원 여비 규정 제16조제5항, 별표 2",
    "R14": "공무원 여비 규정 제16조, 별표 2",
    "R15": "공무원 여비 규정 별표 2",
    "R17": "여비 100문 100답(숙박비 상한의 합산)",
    "R18": "공무원 여비 규정 제16조제1항 단서, 제2항",
    "R19": "공무원 여비업무 처리기준(친지집 숙박)",
    "R20": "공무원 여비업무 처리기준(공동숙박)",
    "R21": "공무원 여비업무 처리기준(숙소 제공)",
    "R22": "공무원 여비 규정 제17조",
    "R23": "공무원 여비 규정 제10조부터 제13조까지, 별표 2",
    "R24": "공무원 여비 규정 제15조",
    "R25": "자가용 이용 여비 지급 안내(2024), 국민권익위원회 2018",
    "R26": "공무원 여비업무 처리기준(자가용 연료비)",
    "R28": "국민권익위원회 2018-12-06",
    "R29": "인사혁신처 질의회신(일비에 포함되는 비용)",
    "R30": "공무원 여비 규정 제5조",
    "R31": "공무원 여비 규정 제7조제2항",
    "R32": "공무원 여비 규정 제6조",
    "R34": "공무원 여비 규정 제28조제1항",
    "R35": "공무원 여비 규정 제28조제2항",
    "R36": "공무원 여비 규정 제8조의2제1항, 제2항",
    "R37": "공무원 여비 규정 제8조의2제2항",
    "R40": "끝수 처리 설정(rounding.trip_step)",
    "R43": "법제처 법령해석 05-0066",
    "R44": "공무원 여비 규정 제8조의2",
}

SAME_SITE = Words("같은 청사 안", "inside the same building or compound")
NO_ORDER = Words("출장명령 없음", "no travel order")
NO_LENGTH = Words("길이 0", "no length")

DEDICATED_CAR = Words(
    "전용 차량이 배정된 사람이므로 근무지내 출장여비 0원",
    "a dedicated car is assigned to this person: 0 won",
)
HIRED_DRIVER = Words(
    "운전원의 차량 운전은 본래 업무이므로 근무지내 출장여비 0원",
    "driving is this person's own work: 0 won",
)
STANDING_DUTY = Words(
    "월액여비를 받는 업무의 출장이므로 근무지내 출장여비 0원",
    "the standing allowance already pays this duty: 0 won",
)

ITEMS = {
    "in_area": Words("근무지내 여비", "in-area money"),
    "fare": Words("운임", "fare"),
    "daily": Words("일비", "daily allowance"),
    "meals": Words("식비", "meals"),
    "lodging": Words("숙박비", "lodging"),
}


def not_payable(reason: Words) -> Words:
    return Words(f"{reason.ko}이라 출장여비 대상이 아님", f"not a payable trip: {reason.en}")


def flat(seconds: int, full_seconds: int, amount: int) -> Words:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    side = Words("이상", "at least") if seconds >= full_seconds else Words("미만", "under")
    limit = _length(full_seconds)
    return Words(
        f"출장시간 {hours}시간 {minutes}분으로 {limit.ko} {side.ko}이므로 {amount:,}원",
        f"{hours} h {minutes} min, {side.en} {limit.en}: {amount:,} won",
    )


def _length(seconds: int) -> Words:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if not minutes:
        return Words(f"{hours}시간", f"{hours} h")
    return Words(f"{hours}시간 {minutes}분", f"{hours} h {minutes} min")


def car_deduction(won: int) -> Words:
    return Words(f"공무용 차량 이용으로 {won:,}원 감액", f"public car used: {won:,} won less")


def actual(round_trip_m: int, near_m: int, amount: int) -> Words:
    km = f"{near_m / 1000:g} km"
    return Words(
        f"왕복 {round_trip_m:,} m로 {km} 이내이므로 실비 {amount:,}원",
        f"{round_trip_m:,} m there and back, within {km}: actual cost {amount:,} won",
    )


def actual_unproved(round_trip_m: int, near_m: int, listed: int) -> Words:
    before = actual(round_trip_m, near_m, 0)
    return Words(
        f"{before.ko}, 증빙 없는 {listed:,}원은 증빙을 내면 다시 계산",
        f"{before.en}; {listed:,} won wait for evidence",
    )


def day_cap(day: str, cap: int, amount: int) -> Words:
    return Words(
        f"{day} 관내 여비 합계가 {cap:,}원을 넘어 {amount:,}원 조정",
        f"in-area money of {day} over {cap:,}: {amount:,} won",
    )


def other_payer(who: str, item: str, won: int) -> Words:
    payer = Words(_as_subject(who), who) if who else Words("다른 기관이", "another body")
    return Words(
        f"{payer.ko} 부담한 {ITEMS[item].ko} {won:,}원 공제",
        f"{ITEMS[item].en} paid by {payer.en}: {won:,} won less",
    )


def _as_subject(who: str) -> str:
    syllable = ord(who[-1]) - 0xAC00
    if not 0 <= syllable < 11_172:
        return f"{who}이(가)"
    return f"{who}{'이' if syllable % 28 else '가'}"


def reduction(item: str, percent: int, won: int) -> Words:
    return Words(
        f"{ITEMS[item].ko} 기관 감액 {won:,}원 ({percent}%)",
        f"{ITEMS[item].en} reduced by the agency, {percent} %: {won:,} won less",
    )


def rounding(step: int, won: int) -> Words:
    return Words(f"{step:,}원 미만 끝수 {won:,}원", f"odd won under {step:,}: {won:,} won less")


def standing(days: int, amount: int) -> Words:
    return Words(
        f"월액여비 {days}일: {amount:,}원",
        f"standing allowance, {days} days: {amount:,} won",
    )
