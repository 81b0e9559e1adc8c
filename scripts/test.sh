#!/usr/bin/env bash
# Every test: on SQLite, on PostgreSQL and of JavaScript side by side, then in a real browser.
set -euo pipefail

scripts/apt.sh chromium=chromium node=nodejs pdftoppm=poppler-utils \
    '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc=fonts-noto-cjk' \
    '/usr/lib/postgresql/*/bin/initdb=postgresql' softhsm2-util=softhsm2 \
    '/usr/lib/*/libzbar.so.0=libzbar0' openssl=openssl systemd-analyze=systemd go=golang-go \
    /usr/share/gocode/src/golang.org/x/mod/sumdb/note=golang-golang-x-mod-dev

logs=build/test
rm -rf "$logs"
mkdir -p "$logs"
declare -A jobs
failed=()
trap 'kill "${jobs[@]}" 2>/dev/null || true; wait; exit 130' INT TERM

pytest=(.venv/bin/python -X dev -m pytest)
beside() {
    local name=$1
    shift
    echo "started: $name"
    "$@" >"$logs/$name.log" 2>&1 &
    jobs[$name]=$!
}
await() {
    wait "${jobs[$1]}" || failed+=("$1")
    printf '\n── %s ──\n' "$1"
    cat "$logs/$1.log"
}

beside sqlite "${pytest[@]}" --ignore tests/browser -o cache_dir="$logs/sqlite"
beside postgresql scripts/postgres.sh \
    "${pytest[@]}" --ignore tests/browser -o cache_dir="$logs/postgresql"
mapfile -t scripts < <(find tests/js tests/interop -name '*.test.js')
beside javascript node --test "${scripts[@]}"
beside fuzz scripts/fuzz.sh -runs=5000 -verbosity=0
beside crash scripts/crash.sh 5
await javascript
await fuzz
await crash
await sqlite
await postgresql

printf '\n── browser ──\n'
# Two at a time: each half has a server and a browser of its own.
"${pytest[@]}" tests/browser -n 2 -o cache_dir="$logs/browser" || failed+=(browser)

if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}" >&2
    exit 1
fi
echo "all tests passed"
