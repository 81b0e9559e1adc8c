"""What a browser keeps for the time without a line: every file of the page, and nobody's data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from config.offline import PAGES, modules


def told(client: Client) -> dict[str, Any]:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
    found: dict[str, Any] = json.loads(
        re.match(r"self\.OFFLINE = (.*);\n", answer.content.decode()).group(1)  # type: ignore[union-attr]  # or the test fails
    )
    return found


def test_every_module_of_the_page_is_kept_with_what_it_imports(client: Client) -> None:
    (page,) = told(client)["pages"]

    assert (page["scope"], page["shell"]) == ("/settlement/scan/", "/settlement/scan/offline/")
    for name in ("token/open.js", "lib/desk.js", "elements/verify-station.js"):
        assert f"/static/js/{name}" in page["files"]
    assert "/static/vendor/idb/index.js" in page["files"]
    assert "/static/vendor/zxing-wasm/zxing_reader.wasm" in page["files"]


def test_what_the_page_loads_is_among_what_is_kept(client: Client, felix: Person) -> None:
    client.force_login(felix, backend="accounts.backends.NumberBackend")
    shell = client.get("/settlement/scan/offline/").content.decode()
    (page,) = told(client)["pages"]

    head = re.sub(r'<script type="importmap".*?</script>', "", shell, flags=re.DOTALL)
    loaded = set(re.findall(r'(?:src|href|data-wasm)="(/static/[^"#]+)', head))
    assert len(loaded) > 8
    assert loaded <= set(page["files"])


def test_imports_are_followed_however_far_and_once() -> None:
    found = modules(["js/elements/qr-scanner.js"])

    assert found == sorted(set(found))
    assert "vendor/zxing-wasm/share.js" in found
    assert all(entry in modules(PAGES[0].modules) for entry in PAGES[0].modules)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_shell_names_nobody(client: Client, felix: Person, language: str) -> None:
    Person.objects.filter(pk=felix.pk).update(language=language)
    client.force_login(felix, backend="accounts.backends.NumberBackend")
    shell = client.get("/settlement/scan/offline/").content.decode()

    assert f'lang="{language}"' in shell
    assert not re.search(rf"\b{felix.name}\b", shell)
    assert felix.ref not in shell
    assert "/me/" not in shell
