"""``/manifest.webmanifest``: how the product looks as an icon on a phone."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

# Drawn by scripts/icons.py; a maskable one keeps its sign inside the circle a phone may cut.
ICONS = (
    ("icons/app-192.png", "192x192", "any"),
    ("icons/app-512.png", "512x512", "any"),
    ("icons/app-maskable-512.png", "512x512", "maskable"),
)


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    today = reverse("trips:today")
    said = {
        "id": today,
        "name": _("TripSeal, proof of a business trip"),
        "short_name": _("TripSeal"),
        "lang": request.LANGUAGE_CODE,
        "start_url": today,
        "scope": today,
        "display": "standalone",
        "background_color": "#f3f5f8",
        "theme_color": "#0b50d0",
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    }
    return JsonResponse(said, content_type="application/manifest+json")
