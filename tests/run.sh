#!/bin/sh
# run.sh [--full]: installs what is missing (Debian, root or sudo), builds and
# tests everything. Ends with "N passed, N failed, N skipped"; exits with 0
# only when nothing failed.
#
#   fast   gcc with all tests, clang, ASan and UBSan with all tests
#   --full also TSan, the whole simulation, ten thousand calls of chaos,
#          all of the failover examination, and whether it would notice,
#          Valgrind, libFuzzer, clang-tidy, Windows, big-endian, official SDKs
#          and their types, a mock of providers by others
#
# Logs are in build/log/; skips are told by name, with the reason.
set -u
cd "$(dirname "$0")/.." || exit 2
. tests/support/packages.sh

full=no
case ${1-} in
'') ;;
--full) full=yes ;;
*)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac

if [ -z "${LLMGW_SHARED-}" ] && [ -d ../shared ]; then
    LLMGW_SHARED=$(cd ../shared && pwd)
    export LLMGW_SHARED
fi
jobs=$(nproc 2>/dev/null || echo 2)
log=build/log
mkdir -p $log
: >$log/skips
passed=0
failed=0

note_skip() { # name, reason
    echo "skip: $1: $2" | tee -a $log/skips
}

note() { # name, exit code: counts one check
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok: $1"
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
    fi
}

check() { # name, command...: one check; 77 is a skip
    name=$1
    shift
    "$@" >"$log/$name.log" 2>&1
    code=$?
    if [ $code -eq 77 ]; then
        note_skip "$name" "$(sed -n 's/^skip: //p' "$log/$name.log" | tail -n 1)"
        return 0
    fi
    note "$name" $code
    [ $code -eq 0 ] || show_errors "$log/$name.log"
    return $code
}

# what compilers and linkers complain of, else the end of it all
show_errors() { # log
    grep -E -A 3 'error: |undefined reference|CMake Error' "$1" |
        head -n 40 | grep . || tail -n 40 "$1"
}

configure_and_build() { # directory, target, cmake options...
    dir=$1 target=$2
    shift 2
    launcher=
    command -v ccache >/dev/null && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
    cmake -S . -B "$dir" $launcher -DLLMGW_WERROR=ON "$@" &&
        cmake --build "$dir" -j "$jobs" --target "$target"
}

build() { # name, directory, target, cmake options...
    build_name=build_$1
    shift
    check "$build_name" configure_and_build "$@"
}

# failed tests with the end of what they said
show_failures() { # ctest's log
    awk '/Test +#[0-9]+:/ {
            bad = /\*\*\*/ && !/\*\*\*Skipped/
            left = 60
        }
        /^ *Start +[0-9]+:/ || /% tests passed/ { bad = 0 }
        bad && left-- > 0' "$1"
}

# Skipped tests, a line each with the reason: what a script said ("skip: why")
# or a cmocka test last, before it skipped.
tell_skips() { # ctest's output, its LastTest.log
    awk 'function flush() {
            if (name in skipped && !told)
                print name ": it does not say why"
        }
        NR == FNR && /\*\*\*Skipped/ {
            sub(/^.*Test *#[0-9]+: /, "")
            skipped[$1]
        }
        NR == FNR { next }
        / Testing: / { flush(); name = $3; told = 0; unit = "" }
        /^\[ RUN / { unit = $4; said = "it does not say why"; next }
        /^\[  SKIPPED / && unit != "" { print name ": " unit ": " said; told = 1 }
        /^\[/ { unit = ""; next }
        { sub(/^skipped: /, "skip: ") }
        unit != "" { said = $0; sub(/^skip: /, "", said) }
        unit == "" && /^skip: / { print name ": " substr($0, 7); told = 1 }
        END { flush() }' "$1" "$2"
}

run_ctest() { # name, directory, ctest options...
    name=$1 dir=$2
    shift 2
    results=$log/$name.log
    rm -f "$dir/Testing/Temporary/LastTest.log"
    ctest --test-dir "$dir" -j "$jobs" --output-on-failure "$@" >"$results" 2>&1
    all=$(grep -c 'Test *#[0-9]*:' "$results")
    good=$(grep -c 'Test *#[0-9]*:.* Passed ' "$results")
    none=$(grep -c 'Test *#[0-9]*:.*\*\*\*Skipped' "$results")
    bad=$((all - good - none))
    [ "$all" -gt 0 ] || bad=1
    passed=$((passed + good))
    failed=$((failed + bad))
    echo "$name: $good of $all tests passed"
    tell_skips "$results" "$dir/Testing/Temporary/LastTest.log" \
        >$log/skips.$name
    while IFS= read -r line; do
        note_skip "$name" "$line"
    done <$log/skips.$name
    [ "$bad" -eq 0 ] || show_failures "$results"
}

fast_tier() {
    # its directory is build/ itself: tools are at build/tests/llmgw-*
    build gcc build all -DCMAKE_C_COMPILER=gcc && run_ctest gcc build
    if command -v clang >/dev/null; then
        build clang build/clang all -DCMAKE_C_COMPILER=clang \
            -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
    else
        note_skip clang "clang is not installed"
    fi
    build asan build/asan all -DCMAKE_C_COMPILER=gcc \
        -DLLMGW_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=Debug &&
        run_ctest asan build/asan -LE 'lint|install'
}

full_tier() {
    build tsan build/tsan all -DCMAKE_C_COMPILER=gcc -DLLMGW_SANITIZE=thread \
        -DCMAKE_BUILD_TYPE=Debug &&
        run_ctest tsan build/tsan -LE 'lint|install|abi'
    valgrind_units
    fuzz_all
    check sim build/tests/llmgw-sim
    [ ! -x build/tests/llmgw-crash ] || check crash build/tests/llmgw-crash 300 2
    for kind in '' asan/ tsan/; do
        check "chaos${kind:+_}${kind%/}" "build/${kind}tests/flow_chaos" 10000
    done
    check tidy sh tests/lint/tidy.sh build/clang
    check windows sh tests/cross/windows.sh build/windows
    check big_endian sh tests/cross/s390x.sh build/s390x
    check hostile python3 tests/tools/hostile.py build/asan/tests/llmgw-wire
    check faults build/tests/llmgw-faults
    check faults_mutations python3 tests/tools/faults_mutations.py \
        build/tests/llmgw-faults . build/mutations
    check sdk_types sh tests/sdk/types/run.sh build/tests/llmgw-wire \
        build/sdk-types
    sdks
    check mock_install sh tests/mock/install.sh build/mock
    grep -q '^skip: ' $log/mock_install.log ||
        check mock python3 tests/mock/run.py build/tests/llmgw-ask build/mock
}

sdks() {
    [ -n "${LLMGW_SHARED-}" ] || {
        note_skip sdk "LLMGW_SHARED does not say where the recordings are"
        return
    }
    check sdk_install sh tests/sdk/install.sh build/sdk
    grep -q '^skip: ' $log/sdk_install.log && return
    wire=build/tests/llmgw-wire
    known=tests/sdk/known.txt
    for part in chat compatible responses messages gemini; do
        check "sdk_reads_$part" node build/sdk/read.mjs $part $wire $known
    done
    check sdk_schema node build/sdk/schema.mjs $wire $known \
        tests/fixtures/golden
    check sdk_emit node build/sdk/emit.mjs $wire $known
    check sdk_emit_python build/sdk/venv/bin/python build/sdk/emit.py \
        $wire $known
}

valgrind_units() {
    command -v valgrind >/dev/null || {
        note_skip valgrind "valgrind is not installed"
        return
    }
    for program in build/tests/unit_*; do
        check "valgrind_$(basename "$program")" timeout 900 valgrind --quiet \
            --error-exitcode=9 --leak-check=full --show-leak-kinds=all \
            "$program"
    done
}

fuzz_all() {
    command -v clang >/dev/null || {
        note_skip fuzz "clang is not installed"
        return
    }
    build fuzz build/fuzz fuzz_tests -DCMAKE_C_COMPILER=clang -DLLMGW_FUZZ=ON \
        -DLLMGW_SANITIZE=address,undefined,fuzzer-no-link \
        -DLLMGW_EXAMPLES=OFF || return
    for program in build/fuzz/tests/fuzz_*; do
        parser=${program##*/fuzz_}
        mkdir -p "build/fuzz/corpus/$parser"
        check "fuzz_$parser" "$program" -max_total_time=30 -rss_limit_mb=2048 \
            -error_exitcode=1 -timeout_exitcode=1 \
            -artifact_prefix="build/fuzz/$parser-" \
            "build/fuzz/corpus/$parser" "tests/fuzz/corpus/$parser"
    done
}

# shellcheck disable=SC2086  # words on purpose
install_packages $LIBRARY_PACKAGES || echo "going on with what is there"
install_packages g++ python3 clang clang-format ccache openssl nginx-light \
    postgresql tzdata ||
    echo "what needs these is skipped"
if [ $full = yes ]; then
    install_packages valgrind clang-tidy libclang-rt-14-dev \
        gcc-mingw-w64-x86-64 gcc-s390x-linux-gnu qemu-user-static \
        python3-venv ||
        echo "what needs these is skipped"
    command -v npm >/dev/null || install_packages nodejs npm ||
        echo "what needs these is skipped"
fi
if command -v ninja >/dev/null; then
    export CMAKE_GENERATOR=Ninja # for new build directories
fi

fast_tier
[ $full = no ] || full_tier
echo
[ ! -s $log/skips ] || cat $log/skips
echo "$passed passed, $failed failed, $(grep -c . $log/skips) skipped"
[ "$failed" -eq 0 ]
