"""What a person should look at before paying: every warning, in Korean and in English."""

from __future__ import annotations

from .words import Words

# What is in braces is in the warning's data under the same name.
_WARNINGS = {
    "hours_not_evidenced": (
        "info",
        "출장 시작과 종료가 모두 확인되지는 않았습니다",
        "start and end are not both evidenced",
    ),
    "hours_differ": (
        "check",
        "신청한 시간으로는 {claimed_amount:,}원, 확인된 시간으로는 {evidenced_amount:,}원입니다",
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
    "evidence_cancelled": (
        "check",
        "취소된 승차권이 증빙으로 붙어 있습니다 ({date})",
        "a cancelled ticket was attached ({date})",
    ),
    "reason_missing": (
        "check",
        "부득이한 자가용 이용의 사유가 없어 대중교통 운임으로 계산했습니다 ({date})",
        "no reason for the unavoidable private car: counted as by public transport ({date})",
    ),
    "class_above_grade": (
        "check",
        "여비등급보다 높은 좌석입니다 ({date})",
        "the class is above the grade ({date})",
    ),
    "fare_with_public_car": (
        "check",
        "전 구간 공무용 차량을 쓴 출장에 운임이 적혀 있습니다 ({date})",
        "a fare is listed although a public car was used all the way ({date})",
    ),
    "excess_unpaid": (
        "check",
        "숙박비 상한을 넘은 {won:,}원은 지급되지 않습니다",
        "{won:,} won of lodging over the cap are not paid",
    ),
    "excess_late": (
        "check",
        "숙박비 초과분 {won:,}원은 {days}일이 지나 신청하여 지급되지 않습니다",
        "{won:,} won of lodging over the cap were asked for after {days} days",
    ),
    "claim_date_missing": (
        "check",
        "숙박비 초과분 {won:,}원은 신청한 날짜를 알아야 지급할 수 있습니다",
        "{won:,} won of lodging over the cap wait for the date of the claim",
    ),
    "claim_late": (
        "check",
        "출장이 끝난 지 {days_after_end}일째 정산을 신청했습니다 (기한 {days}일)",
        "settlement was asked for on day {days_after_end}, after {days} days",
    ),
    "stay_unknown": (
        "info",
        "{days}일을 지급하는 출장인데 장기체재 여부가 적혀 있지 않습니다",
        "{days} paid days, and nothing says whether it was one long stay",
    ),
    "date_already_paid": (
        "check",
        "{date}부터 {days}일은 앞선 출장과 날짜가 같아 차액만 지급합니다",
        "an earlier trip has {days} of these dates, from {date} on: only the difference is paid",
    ),
    "mixed_areas_same_day": (
        "check",
        "{date}에 근무지내 여비와 근무지외 여비가 함께 있습니다",
        "in-area and out-of-area money on {date}",
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

CODES = frozenset(_WARNINGS)


def warning(code: str, data: dict[str, object]) -> tuple[str, Words]:
    level, ko, en = _WARNINGS[code]
    return level, Words(ko.format(**data), en.format(**data))
