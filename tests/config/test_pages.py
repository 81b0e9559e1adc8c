"""Help, privacy and accessibility are open to everybody, in both languages."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Person

PAGES = ["/help/", "/privacy/", "/accessibility/"]
KOREAN_PART = re.compile(r'<(\w+)[^>]*lang="ko"[^>]*>.*?</\1>', re.DOTALL)
HANGUL = re.compile("[ㄱ-ㆎ가-힣]")

pytestmark = pytest.mark.django_db


def opened(client: Client, page: str, language: str) -> str:
    answer = client.get(page, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_reads_it_in_korean(client: Client, page: str) -> None:
    said = opened(client, page, "ko")
    assert '<html lang="ko"' in said
    assert said.count("<h1") == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_reads_it_in_english(client: Client, page: str) -> None:
    said = opened(client, page, "en")
    assert '<html lang="en"' in said
    assert HANGUL.findall(KOREAN_PART.sub("", said)) == []


@pytest.mark.parametrize("page", PAGES)
def test_its_places_are_where_its_links_lead(client: Client, page: str) -> None:
    said = opened(client, page, "ko")
    names = re.findall(r'\bid="([^"]+)"', said)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', said)) <= set(names)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_leads_to_it(client: Client, page: str) -> None:
    assert f'href="{page}"' in opened(client, "/login/", "ko")


@pytest.mark.parametrize("page", PAGES)
def test_it_is_only_read(client: Client, page: str) -> None:
    assert client.post(page).status_code == 405


def test_the_switch_at_the_foot_of_a_page_is_stronger_than_an_older_setting(ada: Person) -> None:
    Person.objects.filter(pk=ada.pk).update(language="ko")
    ada.refresh_from_db()
    browser = Client()
    browser.force_login(ada, backend="accounts.backends.NumberBackend")
    browser.post("/i18n/setlang/", {"language": "en", "next": "/help/"})

    assert '<html lang="en"' in opened(browser, "/help/", "ko")


@pytest.mark.parametrize("language", ["", "xx", "ko'"])
def test_a_language_that_is_none_changes_nothing(ada: Person, language: str) -> None:
    Person.objects.filter(pk=ada.pk).update(language="ko")
    browser = Client()
    browser.force_login(ada, backend="accounts.backends.NumberBackend")
    browser.post("/i18n/setlang/", {"language": language, "next": "/help/"})

    ada.refresh_from_db()
    assert ada.language == "ko"


@pytest.mark.parametrize("page", ["/", "/trips/", "/me/", "/me/diary/"])
def test_the_bar_marks_one_place(client: Client, ada: Person, page: str) -> None:
    client.force_login(ada)

    bar = re.findall(
        r'class="bottom-bar__link" href="([^"]*)" aria-current', opened(client, page, "ko")
    )

    assert bar == [page]
