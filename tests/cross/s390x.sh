#!/bin/sh
# s390x.sh DIRECTORY: the unit tests of the rooms that read and write bytes, on
# a big-endian machine: cross gcc, Debian's own libraries for it in a private
# sysroot, run by qemu.
set -eu
dir=$1
target=s390x-linux-gnu
for tool in $target-gcc qemu-s390x-static apt-get dpkg; do
    command -v $tool >/dev/null || {
        echo "skip: $tool is not installed"
        exit 77
    }
done
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
sysroot=$dir/sysroot

# an apt of its own: this system's packages are neither seen nor touched
private_apt() {
    apt-get -o APT::Architecture=s390x -o APT::Architectures=s390x \
        -o Dir::State="$dir/apt/state" -o Dir::Cache="$dir/apt/cache" \
        -o Dir::State::status="$dir/apt/status" \
        -o APT::Sandbox::User="$(id -un)" \
        -o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}
if [ ! -e "$sysroot/complete" ]; then
    mkdir -p "$dir/apt/state/lists/partial" "$dir/apt/cache/archives/partial"
    : >"$dir/apt/status"
    private_apt update || :
    private_apt install -y --download-only libc6-dev libgcc-12-dev \
        libcurl4-openssl-dev libcjson-dev libmbedtls-dev libcmocka-dev || {
        echo "skip: Debian's packages for s390x cannot be fetched"
        exit 77
    }
    for package in "$dir"/apt/cache/archives/*.deb; do
        dpkg -x "$package" "$sysroot"
    done
    : >"$sysroot/complete"
fi
cat >"$dir/toolchain.cmake" <<EOT
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER $target-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE $target)
set(CMAKE_SYSROOT $sysroot)
set(CMAKE_FIND_ROOT_PATH $sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-s390x-static -L $sysroot)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,-rpath-link,$sysroot/lib/$target:$sysroot/usr/lib/$target")
EOT
export PKG_CONFIG_SYSROOT_DIR="$sysroot"
export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$target/pkgconfig"
cmake -S . -B "$dir/build" -DCMAKE_TOOLCHAIN_FILE="$dir/toolchain.cmake" \
    -DLLMGW_WERROR=ON -DLLMGW_EXAMPLES=OFF -DLLMGW_BUILD_SHARED=OFF
cmake --build "$dir/build" --target unit_tests -j "$(nproc)"
ctest --test-dir "$dir/build" -j "$(nproc)" --output-on-failure \
    -R '^unit_(base|schema|catalog|provider|stream)_'
