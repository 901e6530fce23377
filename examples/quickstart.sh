#!/bin/sh
# quickstart.sh [QUESTION]: from a bare Debian (root or sudo) to a streamed
# answer: installs what is missing, builds the library, asks.
#
# With keys in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, …) it asks
# those providers; without any it starts a fake provider on this machine.
set -eu
cd "$(dirname "$0")/.."
. tests/support/packages.sh

# shellcheck disable=SC2086  # words on purpose
install_packages $LIBRARY_PACKAGES || echo "trying with what is there"
mkdir -p build
log=build/quickstart.log
if command -v ninja >/dev/null; then
    export CMAKE_GENERATOR=Ninja # for a new build directory
fi
{
    cmake -S . -B build && cmake --build build \
        --target example_quickstart llmgw-fake
} >"$log" 2>&1 || {
    tail -n 20 "$log"
    echo "the build failed; all of it is in $log"
    exit 1
}

code=0
build/examples/quickstart "$@" || code=$?
[ $code -eq 3 ] || exit $code # 3: there is no key

tmp=$(mktemp -d)
mkfifo "$tmp/url"
answer="This is the second provider of the route; the first one said that it \
is overloaded, and was left without a word to you. Both are played by a \
program on this machine: set OPENAI_API_KEY or the like, and a model answers."
build/tests/llmgw-fake --script 'POST /anthropic :: error=overloaded' \
    --script "POST /openai :: delay_us=50000 text='$answer'" >"$tmp/url" &
trap 'kill $! 2>/dev/null || :; rm -rf "$tmp"' EXIT
read -r _ QUICKSTART_URL <"$tmp/url"
export QUICKSTART_URL no_proxy=127.0.0.1
build/examples/quickstart "$@"
