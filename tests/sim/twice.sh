#!/bin/sh
# twice.sh PROGRAM ARGUMENT...: its aims are met, and what it prints the second
# time is what it printed the first time, byte for byte.
set -u
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT

"$@" >"$out/first"
code=$?
cat "$out/first"
[ $code -eq 0 ] || exit $code
"$@" >"$out/second"
cmp "$out/first" "$out/second"
