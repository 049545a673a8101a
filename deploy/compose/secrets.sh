#!/bin/sh
# Makes what the containers of compose.yaml prove themselves with: random, once, each file for the one
# user that reads it. Nothing is printed. `docker compose down --volumes` forgets all of it, with the
# data that it opens.
set -eu
umask 077
# secrets.sh [FOLDER [OWNER]]: an owner of everything, where nobody else may be given files.
cd "${1:-/run/caly}"
# The containers' users reach the files; only root lists or changes them.
chmod 711 .

# write FILE OWNER VALUE: all of it or nothing, also when it is killed.
write() {
  printf '%s' "$3" >"$1.new"
  chown "$2" "$1.new"
  chmod 400 "$1.new"
  mv "$1.new" "$1"
}
# keep FILE OWNER: a random value that stays what it is.
keep() {
  [ -s "$1" ] || write "$1" "$2" "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
}

# Users by number, since this image does not know their names.
postgres=${2:-999} caly=${2:-1000} prometheus=${2:-65534} grafana=${2:-472} root=${2:-0}

keep postgres-password "$postgres"
keep reader-password "$postgres"
keep metrics-token "$prometheus"
keep grafana-password "$grafana"
keep encryption-key "$root"
write reader-password-of-grafana "$grafana" "$(cat reader-password)"
write caly.env "$caly" "DATABASE_URL=postgres://caly:$(cat postgres-password)@postgres:5432/caly
ENCRYPTION_KEY=$(cat encryption-key)
METRICS_TOKEN=$(cat metrics-token)
"
