"""A letter by the office's mail server. It says that there is news, and never which."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Post
from accounts.saying import subject_of

# A server that refuses, or none that answers.
NOT_SENT = (SMTPException, OSError)


def send(post: Post, *, address: str) -> None:
    """Hand the letter over, or raise one of ``NOT_SENT``.

    Its Message-ID is that of the post: sent a second time, it is the same letter.
    """
    with translation.override(post.person.language or settings.LANGUAGE_CODE):
        letter = EmailMessage(
            subject=subject_of(post),
            body=_(
                "Sign in to read it:\n%(where)s\n\n"
                "Which letters you get is yours to choose, under Messages."
            )
            % {"where": f"{settings.ORIGIN}/me/messages/"},
            to=[address],
            headers={
                "Message-ID": f"<{post.uid}@{settings.RP_ID}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        letter.send()
