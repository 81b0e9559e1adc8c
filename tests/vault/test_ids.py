from __future__ import annotations

from uuid import RFC_4122

from vault.ids import uuid7


def test_a_name_is_of_version_seven_and_of_its_own() -> None:
    made = [uuid7() for _ in range(1_000)]

    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert len(set(made)) == len(made)


def test_names_sort_by_the_millisecond_they_were_made_in() -> None:
    moments = [uuid7().int >> 80 for _ in range(1_000)]

    assert moments == sorted(moments)
    assert 1_700_000_000_000 < moments[0] < 4_102_444_800_000
