#!/bin/sh
# format.sh: the whole tree is as clang-format would write it.
set -eu
cd "$(dirname "$0")/../.."
command -v clang-format >/dev/null || {
    echo "skip: clang-format is not installed"
    exit 77
}
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT
find include lib tests examples -name '*.[ch]' ! -path 'lib/catalog/models*' \
    -exec clang-format --dry-run --Werror {} + 2>&1 |
    sed -n 's/^\([^:]*:[0-9]*\):.*error: .*/\1 is not formatted/p' |
    sort -u >"$wrong"
cat "$wrong"
echo "format: $(grep -c . "$wrong") lines"
[ ! -s "$wrong" ]
