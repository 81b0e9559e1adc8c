"""The worker hands over the notice that has waited longest."""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus

from accounts.adapters.push_services import NOT_SENT, send
from accounts.delivering import WAITS, claimed
from accounts.models import Notice
from accounts.posting import loud_from, postbox_of
from accounts.push_places import Where
from attest.errors import PushRefused
from vault import keyring
from vault.web_push import point_of

# The browser gave it up, or never had it (RFC 8030, section 7.3).
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_LOG = logging.getLogger(__name__)


def deliver_notice(*, now: datetime) -> bool:
    """Hand over one notice that is due, and say whether there was one.

    At least once, as a letter: the phone shows one notice of a message, however often it came.
    No row is held while the push service is spoken to.
    """
    notice = claimed(Notice.objects.select_related("post__person", "address__person"), now=now)
    if notice is None:
        return False
    signer = keyring.push_signer()
    if signer is None or sha256(point_of(signer.public_key())).digest() != notice.address.sender:
        # Its key is not ours any more: the browser subscribes anew when it is opened.
        notice.address.delete()
        return True
    try:
        where = Where.read(notice.address.box().open())
        status = send(notice.post, where=where, signer=signer, now=now)
    except NOT_SENT as fault:
        # Its kind alone: what is said of an address names it.
        _LOG.warning("notice %s not sent: %s", notice.post.uid, type(fault).__name__)
        _failed(notice, lasting=False)
    except (PushRefused, ValueError) as fault:
        # A place that is listed no more, or a point on no curve.
        _LOG.warning("notice %s cannot be sent: %s", notice.post.uid, type(fault).__name__)
        _failed(notice, lasting=True)
    else:
        _answered(notice, status)
    return True


def _answered(notice: Notice, status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        notice.delete()
        return
    _LOG.warning("notice %s not taken: %s", notice.post.uid, status)
    if status in _GONE:
        notice.address.delete()
    else:
        _failed(notice, lasting=status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LATER)


def _failed(notice: Notice, *, lasting: bool) -> None:
    mine = Notice.objects.filter(pk=notice.pk, tries=notice.tries)
    if lasting or notice.tries > len(WAITS):
        mine.delete()
    else:
        mine.update(due_at=loud_from(postbox_of(notice.post.person), notice.due_at))
