#!/bin/sh
# symbols.sh LIBRARY HEADERS LIST: the library exports what the headers declare
# and the list says, no more and no less.
set -eu
library=$1 headers=$2 list=$3
export LC_ALL=C
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# LLMGW_API type *llmgw_name(
find "$headers" -name '*.h' -exec cat {} + | tr '\n' ' ' |
    grep -o 'LLMGW_API [^;(#]*(' |
    sed -n 's/.*[ *]\(llmgw_[a-z0-9_]*\)($/\1/p' | sort >"$tmp/declared"
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' |
    sed 's/@.*//' | sort >"$tmp/exported"

status=0
compare() {
    if ! diff "$tmp/$1" "$2" >"$tmp/diff"; then
        echo "$1 (<) and $(basename "$2") (>) differ:"
        cat "$tmp/diff"
        status=1
    fi
}
compare declared "$list"
compare exported "$list"
[ "$status" -ne 0 ] || echo "$(grep -c . "$list") symbols"
exit "$status"
