#!/bin/sh
# windows.sh DIRECTORY: the library compiles for Windows (mingw-w64). Nothing
# is linked but the archive: the headers of libcurl, cJSON and mbedTLS are this
# system's, which say the same there; their libraries are not needed.
set -eu
dir=$1
target=x86_64-w64-mingw32
command -v $target-gcc >/dev/null || {
    echo "skip: $target-gcc is not installed"
    exit 77
}
include=$PWD/$dir/include
rm -rf "$include"
mkdir -p "$include"
for header in curl/curl.h cjson/cJSON.h mbedtls/md.h; do
    file=$(printf '#include <%s>\n' "$header" | cc -E - |
        sed -n "s|^# [0-9]* \"\(.*/$header\)\".*|\1|p" | head -n 1)
    cp -R "$(dirname "$file")" "$include/"
done
# mbedTLS includes its sibling
if [ -d "$(dirname "$(dirname "$file")")/psa" ]; then
    cp -R "$(dirname "$(dirname "$file")")/psa" "$include/"
fi
cat >"$dir/toolchain.cmake" <<EOT
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER $target-gcc)
set(CMAKE_FIND_ROOT_PATH /usr/$target)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
EOT
# named, never opened: an archive is not linked with anything
lib=$PWD/$dir/absent.a
: >"$lib"
cmake -S . -B "$dir" -DCMAKE_TOOLCHAIN_FILE="$dir/toolchain.cmake" \
    -DLLMGW_WERROR=ON -DLLMGW_TESTS=OFF -DLLMGW_EXAMPLES=OFF \
    -DLLMGW_BUILD_SHARED=OFF \
    -DCURL_INCLUDE_DIR="$include" -DCURL_LIBRARY="$lib" \
    -DLLMGW_CJSON_INCLUDE_DIR="$include" -DLLMGW_CJSON_LIBRARY="$lib" \
    -DLLMGW_MBEDCRYPTO_INCLUDE_DIR="$include" \
    -DLLMGW_MBEDCRYPTO_LIBRARY="$lib"
cmake --build "$dir" --target llmgw_static -j "$(nproc)"
