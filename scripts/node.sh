#!/usr/bin/env bash
# The tools of package-lock.json, in node_modules.
set -euo pipefail
scripts/apt.sh node=nodejs npm=npm
# Not `npm ci`: it stops where the lock lacks optional builds for other platforms.
npm install --no-save --ignore-scripts --silent || {
    echo "missing: the packages of package-lock.json could not be installed" >&2
    exit 1
}
