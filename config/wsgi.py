"""The door for the web server. Keys are read here, so that a missing one stops the start."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# After the apps are there, before the first request: not at some unlucky touch.
from ledger.services.check_keys import check_keys  # noqa: E402

check_keys()

from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from config.working import begin  # noqa: E402
from trips.adapters import place_names  # noqa: E402

place_names.warm()
# Every address and what answers it: read now, not by whoever comes first.
get_resolver().url_patterns  # noqa: B018 -- it is read to be kept
# What is there by now stays: nobody has to look again and again whether it may go. A request
# makes some thousand objects and drops them again: seven hundred are no reason to look.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

if settings.WORKER:
    begin()
