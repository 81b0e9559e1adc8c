#!/usr/bin/env bash
# Everything that can be judged without running the product, cheapest first.
set -euo pipefail

scripts/apt.sh '/usr/lib/*/libzbar.so.0=libzbar0'
step() {
    echo "── $*"
    "$@"
}

export PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"
step ruff format --check .
step ruff check .
step mypy .
step lint-imports
step biome ci --colors=off --error-on-warnings .
step tsc --project tsconfig.json
step pytest -q tests/test_architecture.py tests/test_vendor.py

# As a town hall would run it: https, PostgreSQL, a secret that is not in the repository.
nowhere=$(mktemp -d)
trap 'rm -rf "$nowhere"' EXIT
export TRIPSEAL_DATA="$nowhere" TRIPSEAL_ORIGIN=https://trip.example.kr
TRIPSEAL_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_hex(50))')
export TRIPSEAL_SECRET_KEY
step python manage.py makemigrations --check --dry-run
export TRIPSEAL_DATABASE_URL=postgres://tripseal@127.0.0.1/tripseal
step python manage.py check --deploy --fail-level WARNING
