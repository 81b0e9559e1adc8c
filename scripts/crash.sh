#!/usr/bin/env bash
# Kill the product under load, again and again: scripts/crash.sh HOW_OFTEN (tests/crash).
set -euo pipefail

if [ "${1:-}" = --beside-postgresql ]; then
    .venv/bin/python manage.py migrate --verbosity 0
    .venv/bin/python manage.py keys create --since "$(date --date '1 week ago' +%F)" >/dev/null
    exec .venv/bin/python -m tests.crash "$2"
fi

room=$(mktemp -d "${TMPDIR:-/tmp}/tripseal-crash.XXXXXX")
trap 'rm -rf "$room"' EXIT
mkdir "$room/static"
export TRIPSEAL_DATA="$room" TRIPSEAL_ORIGIN=http://localhost:8000
scripts/postgres.sh --durable scripts/crash.sh --beside-postgresql "$1"
