from __future__ import annotations

from tests.aside import aside


def test_nine_thousand_people_stand_at_one_place_and_no_two_on_one_spot() -> None:
    spots = [aside() for _ in range(9_000)]

    assert len({*spots}) == len(spots)
    assert all(0 <= one < 1_300 for spot in spots for one in spot)
