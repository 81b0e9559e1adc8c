"""A tag's address: the maker's own example, and every bit of it.

The values are those of NXP's application note AN12196 (SUN message authentication, all keys
zero), as evidence.md §2.4 quotes them.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.errors import SiteCodeRefused
from attest.nfc_tag import TagKeys, Tapped, is_tag, read

ZERO = TagKeys(bytes(16), bytes(16))
E, C = "EF963FF7828658A599F3041510671E88", "94EED9EE65337086"
ADDRESS = f"e={E}&c={C}"


def test_the_makers_example_comes_out() -> None:
    assert read(ADDRESS, keys=ZERO) == Tapped(bytes.fromhex("04DE5F1EACC040"), 61)
    assert read(ADDRESS.replace(E, E.lower()), keys=ZERO).counter == 61


@pytest.mark.parametrize("bit", range(128))
def test_no_single_bit_of_what_it_says_may_change(bit: int) -> None:
    bent = int(E, 16) ^ (1 << bit)

    with pytest.raises(SiteCodeRefused) as refused:
        read(f"e={bent:032X}&c={C}", keys=ZERO)
    assert refused.value.why == "wrong"


@pytest.mark.parametrize("bit", range(64))
def test_no_single_bit_of_its_mark_may_change(bit: int) -> None:
    bent = int(C, 16) ^ (1 << bit)

    with pytest.raises(SiteCodeRefused):
        read(f"e={E}&c={bent:016X}", keys=ZERO)


@pytest.mark.parametrize("which", ["meta", "file"])
@pytest.mark.parametrize("bit", range(128))
def test_no_single_bit_of_a_key_may_change(which: str, bit: int) -> None:
    bent = (1 << bit).to_bytes(16)
    keys = TagKeys(bent, ZERO.file) if which == "meta" else TagKeys(ZERO.meta, bent)

    with pytest.raises(SiteCodeRefused):
        read(ADDRESS, keys=keys)


@given(st.text(max_size=80))
def test_any_other_text_is_unread(text: str) -> None:
    if not is_tag(text):
        with pytest.raises(SiteCodeRefused) as refused:
            read(text, keys=ZERO)
        assert refused.value.why == "unread"
