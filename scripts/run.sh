#!/usr/bin/env bash
# The product with demonstration data, on this machine only. Nothing already there is touched.
set -euo pipefail

port=8000
manage() { .venv/bin/python manage.py "$@"; }
nobody_there() {
    manage shell --verbosity 0 -c \
        'from accounts.models import Person; raise SystemExit(Person.objects.exists())'
}

if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "port $port is taken: is the product running already?" >&2
    exit 1
fi

scripts/ready.sh
# The mark tells a load that was cut short from a database somebody works in.
if [ -e var/demo.unfinished ] || nobody_there; then
    touch var/demo.unfinished
    manage demo
    rm var/demo.unfinished
fi

manage demo --accounts
echo "TripSeal: http://localhost:$port  (Ctrl-C ends it)"
export TRIPSEAL_WORKER=1
exec .venv/bin/gunicorn config.wsgi --bind "127.0.0.1:$port" --workers 1 --threads 8 --no-control-socket --log-level warning
