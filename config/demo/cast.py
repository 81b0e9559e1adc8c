"""Who is in the demonstration, and where they go. All names of people are invented."""

from __future__ import annotations

from dataclasses import dataclass

ORGANISATION = "가온시청"
PASSWORD = "gaon-demo-2026"  # noqa: S105 -- printed at every start of a demonstration


@dataclass(frozen=True, slots=True)
class Somewhere:
    """A real public building; degrees × 10⁷, rounded as in any atlas."""

    name: str
    unit: str
    town: str
    lat_e7: int
    lon_e7: int
    one_way_m: int


WORKPLACE = Somewhere("가온시청 본관", "48120", "용호동", 352_280_210, 1_286_811_340, 0)

# The same unit as the workplace: in-area (근무지내).
NEAR = (
    Somewhere("의창구청", "48120", "신월동", 352_536_470, 1_286_403_120, 6_200),
    Somewhere("마산합포구청", "48120", "중앙동", 351_972_180, 1_285_677_450, 13_400),
    Somewhere("마산회원구청", "48120", "양덕동", 352_208_330, 1_285_793_260, 10_900),
    Somewhere("진해구청", "48120", "풍호동", 351_330_740, 1_287_101_930, 14_800),
    Somewhere("경남도청", "48120", "사림동", 352_382_560, 1_286_922_710, 1_900),
    Somewhere("상남동 주민센터", "48120", "상남동", 352_223_180, 1_286_836_040, 900),
)
# Other units: out-of-area (근무지외).
FAR = (
    Somewhere("김해시청", "48250", "부원동", 352_285_370, 1_288_893_480, 21_700),
    Somewhere("함안군청", "48730", "가야읍", 352_724_190, 1_284_065_310, 31_600),
    Somewhere("진주시청", "48170", "상대동", 351_803_250, 1_281_076_380, 58_400),
    Somewhere("거제시청", "48310", "고현동", 348_806_420, 1_286_211_760, 62_300),
    Somewhere("부산광역시청", "26000", "연산동", 351_798_160, 1_290_750_220, 44_500),
    Somewhere("서울특별시청", "11000", "태평로1가", 375_666_430, 1_269_784_150, 385_000),
)

DEPARTMENTS = ("총무과", "회계과", "안전총괄과", "도로과", "환경과", "감사실")

LATER = (
    "강노을",
    "곽단비",
    "구슬찬",
    "권보슬",
    "금하람",
    "나은별",
    "노푸름",
    "류미르",
    "마온새",
    "민들샘",
    "방그루",
    "변소담",
    "봉산들",
    "석바다",
    "선우솔",
    "송나래",
    "양해든",
    "여울빛",
    "연초롱",
    "왕누리",
    "원찬솔",
    "위다솜",
    "은하늘",
    "차오름",
    "채여름",
    "탁가온",
    "표이슬",
    "하늬솔",
)

# name, department, grade, roles; employee numbers are G0001 … in this order.
PEOPLE: tuple[tuple[str, str, int, str], ...] = (
    ("한빛나", "안전총괄과", 2, "traveller"),
    ("도해솔", "안전총괄과", 2, "traveller approver"),
    ("서이든", "회계과", 2, "traveller clerk"),
    ("유라온", "감사실", 2, "auditor"),
    ("문가람", "총무과", 1, "administrator"),
    ("남윤슬", "회계과", 2, "traveller clerk"),
    ("배새벽", "총무과", 1, "traveller approver"),
    ("심다온", "도로과", 2, "traveller approver"),
    ("안마루", "환경과", 2, "traveller approver"),
    ("길예솔", "감사실", 2, "auditor"),
    ("엄한울", "회계과", 1, "traveller approver"),
    ("주아람", "감사실", 1, "traveller approver"),
    *(
        (name, ("안전총괄과", "도로과", "환경과", "총무과")[number % 4], 2, "traveller")
        for number, name in enumerate(LATER)
    ),
)

VEHICLES = ("transit", "transit", "public_car", "private_car", "walk")
PURPOSES = (
    "재난안전 협의회 참석",
    "하천 정비 현장 점검",
    "도로 굴착 복구 확인",
    "대기 측정소 점검",
    "예산 집행 지침 설명회",
    "시설물 안전 점검",
    "민원 현장 확인",
    "합동 점검 회의",
)
