"""Every finding: how serious it is, what differs, and what would clear it."""

from __future__ import annotations

from .words import Words

SERIOUS, CHECK, INFO = "serious", "check", "info"

FINDINGS = {
    "trip.duplicate": (
        SERIOUS,
        Words(
            "같은 출장이 두 번 올라와 있습니다. 하나를 취소하거나 서로 다른 출장임을 적으면 됩니다",
            "the same trip appears twice; cancel one, or say how they differ",
        ),
    ),
    "trip.overlap": (
        SERIOUS,
        Words(
            "두 출장의 시간이 겹칩니다. 시각을 바로잡으면 됩니다",
            "the times overlap; correct the hours",
        ),
    ),
    "day.over_cap": (
        SERIOUS,
        Words(
            "하루 관내 여비 합계가 상한을 넘습니다. 상한까지 조정하면 됩니다",
            "in-area money of one day is over the cap; adjust it to the cap",
        ),
    ),
    "near.flat_paid": (
        SERIOUS,
        Words(
            "왕복 2 km 이내인데 정액이 지급되었습니다. "
            "실비로 다시 정산하거나 거리를 다시 재면 됩니다",
            "within 2 km there and back, but a flat sum was paid; "
            "settle actual cost or measure again",
        ),
    ),
    "near.band": (
        CHECK,
        Words(
            "2 km 경계입니다. 출입구 기준으로 다시 재십시오",
            "at the 2 km limit; measure again door to door",
        ),
    ),
    "place.same_site": (
        SERIOUS,
        Words(
            "같은 청사 안의 이동입니다. 다른 청사였다면 출장지를 고쳐 적으면 됩니다",
            "a move inside one building or compound; if it was another, correct the destination",
        ),
    ),
    "place.bare": (
        CHECK,
        Words(
            "출장지가 특정되지 않았습니다. 기관이나 건물 이름을 적으면 됩니다",
            "the destination names no place; give an office or a building",
        ),
    ),
    "car.undeclared": (
        SERIOUS,
        Words(
            "운행일지에는 차량 이용이 있으나 미사용으로 신고되었습니다. "
            "어느 쪽이 맞는지 적으면 됩니다",
            "the vehicle log shows a ride, the trip says no car; say which is right",
        ),
    ),
    "car.no_log": (
        CHECK,
        Words(
            "차량 사용으로 신고되었으나 운행일지가 없습니다. 운행일지를 확인하면 됩니다",
            "the trip says a car was used, the vehicle log shows none; check the log",
        ),
    ),
    "absence.leave": (
        SERIOUS,
        Words(
            "휴가 시간과 겹칩니다. 휴가나 출장 시각을 바로잡으면 됩니다",
            "overlaps a leave; correct the leave or the hours",
        ),
    ),
    "absence.overtime": (
        CHECK,
        Words(
            "초과근무 시간과 겹칩니다. 초과근무나 출장 시각을 확인하면 됩니다",
            "overlaps overtime; check the overtime or the hours",
        ),
    ),
    "absence.training": (
        CHECK,
        Words(
            "교육 시간과 겹칩니다. 교육이나 출장 시각을 확인하면 됩니다",
            "overlaps a training; check the training or the hours",
        ),
    ),
    "order.missing": (
        SERIOUS,
        Words(
            "출장명령이 없습니다. 결재를 받은 명령을 붙이면 됩니다",
            "no travel order; attach an approved one",
        ),
    ),
    "order.late": (
        CHECK,
        Words(
            "출발 뒤에 결재되었습니다. 늦은 까닭을 적으면 됩니다",
            "approved after the start; say why it was late",
        ),
    ),
    "entry.late": (
        INFO,
        Words(
            "출장이 끝난 뒤 입력되었습니다. 늦은 까닭을 적으면 됩니다",
            "entered after the trip had ended; say why it was late",
        ),
    ),
    "hours.below_four": (
        CHECK,
        Words(
            "확인된 시간이 4시간에 못 미칩니다. 나머지 시간을 보일 자료를 붙이면 됩니다",
            "evidenced hours are under four; add what shows the rest",
        ),
    ),
    "hours.early_return": (
        INFO,
        Words(
            "일찍 복귀한 것으로 보입니다. 실제 끝난 시각을 확인하면 됩니다",
            "seems to have ended early; check the real end",
        ),
    ),
    "stay.short": (
        CHECK,
        Words(
            "출장지 체류가 10분 미만입니다. 한 일을 적으면 됩니다",
            "under ten minutes at the destination; say what was done",
        ),
    ),
    "companion.missing": (
        CHECK,
        Words(
            "동행자로 적힌 사람의 출장이 없습니다. 그 사람의 출장을 찾거나 동행자를 고치면 됩니다",
            "a companion has no such trip; find it or correct the companions",
        ),
    ),
    "fare.passenger": (
        SERIOUS,
        Words(
            "동승자가 운임을 신청했습니다. 운전한 사람을 확인하면 됩니다",
            "a passenger claims a fare; check who drove",
        ),
    ),
    "fare.cancelled_ticket": (
        SERIOUS,
        Words(
            "취소된 승차권입니다. 실제 이용한 표를 붙이면 됩니다",
            "a cancelled ticket; attach the one that was used",
        ),
    ),
    "receipt.reused": (
        SERIOUS,
        Words(
            "같은 영수증이 두 번 쓰였습니다. 어느 출장의 것인지 정하면 됩니다",
            "one receipt was used twice; say which trip it belongs to",
        ),
    ),
    "receipt.date": (
        CHECK,
        Words(
            "영수증 날짜가 출장 기간 밖입니다. 이용한 날짜를 확인하면 됩니다",
            "the receipt is dated outside the trip; check the day of use",
        ),
    ),
    "lodging.over_cap": (
        CHECK,
        Words(
            "숙박비가 상한을 넘습니다. 부득이한 까닭과 카드 전표를 확인하면 됩니다",
            "lodging is over its cap; check the reason and the card slip",
        ),
    ),
    "month.over_threshold": (
        INFO,
        Words(
            "월 합계가 300,000원을 넘습니다. 출장 목록을 한 번 더 확인하십시오",
            "more than 300,000 won in one month; look over its trips once more",
        ),
    ),
}
