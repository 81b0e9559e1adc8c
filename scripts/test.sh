#!/usr/bin/env bash
# Every test: on SQLite, on PostgreSQL, of JavaScript and in a real browser, side by side.
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
# What tests write lies in memory where there is room: they ask in which order it was written,
# not whether a disk holds it, and to wait for the disk would be a third of their time.
if [ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ]; then
    TMPDIR=$(mktemp -d /dev/shm/tripseal-test.XXXXXX)
    export TMPDIR
    # The database server runs as a user of its own.
    chmod 711 "$TMPDIR"
fi
# A container may forbid it: then each of some hundred processes would compile the product anew.
unset PYTHONDONTWRITEBYTECODE
leave() {
    kill "${jobs[@]}" 2>/dev/null || true
    wait
    [[ ${TMPDIR:-} != /dev/shm/* ]] || rm -rf "$TMPDIR"
}

pytest=(.venv/bin/python -m pytest)
trap leave EXIT
trap 'exit 130' INT TERM
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

# The development mode without its allocator, which would be a fifth of the time.
beside sqlite env PYTHONMALLOC=pymalloc .venv/bin/python -X dev -m pytest \
    --ignore tests/browser -o cache_dir="$logs/sqlite"
# Again all that may ask a database: what cannot is not changed by another one.
beside postgresql scripts/postgres.sh \
    "${pytest[@]}" --ignore tests/browser -m database -o cache_dir="$logs/postgresql"
mapfile -t scripts < <(find tests/js tests/interop -name '*.test.js')
beside javascript node --test "${scripts[@]}"
beside fuzz scripts/fuzz.sh -runs=5000 -verbosity=0
beside crash scripts/crash.sh 5
beside rotation scripts/crash.sh 3 tests.crash.rotating
await javascript
await fuzz
await crash
await rotation
await postgresql
# In place of what has ended. Two at a time: each half has a server and a browser of its own.
beside browser "${pytest[@]}" tests/browser -n 2 -o cache_dir="$logs/browser"
await sqlite
await browser

if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}" >&2
    exit 1
fi
echo "all tests passed"
