"""The code on a screen: the document's vector, every bit of it, and what typed digits find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.errors import SiteCodeRefused
from attest.site_code import (
    BACK_STEPS,
    Printed,
    Shown,
    Typed,
    digits_of,
    holds,
    mac_of,
    printed_text,
    read,
    site_key,
    step_at,
    step_of,
    text_of,
)

# evidence.md §2.4
KEY = bytes(range(32))
SITE = bytes.fromhex("0192f0c1a2b37c4d8e5f60718293a4b5")
STEP = 59_846_520
SITE_KEY = bytes.fromhex("d4cd4e76a8ca389b09d1644baafd759f391115ce37a632838206b82f14fe5a78")
TEXT = "TSC1.AGJPBQNCWN6E3DS7MBYYFE5EWUAAAAAAAOIS66F2LM6B3JJCZNYA4TSD7OZ3A77U"


def test_the_published_vector_comes_out() -> None:
    assert step_at(1_795_395_600) == STEP
    assert site_key(KEY, SITE) == SITE_KEY
    assert digits_of(mac_of(SITE, STEP, key=SITE_KEY)) == "57504880"
    assert text_of(SITE, STEP, key=SITE_KEY) == TEXT
    assert len(TEXT) == 69


def test_a_camera_reads_site_and_step() -> None:
    shown = read(TEXT)

    assert isinstance(shown, Shown)
    assert (shown.site, shown.step) == (SITE, STEP)
    assert holds(shown, key=SITE_KEY)


@pytest.mark.parametrize("bit", range(40 * 8))
def test_no_single_bit_of_it_may_change(bit: int) -> None:
    shown = read(TEXT)
    assert isinstance(shown, Shown)
    raw = bytearray(shown.site + shown.step.to_bytes(8, "big") + shown.mac)
    raw[bit // 8] ^= 1 << bit % 8
    bent = Shown(bytes(raw[:16]), int.from_bytes(raw[16:24], "big"), bytes(raw[24:]))

    assert not holds(bent, key=site_key(KEY, bent.site))


@pytest.mark.parametrize("bit", range(32 * 8))
def test_no_single_bit_of_the_key_may_change(bit: int) -> None:
    bent = bytearray(KEY)
    bent[bit // 8] ^= 1 << bit % 8
    shown = read(TEXT)

    assert isinstance(shown, Shown)
    assert not holds(shown, key=site_key(bytes(bent), SITE))


@pytest.mark.parametrize("off", [0, -1, 1, -2, -120, -BACK_STEPS])
def test_typed_digits_are_found_where_they_were_shown(off: int) -> None:
    typed = Typed(digits_of(mac_of(SITE, STEP + off, key=SITE_KEY)))

    assert step_of(typed, site=SITE, key=SITE_KEY, at_step=STEP) == STEP + off


@pytest.mark.parametrize("off", [2, -BACK_STEPS - 1])
def test_digits_of_tomorrow_or_of_the_day_before_are_not_found(off: int) -> None:
    typed = Typed(digits_of(mac_of(SITE, STEP + off, key=SITE_KEY)))

    assert step_of(typed, site=SITE, key=SITE_KEY, at_step=STEP) is None


def test_digits_may_be_typed_as_they_are_shown() -> None:
    assert read("5750 4880") == Typed("57504880")


def test_a_printed_code_says_its_site_and_its_secret() -> None:
    secret = bytes(range(10))

    assert read(printed_text(SITE, secret)) == Printed(SITE, secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567",
        "123456789",
        "１２３４５６７８",
        "TSC1.",
        TEXT.lower(),
        TEXT[:-1],
        TEXT + "A",
        "TSC2" + TEXT[4:],
    ],
)
def test_what_is_no_code_is_unread(text: str) -> None:
    with pytest.raises(SiteCodeRefused) as refused:
        read(text)
    assert refused.value.why == "unread"


@given(st.text(max_size=128))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        said = read(text)
    except SiteCodeRefused:
        return
    assert isinstance(said, Shown | Printed | Typed)


def test_a_code_has_one_spelling() -> None:
    # 26 bytes leave two bits over in their last letter.
    text = printed_text(SITE, bytes(10))

    for letter in "BCD":
        with pytest.raises(SiteCodeRefused):
            read(text[:-1] + letter)
