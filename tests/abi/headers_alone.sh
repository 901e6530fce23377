#!/bin/sh
# headers_alone.sh COMPILER STANDARD INCLUDE_DIR: every public header compiles
# alone, twice in a row, with every warning an error.
set -eu
compiler=$1 standard=$2 include=$3

command -v "$compiler" >/dev/null || {
    echo "skip: $compiler is not installed"
    exit 77
}
case $standard in
*++*) language=c++ ;;
*) language=c ;;
esac
cd "$include"
status=0
for header in $(find llmgw -name '*.h' | LC_ALL=C sort); do
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
        "$compiler" -x $language -std="$standard" -I. -Wall -Wextra \
            -Wpedantic -Werror -fsyntax-only - || {
        echo "$header does not compile alone as $standard ($compiler)"
        status=1
    }
done
exit $status
