#!/bin/sh
# consumers.sh BUILD CMAKE CC: installs the build into a prefix of its own;
# then a C and a C++ program are built with it in every way the README names,
# and run.
set -eu
build=$1 cmake=$2 cc=$3
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for tool in pkg-config readelf c++; do
    command -v $tool >/dev/null || {
        echo "skip: $tool is not installed"
        exit 77
    }
done

must() { # what, command...: says what failed, with its output
    what=$1
    shift
    "$@" >"$tmp/log" 2>&1 || {
        cat "$tmp/log"
        echo "failed: $what"
        exit 1
    }
    echo "ok: $what"
}

linked_with() { # program, yes or no: is it bound to the shared library?
    case $(readelf -d "$1") in
    *libllmgw.so*) [ "$2" = yes ] ;;
    *) [ "$2" = no ] ;;
    esac
}

must "install" "$cmake" --install "$build" --prefix "$tmp/prefix"
pc=$(find "$tmp/prefix" -name llmgw.pc)
lib=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH="$lib/pkgconfig" LD_LIBRARY_PATH="$lib"
for compiler in "$cc" c++; do
    program=$here/program.c
    [ "$compiler" != c++ ] || program=$here/program.cpp
    # shellcheck disable=SC2046  # flags are words
    must "pkg-config, $(basename "$program")" "$compiler" \
        $(pkg-config --cflags llmgw) "$program" -o "$tmp/program" \
        $(pkg-config --libs llmgw)
    must "runs" "$tmp/program"
    must "is bound to the shared library" linked_with "$tmp/program" yes
done

must "CMake" "$cmake" -S "$here" -B "$tmp/cmake" \
    -DCMAKE_PREFIX_PATH="$tmp/prefix" -DCMAKE_C_COMPILER="$cc"
must "CMake, build" "$cmake" --build "$tmp/cmake"
for language in c cpp; do
    must "CMake, shared, $language" "$tmp/cmake/${language}_llmgw"
    must "CMake, static, $language" "$tmp/cmake/${language}_llmgw_static"
    must "is bound to the shared library" \
        linked_with "$tmp/cmake/${language}_llmgw" yes
    must "is not" linked_with "$tmp/cmake/${language}_llmgw_static" no
done

must "CMake, in the tree, configures" "$cmake" -S "$here" -B "$tmp/tree" \
    -DLLMGW_TREE="$here/../.." -DCMAKE_C_COMPILER="$cc"

# a moved tree with the static library alone
mv "$tmp/prefix" "$tmp/moved"
lib=$tmp/moved/${lib#"$tmp/prefix/"}
rm "$lib"/libllmgw.so*
export PKG_CONFIG_PATH="$lib/pkgconfig"
unset LD_LIBRARY_PATH
must "pkg-config knows the moved tree" \
    test "$(pkg-config --variable=libdir llmgw | xargs realpath)" = "$lib"
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
flags=$(pkg-config --static --libs libcurl libcjson)
# shellcheck disable=SC2086
if "$cc" "$tmp/empty.c" -o "$tmp/empty" $flags 2>"$tmp/log"; then
    # shellcheck disable=SC2046
    must "pkg-config --static" "$cc" $(pkg-config --static --cflags llmgw) \
        "$here/program.c" -o "$tmp/program" \
        $(pkg-config --static --libs llmgw)
    must "runs" "$tmp/program"
else
    echo "skip: pkg-config --static: libcurl's own libraries are not" \
        "installed ($(sed -n 's/.*cannot find \(-l[a-z0-9_]*\).*/\1/p' \
            "$tmp/log" | head -n 1), …)"
    case $(pkg-config --static --libs llmgw) in
    *-lmbedcrypto*) ;;
    *) must "--static names mbedTLS" false ;;
    esac
fi
# shellcheck disable=SC2046
must "static, with the system's shared libcurl" "$cc" -DLLMGW_STATIC \
    -I"$tmp/moved/include" "$here/program.c" -o "$tmp/program" \
    "$lib/libllmgw.a" $(pkg-config --libs libcurl libcjson) -lmbedcrypto \
    -pthread
must "runs" "$tmp/program"
