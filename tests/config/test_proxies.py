"""Whose address stands in the diary when proxies stand before the server."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.proxies import ProxyMiddleware


def seen(forwarded: str | None) -> str:
    """The address a view is given, of a request that the nearest proxy handed on."""
    told = {} if forwarded is None else {"x-forwarded-for": forwarded}
    request = RequestFactory().get("/", headers=told, REMOTE_ADDR="10.0.0.9")

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.META["REMOTE_ADDR"])

    return ProxyMiddleware(answer)(request).content.decode()


def test_behind_one_proxy_the_reader_is_the_last_it_heard_from(settings: Any) -> None:
    settings.PROXIES = 1

    assert seen("203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("claimed", ["198.51.100.1", "198.51.100.1, 198.51.100.2", "<script>"])
def test_what_the_asker_claims_is_not_believed(settings: Any, claimed: str) -> None:
    settings.PROXIES = 1

    assert seen(f"{claimed}, 203.0.113.7") == "203.0.113.7"


def test_behind_two_proxies_the_reader_stands_second_from_the_right(settings: Any) -> None:
    settings.PROXIES = 2

    assert seen("198.51.100.1, 203.0.113.7, 10.0.0.8") == "203.0.113.7"


@pytest.mark.parametrize("forwarded", [None, "", " , "])
def test_without_a_word_of_the_proxy_its_own_address_stands(
    settings: Any, forwarded: str | None
) -> None:
    settings.PROXIES = 1

    assert seen(forwarded) == "10.0.0.9"


def test_without_proxies_nobody_reads_the_header(settings: Any) -> None:
    settings.PROXIES = 0

    with pytest.raises(MiddlewareNotUsed):
        seen("203.0.113.7")
