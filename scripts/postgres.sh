#!/usr/bin/env bash
# Run a command beside a PostgreSQL of its own: scripts/postgres.sh [--durable] COMMAND...
# The server listens on this machine only, forgets everything, and goes when the command ends,
# however it ends. With --durable it writes as in production, which a benchmark must pay for.
set -euo pipefail
# A shell that is root without having logged in as such lacks the folders of runuser.
PATH="$PATH:/usr/sbin:/sbin"

# No disk has to hold the rows of a test: what it asks of the database is order, not survival.
durability="-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
if [ "${1:-}" = --durable ]; then
    durability="-c fsync=on -c full_page_writes=on -c synchronous_commit=on"
    shift
fi

scripts/apt.sh '/usr/lib/postgresql/*/bin/initdb=postgresql'
bin=$(find /usr/lib/postgresql/*/bin -maxdepth 0 | sort -V | tail -n 1)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
home=$(mktemp -d "${TMPDIR:-/tmp}/tripseal-postgres.XXXXXX")
child=

as=()
if [ "$(id -u)" -eq 0 ]; then
    # initdb refuses root; Debian's package brings this user.
    as=(runuser -u postgres --)
    chown postgres "$home"
fi

leave() {
    # Interrupted: the command goes first, and by its id.
    if [ -n "$child" ]; then
        kill "$child" 2>/dev/null && wait "$child" || true
    fi
    [ ! -f "$home/data/postmaster.pid" ] ||
        "${as[@]}" "$bin/pg_ctl" --pgdata "$home/data" --mode immediate --wait stop >/dev/null
    rm -rf "$home"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$home"
"${as[@]}" "$bin/initdb" --pgdata "$home/data" --username postgres --auth trust \
    --encoding UTF8 --locale C.UTF-8 --no-sync >"$home/log"
# Started by a file of its own, for whoever kills it to start it again.
cat >"$home/start" <<EOF
#!/usr/bin/env bash
cd "$home" && exec ${as[@]+"${as[@]}"} "$bin/pg_ctl" --pgdata "$home/data" --log "$home/data/log" --wait --options \\
    "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' $durability -c timezone=UTC" start
EOF
chmod +x "$home/start"
"$home/start" >>"$home/log" || { cat "$home/log" "$home/data/log" >&2; exit 1; }
"${as[@]}" "$bin/createdb" --host 127.0.0.1 --port "$port" --username postgres tripseal
cd "$OLDPWD"

export TEST_POSTGRES_HOME="$home"
export TRIPSEAL_DATABASE_URL="postgres://postgres@127.0.0.1:$port/tripseal"
"$@" &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
