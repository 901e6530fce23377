#!/bin/sh
# with_fake.sh FAKE PROGRAM WANT [SCRIPT...]: run a program against the fake
# provider; it must succeed and print WANT (an extended regular expression).
set -eu
fake=$1 program=$2 want=$3
shift 3
for script; do
    set -- "$@" --script "$script"
    shift
done

tmp=$(mktemp -d)
mkfifo "$tmp/url"
"$fake" "$@" >"$tmp/url" &
pid=$!
trap 'kill "$pid" 2>/dev/null || :; rm -rf "$tmp"' EXIT
read -r _ url <"$tmp/url"

export OPENAI_API_KEY=test OPENAI_BASE_URL="$url/openai/v1"
export ANTHROPIC_API_KEY=test ANTHROPIC_BASE_URL="$url/anthropic"
export QUICKSTART_URL="$url" no_proxy=127.0.0.1
"$program" >"$tmp/out" 2>&1 || {
    cat "$tmp/out"
    echo "$program failed"
    exit 1
}
cat "$tmp/out"
grep -Eq -- "$want" "$tmp/out" || {
    echo "not printed: $want"
    exit 1
}
