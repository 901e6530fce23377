#!/bin/sh
# tidy.sh BUILD: clang-tidy over the library, with the commands of a clang
# build (its compile_commands.json).
set -eu
build=$1
for tool in clang-tidy python3; do
    command -v $tool >/dev/null || {
        echo "skip: $tool is not installed"
        exit 77
    }
done
[ -e "$build/compile_commands.json" ] || {
    echo "skip: there is no clang build in $build"
    exit 77
}
status=0
tidy() { # checks taken out, folder
    find "$2" -name '*.c' ! -path 'lib/catalog/models*' | sort |
        xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" \
            --checks="$1" 2>/dev/null || status=1
}
tidy "" lib
# programs may print without looking, and read the environment
tidy "-cert-err33-c,-concurrency-mt-unsafe" examples
exit $status
