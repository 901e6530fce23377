#!/bin/sh
# install.sh DIRECTORY: the foreign mock at its pinned version goes there, never
# into the source tree. Exit 77: it is not to be had, and why.
set -eu
dir=$1
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skip: $*"
    exit 77
}

command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"
mkdir -p "$dir"
cd "$dir"
cp "$here/package.json" "$here/.npmrc" .
# the list is copied last: what was cut short is done again
if ! cmp -s "$here/package-lock.json" done-lock.json; then
    rm -f done-lock.json
    cp "$here/package-lock.json" .
    npm ci --ignore-scripts || skip "npm cannot install, or reach a registry"
    cp package-lock.json done-lock.json
fi
node node_modules/@copilotkit/aimock/dist/cli.js --help >/dev/null ||
    skip "node $(node --version) cannot run the mock"
