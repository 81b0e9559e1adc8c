"""The door for the web server. Keys are read here, so that a missing one stops the start."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# After the apps are there, before the first request: not at some unlucky touch.
from ledger.services.check_keys import check_keys  # noqa: E402

check_keys()

from django.conf import settings  # noqa: E402

from config.working import begin  # noqa: E402

if settings.WORKER:
    begin()
