"""Browsers that take notices."""

from __future__ import annotations

from typing import Any

from accounts.models import Person, Post
from accounts.posting import post
from tests.conftest import NOON, phone_of
from tests.push_service import Browser, PushService
from vault.web_push import b64

API = "/api/v1/push-addresses"


def subscription(browser: Browser) -> dict[str, Any]:
    """As a browser tells it, and more than is asked for."""
    keys = {"p256dh": b64(browser.point), "auth": b64(browser.auth)}
    return {"endpoint": browser.url, "expirationTime": None, "keys": keys}


def takes_notices(person: Person, service: PushService) -> Browser:
    browser = service.subscribe()
    answer = phone_of(person).post(API, subscription(browser), format="json")
    assert answer.status_code == 201, answer.content
    return browser


def tell(person: Person, name: str = "n", kind: Post.Kind = Post.Kind.PAID) -> None:
    post(person, kind=kind, dedupe=name, now=NOON)
