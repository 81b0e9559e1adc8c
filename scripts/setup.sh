#!/usr/bin/env bash
# The Python environment .venv, holding exactly what a lock file names: scripts/setup.sh LOCK
set -euo pipefail

# The system's own comes first: another on the PATH may have been compiled without its
# optimisations, and takes longer for the same work. One that can make an environment by itself
# comes before one that lacks that part.
python=
for parts in 'sys, ensurepip, venv' 'sys'; do
    for one in /usr/bin/python3 python3; do
        "$one" -c "import $parts; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || continue
        python=$one
        break 2
    done
done
if [ -z "$python" ]; then
    echo "missing: python3, version 3.11 or later" >&2
    exit 1
fi

# A half-made environment of an interrupted start is made again.
if [ ! -x .venv/bin/pip ]; then
    # Debian ships venv without the part that puts pip in.
    [ "$parts" != sys ] || scripts/apt.sh always=python3-venv
    "$python" -m venv --clear .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$1" || {
    echo "missing: the packages of $1 could not be installed (see above)" >&2
    exit 1
}
