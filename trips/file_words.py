"""Why a file or a paper is not taken, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

PICTURE = _("This picture cannot be opened.")
UPLOADS: Mapping[str, Any] = {
    "not-a-picture": PICTURE,
    "too-large": _("The file is larger than 10 MiB. Please send a smaller one."),
    "too-many-pixels": _("The picture has more than 24 megapixels."),
    "heic": _("HEIC pictures cannot be opened here. Please send it as JPEG."),
    "quota": _("You have sent 100 MiB this month. The next month begins anew."),
    "not-a-pdf": _("This PDF cannot be opened."),
    "locked": _("This PDF is locked with a password."),
    "too-many-pages": _("A PDF of more than 30 pages is not read. Please split it."),
    "too-heavy": _(
        "This file takes too long to draw. Please send a small picture of the part that counts."
    ),
}
PAPERS: Mapping[str, Any] = {
    "twice": _("This paper lies with this trip already."),
    "too-many": _("A trip takes up to 20 papers."),
    "used": _("This file is part of another paper already."),
    "not-signed": _("This is not the photo that was signed at the touch."),
    "unsure": _("You have not agreed to photos being kept. Please answer first."),
}
