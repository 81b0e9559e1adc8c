#!/usr/bin/env bash
# The Python environment .venv, holding exactly what a lock file names: scripts/setup.sh LOCK
set -euo pipefail

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "missing: python3, version 3.11 or later" >&2
    exit 1
}
# Debian ships venv without the part that puts pip in.
python3 -c 'import ensurepip, venv' 2>/dev/null || scripts/apt.sh always=python3-venv

# A half-made environment of an interrupted start is made again.
[ -x .venv/bin/pip ] || python3 -m venv --clear .venv
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$1" || {
    echo "missing: the packages of $1 could not be installed (see above)" >&2
    exit 1
}
