"""The worker sends the letter that has waited longest."""

from __future__ import annotations

import logging
from datetime import datetime

from accounts.adapters.letters import NOT_SENT, send
from accounts.delivering import WAITS, claimed
from accounts.models import Post
from accounts.posting import loud_from, postbox_of

_LOG = logging.getLogger(__name__)


def deliver_post(*, now: datetime) -> bool:
    """Send one letter that is due, and say whether there was one.

    At least once: whoever is killed between sending and writing it down leaves a letter that
    is due again after its wait, and goes out a second time under the same Message-ID. No row
    is held while the mail server is spoken to.
    """
    waiting = Post.objects.filter(mail=Post.Mail.WAITING).select_related("person")
    post = claimed(waiting, now=now)
    if post is None:
        return False
    address = postbox_of(post.person).shown_address()
    if not address:
        _end(post, Post.Mail.DROPPED)
        return True
    try:
        send(post, address=address)
    except NOT_SENT as fault:
        # Its kind alone: what a mail server says repeats the address.
        _LOG.warning("letter %s not sent: %s", post.uid, type(fault).__name__)
        _failed(post, type(fault).__name__)
    else:
        _end(post, Post.Mail.SENT)
    return True


def _failed(post: Post, fault: str) -> None:
    if post.tries > len(WAITS):
        _end(post, Post.Mail.DEAD, fault)
    elif post.due_at:
        again = loud_from(postbox_of(post.person), post.due_at)
        Post.objects.filter(pk=post.pk, tries=post.tries).update(due_at=again, fault=fault)


def _end(post: Post, state: Post.Mail, fault: str = "") -> None:
    # Only where no other worker has begun anew meanwhile.
    mine = Post.objects.filter(pk=post.pk, tries=post.tries, mail=Post.Mail.WAITING)
    mine.update(mail=state, due_at=None, fault=fault)
