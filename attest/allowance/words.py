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
    "facts.contract": Words("allowance/1 계약의 자료가 아닙니다", "facts of another contract"),
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
    "rules.out_of_area": Words(
        "근무지외 출장은 여기에서 계산하지 않습니다",
        "out-of-area trips are not computed here",
    ),
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
    "R34": "공무원 여비 규정 제28조제1항",
    "R35": "공무원 여비 규정 제28조제2항",
    "R40": "끝수 처리 설정(rounding.trip_step)",
    "R43": "법제처 법령해석 05-0066",
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

_ITEMS = {
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
        f"{payer.ko} 부담한 {_ITEMS[item].ko} {won:,}원 공제",
        f"{_ITEMS[item].en} paid by {payer.en}: {won:,} won less",
    )


def _as_subject(who: str) -> str:
    syllable = ord(who[-1]) - 0xAC00
    if not 0 <= syllable < 11_172:
        return f"{who}이(가)"
    return f"{who}{'이' if syllable % 28 else '가'}"


def reduction(percent: int, won: int) -> Words:
    return Words(
        f"기관 감액 {won:,}원 ({percent}%)",
        f"reduced by the agency, {percent} %: {won:,} won less",
    )


def rounding(step: int, won: int) -> Words:
    return Words(f"{step:,}원 미만 끝수 {won:,}원", f"odd won under {step:,}: {won:,} won less")


def standing(days: int, amount: int) -> Words:
    return Words(
        f"월액여비 {days}일: {amount:,}원",
        f"standing allowance, {days} days: {amount:,} won",
    )


# -- warnings --------------------------------------------------------------------------

# What is in braces is in the warning's data under the same name.
_WARNINGS = {
    "hours_not_evidenced": (
        "info",
        "출장 시작과 종료가 모두 확인되지는 않았습니다",
        "start and end are not both evidenced",
    ),
    "hours_differ": (
        "check",
        "신청 시간은 {claimed_amount:,}원, 확인 시간은 {evidenced_amount:,}원입니다",
        "claimed hours: {claimed_amount:,} won; evidenced: {evidenced_amount:,} won",
    ),
    "distance_unknown": (
        "check",
        "여행거리가 없어 거리 기준을 확인하지 못했습니다",
        "no distance was given, though it matters here",
    ),
    "distance_band_2km": (
        "check",
        "왕복 {round_trip_m:,} m로 경계입니다. 출입구 기준으로 다시 재십시오",
        "{round_trip_m:,} m there and back is near the limit: measure door to door",
    ),
    "distance_band_12km": (
        "check",
        "왕복 {round_trip_m:,} m로 경계입니다. 경로를 다시 확인하십시오",
        "{round_trip_m:,} m there and back is near the limit: check the route",
    ),
    "distance_reading": (
        "check",
        "편도 {one_way_m:,} m와 왕복 {round_trip_m:,} m의 판정이 다릅니다",
        "{one_way_m:,} m one way and {round_trip_m:,} m both ways lead to two areas",
    ),
    "distance_method": (
        "info",
        "여행거리가 실제 경로가 아니라 직선거리나 신고한 값입니다",
        "the distance is a straight line or was declared, not measured along a route",
    ),
    "area_decided": (
        "info",
        "근무지내·근무지외 구분을 담당자가 정했습니다: {reason}",
        "the clerk decided the area: {reason}",
    ),
    "near_no_cost": (
        "info",
        "왕복 {limit_m:,} m 이내이고 실제 쓴 비용이 없어 지급액이 없습니다",
        "within {limit_m:,} m there and back, and no cost was listed: nothing to pay",
    ),
    "ignored_in_area": (
        "info",
        "근무지내 출장이므로 운임·숙박·식사 제공 항목은 계산에 넣지 않았습니다",
        "fares, nights and meals do not count on an in-area trip",
    ),
    "in_area_over_24h": (
        "info",
        "근무지내 출장이 24시간 이상입니다. 날짜별로 나누어 입력하십시오",
        "24 hours or more in-area: split it by day",
    ),
    "standing_overlap": (
        "info",
        "월액여비로 이미 지급되는 업무의 출장입니다",
        "this trip belongs to the duty the standing allowance pays",
    ),
    "under_one_hour": (
        "check",
        "출장시간이 1시간 미만입니다",
        "the trip is shorter than one hour",
    ),
    "evidence_missing": (
        "check",
        "인정되는 증빙이 없는 비용이 있습니다. 증빙을 내면 다시 계산합니다",
        "some cost has no accepted evidence; with it the sum is computed again",
    ),
    "evidence_date": (
        "check",
        "증빙 날짜가 출장 기간 밖이라 증빙으로 세지 않았습니다",
        "evidence dated outside the trip was not counted",
    ),
    "trips_overlap": (
        "serious",
        "두 출장의 시간이 겹칩니다. 시각을 확인하십시오",
        "two trips overlap in time: check the hours",
    ),
    "setting_unverified": (
        "info",
        "확인되지 않은 설정값을 썼습니다: {key}",
        "an unverified setting was used: {key}",
    ),
}


def warning(code: str, data: dict[str, object]) -> tuple[str, Words]:
    level, ko, en = _WARNINGS[code]
    return level, Words(ko.format(**data), en.format(**data))
