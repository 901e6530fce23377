#!/bin/sh
# install.sh DIRECTORY: foreign programs at their pinned versions go there, with
# copies of ours, which look for them beside themselves. Nothing is installed
# into the source tree. Exit 77: they are not to be had, and why.
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
cp "$here"/*.mjs "$here"/*.py "$here/package.json" "$here/.npmrc" .
# the list is copied last: what was cut short is done again
if ! cmp -s "$here/package-lock.json" done-lock.json; then
    rm -f done-lock.json
    cp "$here/package-lock.json" .
    npm ci --ignore-scripts || skip "npm cannot install, or reach a registry"
    cp package-lock.json done-lock.json
fi
if ! cmp -s "$here/requirements.txt" done-requirements.txt; then
    rm -rf venv done-requirements.txt
    python3 -m venv venv || skip "python3 has no venv"
    venv/bin/pip install --quiet --requirement "$here/requirements.txt" ||
        skip "pip cannot install, or reach a registry"
    cp "$here/requirements.txt" done-requirements.txt
fi
node --input-type=module --eval '
    import "openai"; import "@anthropic-ai/sdk"; import "@google/genai";
    import "ajv";' || skip "node $(node --version) cannot load the packages"
