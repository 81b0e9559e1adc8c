#!/usr/bin/env bash
# A database of today's shape, and keys. Keys are made once, never in place of others.
set -euo pipefail

mkdir -p -m 700 var
.venv/bin/python manage.py migrate --verbosity 0
if [ -z "$(ls -A var/keys 2>/dev/null)" ]; then
    # Demonstration touches lie in the past, and a key seals nothing from before its time.
    .venv/bin/python manage.py keys create --since "$(date --date '10 weeks ago' +%F)"
fi
