#!/usr/bin/env bash
# Every reader of a token, one after the other, under a guided fuzzer: scripts/fuzz.sh OPTION...
set -euo pipefail

for target in token message claims keyset status; do
    echo "── fuzz: $target ──"
    .venv/bin/python -m tests.fuzz.guided "$target" "$@"
done
