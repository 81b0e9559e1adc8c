"""How numbers, moments and news are said, in the reader's language (ux.md, Voice)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Post

_DAYS_KO = "월화수목금토일"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def korean() -> bool:
    return (translation.get_language() or "ko").startswith("ko")


def won(amount: int) -> str:
    return f"{amount:,}원" if korean() else f"{amount:,} won"


def day(at: datetime) -> str:
    here = timezone.localtime(at)
    if korean():
        return f"{here.month}월 {here.day}일({_DAYS_KO[here.weekday()]})"
    return f"{_DAYS_EN[here.weekday()]} {here.day} {_MONTHS[here.month - 1]}"


def whole_day(at: datetime) -> str:
    """With its year: for what lies far from today."""
    here = timezone.localtime(at)
    if korean():
        return f"{here.year}년 {here.month}월 {here.day}일"
    return f"{here.day} {_MONTHS[here.month - 1]} {here.year}"


def weekday(at: datetime) -> str:
    here = timezone.localtime(at)
    return _DAYS_KO[here.weekday()] if korean() else _DAYS_EN[here.weekday()]


def clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M")


def month(name: str) -> str:
    """``2026-11`` in words."""
    year, number = name[:4], int(name[5:])
    return f"{year}년 {number}월" if korean() else f"{_MONTHS[number - 1]} {year}"


def moment(at: datetime) -> str:
    return f"{day(at)} {clock(at)}" if korean() else f"{day(at)}, {clock(at)}"


def metres(value: int) -> str:
    """``12 m``, ``1.8 km``; the space does not break."""
    return f"{value}\u00a0m" if value < 1000 else f"{value / 1000:.1f}\u00a0km"


def exact_metres(value: int) -> str:
    """``4,200 m``: a distance that money hangs on is not rounded; the space does not break."""
    return f"{value:,}\u00a0m"


def lasting(seconds: int) -> str:
    """``3시간 20분``, ``3 h 20 min``; whole hours without minutes."""
    hours, minutes = divmod(seconds // 60, 60)
    units = ("시간", "분") if korean() else ("\u00a0h", "\u00a0min")
    parts = [f"{n}{unit}" for n, unit in zip((hours, minutes), units, strict=True) if n]
    return " ".join(parts) or f"0{units[1]}"


def numbered(spoken: str) -> str:
    """The receipt number in its three groups."""
    return "-".join(spoken[i : i + 4] for i in range(0, len(spoken), 4))


def subject_of(post: Post) -> str:
    """All that a letter or a notice says: whoever stands beside the phone may read it."""
    if post.kind in {Post.Kind.ACCOUNT, Post.Kind.SIGNED_IN}:
        return _("There is news about your account")
    return _("There is news about your trips")
