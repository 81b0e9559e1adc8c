"""The day's head as a letter to another department: in the body to read, as a file to keep."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage

_BODY = """\
출장증빙 로그의 체크포인트(기록 {size}건)입니다. 지우지 말고 보관해 주세요.
이 글이 남아 있으면 그때까지의 기록을 아무도 몰래 고칠 수 없습니다.

The signed head of the trip log ({size} records). Please keep it.
As long as this text exists, nobody can alter the records up to then unnoticed.

{note}"""


def mail(note: str, *, to: Sequence[str], origin: str, size: int) -> None:
    """``OSError`` where the mail server does not take it."""
    letter = EmailMessage(
        subject=f"TRIPSEAL-CHECKPOINT {origin} {size}",
        body=_BODY.format(size=f"{size:,}", note=note),
        to=list(to),
        headers={"Auto-Submitted": "auto-generated"},
    )
    # Bytes, so that no mail program lays its lines anew.
    letter.attach(f"checkpoint-{size}.txt", note.encode(), "application/octet-stream")
    try:
        letter.send()
    except SMTPException as wrong:
        raise OSError(f"mail: {type(wrong).__name__}") from wrong
