"""One cell: whatever somebody wrote as a purpose, no spreadsheet computes it."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cells import safe

OBEYED = "=+-@|%＝＋－＠"
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
unseen = st.text(st.characters(categories=("Cc", "Cf", "Zl", "Zp", "Zs")), max_size=6)


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://evil.example","열기")',
        "＝1+1",
        "+82-55-000-0000",
        "-1",
        "@SUM(1)",
        "|calc",
        "%0A",
        "\t=1",
        "\r=1",
        "\n=1",
        "\ttab",
        "\rreturn",
        "\nline",
        "  =1",
        "\u200b=1",
        "\ufeff=1",
        "\u00ad=1",
        "\u2066＝1",
        "\u3000＋1",
        "\x00=1",
    ],
)
def test_what_a_spreadsheet_would_obey_is_quoted(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["도로 점검", "a=b", "1+1", "", "  ", "'=1", "BT26-000001", "x" + "=" * 9, "\u200b가"]
)
def test_everything_else_stands_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


@given(lead=unseen, sign=st.sampled_from(OBEYED), rest=st.text(max_size=9))
def test_nothing_hides_a_formula(lead: str, sign: str, rest: str) -> None:
    assert safe(lead + sign + rest).startswith("'")


@given(text=st.text(max_size=40))
def test_a_cell_is_quoted_once_or_left_alone(text: str) -> None:
    said = safe(text)

    assert said in {text, f"'{text}"}
    assert safe(said) == said


@given(text=st.text(max_size=40))
def test_no_cell_begins_with_what_is_obeyed(text: str) -> None:
    seen = "".join(one for one in safe(text) if category(one) not in UNSEEN)

    assert not seen.startswith(tuple(OBEYED))
    assert not safe(text).startswith(("\t", "\r", "\n"))
