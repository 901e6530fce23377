#!/bin/sh
# run.sh PROGRAM DIRECTORY: what llmgw-wire encodes, checked with the types of
# the official clients. Their pinned packages are installed into DIRECTORY,
# never into the source tree. Exit 77: they are not to be had, and why.
set -eu
program=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skip: $*"
    exit 77
}

command -v npm >/dev/null || skip "npm is not installed"
if ! cmp -s "$here/package-lock.json" "$dir/installed"; then
    rm -f "$dir/installed"
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$dir/"
    (cd "$dir" && npm ci --ignore-scripts) ||
        skip "npm cannot install the clients (no registry?)"
    cp "$here/package-lock.json" "$dir/installed"
fi
python3 -B "$here/check.py" "$program" "$dir"
