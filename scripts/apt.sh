#!/usr/bin/env bash
# Lay in what the machine lacks: scripts/apt.sh COMMAND-OR-PATH=PACKAGE...
# What is there already is left alone. What cannot be had is named in one line.
set -euo pipefail

there() { command -v "$1" >/dev/null || compgen -G "$1" >/dev/null; }

packages=()
for need; do
    there "${need%=*}" || packages+=("${need#*=}")
done
[ ${#packages[@]} -gt 0 ] || exit 0

refuse() {
    echo "missing: ${packages[*]} ($1); install: apt-get install ${packages[*]}" >&2
    exit 1
}

as=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || refuse "neither root nor sudo without a password"
    as=(sudo -n)
fi
command -v apt-get >/dev/null || refuse "this machine has no apt-get"

echo "installing: ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@" >>"$log" 2>&1; }
apt update && apt install -y --no-install-recommends "${packages[@]}" || {
    tail -n 20 "$log" >&2
    refuse "apt-get could not install them"
}
