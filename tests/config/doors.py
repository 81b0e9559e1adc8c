"""Every address of the clerk's and the auditor's room, and of none: who may come in.

The table is compared with the address map itself: a door that stands in one of them
alone is a red test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

ROOMS = ("settlement.", "audit.", "config.", "django.views.i18n", "drf_spectacular.")
NOBODYS = UUID(int=7)

CLERK, AUDITOR, ADMINISTRATOR = "clerk", "auditor", "administrator"
ANYBODY, OWNER = "anybody", "owner"


@dataclass(frozen=True, slots=True)
class Door:
    """One address with its methods. *who* comes in; OWNER: who is in no role sees their own."""

    route: str
    who: str
    methods: tuple[str, ...]

    @property
    def address(self) -> str:
        return "/" + self.route.replace("<uuid:uid>", str(NOBODYS))

    @property
    def is_api(self) -> bool:
        return self.route.startswith(("api/", "log/"))


def _doors(who: str, **by_route: str) -> Iterator[Door]:
    for route, methods in by_route.items():
        yield Door(route, who, tuple(methods.split()))


DOORS = [
    *_doors(
        CLERK,
        **{
            "settlement/": "get",
            "settlement/scan/": "get post",
            "settlement/scan/offline/": "get",
            "settlement/batches/": "get post",
            "settlement/batches/<uuid:uid>/": "get post",
            "settlement/batches/<uuid:uid>/settlement/": "post",
            "settlement/settlements/<uuid:uid>/": "get post",
            "settlement/exceptions/": "get",
            "settlement/exceptions/<uuid:uid>/": "get post",
            "settlement/exceptions/<uuid:uid>/return/": "post",
            "api/v1/verifications": "get post",
            "api/v1/verifications/files": "post",
            "api/v1/desk-leases": "post",
            "api/v1/batches": "get post",
            "api/v1/batches/<uuid:uid>": "get patch",
            "api/v1/batches/<uuid:uid>/settlement": "post",
            "api/v1/settlements/<uuid:uid>/void": "post",
            "api/v1/holds": "get",
            "api/v1/holds/<uuid:uid>/resolution": "post",
        },
    ),
    *_doors(ADMINISTRATOR, **{"manage/desks/": "get post"}),
    *_doors(OWNER, **{"api/v1/settlements/<uuid:uid>": "get"}),
    *_doors(
        AUDITOR,
        **{
            "audit/": "get",
            "audit/trips/": "get post",
            "audit/trips/<uuid:uid>/": "get",
            "audit/hosts/": "get",
            "audit/exports/": "get",
            "audit/exports/new/": "get post",
            "audit/exports/<uuid:uid>/file/": "get",
            "api/v1/searches": "post",
            "api/v1/exports": "get post",
            "api/v1/exports/<uuid:uid>/file": "get",
            "log/tile/entries/<path:name>": "get",
            "log/witness-request": "get",
        },
    ),
    *_doors(
        ANYBODY,
        **{
            "livez": "get",
            "readyz": "get",
            "sw.js": "get",
            "help/": "get",
            "privacy/": "get",
            "accessibility/": "get",
            "i18n/setlang/": "post",
            "api/schema/": "get",
            "api/docs/": "get",
        },
    ),
]


def addresses() -> dict[str, Any]:
    """Every route of these rooms as the address map has it, with its view."""
    return {
        route: view
        for route, view in _walk(get_resolver(), "")
        if getattr(view, "view_class", getattr(view, "cls", view)).__module__.startswith(ROOMS)
    }


def _walk(node: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for inner in node.url_patterns:
        route = before + str(inner.pattern)
        if isinstance(inner, URLPattern):
            yield route, inner.callback
        else:
            yield from _walk(inner, route)
