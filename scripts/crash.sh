#!/usr/bin/env bash
# Kill the product under load, again and again: scripts/crash.sh HOW_OFTEN (tests/crash), or
# do something else to it: scripts/crash.sh HOW_OFTEN tests.crash.rotating.
set -euo pipefail

if [ "${1:-}" = --beside-postgresql ]; then
    .venv/bin/python manage.py migrate --verbosity 0
    .venv/bin/python manage.py keys create --since "$(date --date '1 week ago' +%F)" >/dev/null
    exec .venv/bin/python -m "$3" "$2"
fi

room=$(mktemp -d "${TMPDIR:-/tmp}/tripseal-crash.XXXXXX")
trap 'rm -rf "$room"' EXIT
mkdir "$room/static"
export TRIPSEAL_DATA="$room" TRIPSEAL_ORIGIN=http://localhost:8000

module=${2:-tests.crash}
# Only what is killed has to find on the disk what it had promised.
durable=()
[ "$module" != tests.crash ] || durable=(--durable)
scripts/postgres.sh ${durable[@]+"${durable[@]}"} scripts/crash.sh --beside-postgresql "$1" "$module"
