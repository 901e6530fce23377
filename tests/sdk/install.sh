#!/bin/sh
# install.sh DIRECTORY: the pinned packages of foreign programs go there, with
# copies of our own, which find them beside themselves. Nothing is installed
# into the source tree. Exit 77: they are not to be had, and why.
set -eu
dir=$1
here=$(dirname "$0")

skip() {
    echo "skip: $*"
    exit 77
}

command -v npm >/dev/null || skip "npm is not installed"
mkdir -p "$dir"
cp "$here"/*.mjs "$here"/*.py "$here/package.json" "$dir/" 2>/dev/null || :
cp "$here/package.json" "$here/.npmrc" "$dir/"
if ! cmp -s "$here/package-lock.json" "$dir/package-lock.json"; then
    rm -f "$dir/package-lock.json"
    mkdir -p "$dir/new"
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$dir/new/"
    (cd "$dir/new" && npm ci --ignore-scripts) ||
        skip "npm cannot install (no registry?)"
    rm -rf "$dir/node_modules"
    mv "$dir/new/node_modules" "$dir/node_modules"
    rm -rf "$dir/new"
    cp "$here/package-lock.json" "$dir/package-lock.json"
fi
if ! cmp -s "$here/requirements.txt" "$dir/requirements.txt"; then
    rm -rf "$dir/venv" "$dir/requirements.txt"
    python3 -m venv "$dir/venv" || skip "python3 has no venv"
    "$dir/venv/bin/pip" install --quiet --requirement "$here/requirements.txt" ||
        skip "pip cannot install (no registry?)"
    cp "$here/requirements.txt" "$dir/requirements.txt"
fi
