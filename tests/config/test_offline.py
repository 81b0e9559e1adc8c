"""What a browser keeps for the time without a line: every file of the page, and nobody's data."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from config.offline import SCOPES, modules


def told(client: Client) -> dict[str, Any]:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
    found: dict[str, Any] = json.loads(
        re.match(r"self\.OFFLINE = (.*);\n", answer.content.decode()).group(1)  # type: ignore[union-attr]  # or the test fails
    )
    return found


def scope_of(client: Client, address: str) -> dict[str, Any]:
    (found,) = [one for one in told(client)["scopes"] if one["scope"] == address]
    return dict(found)


STATION = "/settlement/scan/"
SHELLS = {
    "/": ("/offline/", ["elements/check-in.js", "lib/sender.js", "lib/result.js", "lib/shell.js"]),
    "/me/outbox/": ("/offline/outbox/", ["elements/out-box.js", "lib/handed.js"]),
    STATION: ("/settlement/scan/offline/", ["token/open.js", "lib/desk.js"]),
}


@pytest.mark.parametrize("page", SHELLS)
def test_every_module_of_a_page_is_kept_with_what_it_imports(client: Client, page: str) -> None:
    shell, names = SHELLS[page]
    scope = scope_of(client, STATION if page == STATION else "/")

    assert {"page": page, "shell": shell} in scope["pages"]
    for name in names:
        assert f"/static/js/{name}" in scope["files"]
    assert "/static/vendor/idb/index.js" in scope["files"]


def test_a_phone_does_not_carry_what_the_station_needs(client: Client) -> None:
    reader = "/static/vendor/zxing-wasm/zxing_reader.wasm"

    assert reader in scope_of(client, STATION)["files"]
    assert reader not in scope_of(client, "/")["files"]


@pytest.mark.parametrize("page", SHELLS)
def test_what_a_shell_loads_is_among_what_is_kept(client: Client, felix: Person, page: str) -> None:
    client.force_login(felix, backend="accounts.backends.NumberBackend")
    shell = client.get(SHELLS[page][0]).content.decode()
    kept = set(scope_of(client, STATION if page == STATION else "/")["files"])

    head = re.sub(r'<script type="importmap".*?</script>', "", shell, flags=re.DOTALL)
    head = re.sub(r'<link rel="apple-touch-icon"[^>]*>', "", head)
    loaded = set(re.findall(r'(?:src|href|data-wasm)="(/static/[^"#]+)', head))
    assert len(loaded) > 5
    assert loaded <= kept


def test_imports_are_followed_however_far_and_once() -> None:
    found = modules(["js/elements/qr-scanner.js"])

    assert found == sorted(set(found))
    assert "vendor/zxing-wasm/share.js" in found
    for scope in SCOPES:
        assert all(entry in modules(scope.modules) for entry in scope.modules)


@pytest.mark.parametrize("page", SHELLS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_shell_names_nobody(client: Client, felix: Person, language: str, page: str) -> None:
    Person.objects.filter(pk=felix.pk).update(language=language)
    client.force_login(felix, backend="accounts.backends.NumberBackend")
    shell = client.get(SHELLS[page][0]).content.decode()

    assert f'lang="{language}"' in shell
    assert not re.search(rf"\b{felix.name}\b", shell)
    assert felix.ref not in shell
    assert str(felix.uid) not in shell
    assert 'href="/me/"' not in shell


def test_icons_are_as_they_are_drawn() -> None:
    drawn = subprocess.run(
        [sys.executable, "scripts/icons.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (drawn.returncode, drawn.stdout) == (0, "icons are as drawn\n")
