#!/bin/sh
# with_postgres.sh COMMAND...: run a command with a PostgreSQL of its own on
# loopback; its connection string is in LLMGW_TEST_POSTGRES, the folder of its
# data in LLMGW_TEST_POSTGRES_DATA. Answers 77 where there is no PostgreSQL.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /none/initdb)")
if [ ! -x "$bin/initdb" ] || [ ! -x "$bin/pg_ctl" ]; then
    echo "skipped: there is no PostgreSQL (initdb, pg_ctl)"
    exit 77
fi
as= # it refuses to run as root
if [ "$(id -u)" -eq 0 ]; then
    user=$(id -un postgres 2>/dev/null || id -un nobody)
    as="setpriv --reuid=$user --regid=$(id -gn "$user") --clear-groups"
fi
data=$(mktemp -d /tmp/llmgw-postgres-XXXXXX)
[ -z "$as" ] || chown "$user" "$data"
stop() {
    $as "$bin/pg_ctl" -D "$data/db" -m immediate stop >/dev/null 2>&1 || :
    rm -rf "$data"
}
trap stop EXIT INT TERM
cd "$data"
$as "$bin/initdb" -D "$data/db" -A trust -U llmgw -E UTF8 --no-locale \
    --no-sync >"$data/log" 2>&1 || { cat "$data/log"; exit 1; }
# a port of its own, that nobody has yet
port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
$as "$bin/pg_ctl" -D "$data/db" -w -l "$data/server.log" -o "-p $port \
-k $data -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null ||
    { cat "$data/server.log"; exit 1; }
LLMGW_TEST_POSTGRES="postgresql://llmgw@127.0.0.1:$port/postgres"
LLMGW_TEST_POSTGRES_DATA="$data/db"
LLMGW_TEST_POSTGRES_CTL="$as $bin/pg_ctl -D $data/db -w -l $data/server.log \
-o '-p $port -k $data -c listen_addresses=127.0.0.1 -c fsync=off'"
export LLMGW_TEST_POSTGRES LLMGW_TEST_POSTGRES_DATA LLMGW_TEST_POSTGRES_CTL
cd "$OLDPWD"
code=0
"$@" || code=$?
exit $code
