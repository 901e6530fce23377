#!/bin/sh
# without_stores.sh SOURCE BUILD CMAKE CC: the library builds, and its ledger
# works, where there is neither SQLite nor libpq.
set -eu
"$3" -S "$1" -B "$2" -DCMAKE_C_COMPILER="$4" -DCMAKE_BUILD_TYPE=Debug \
    -DLLMGW_WERROR=ON -DLLMGW_WITH_SQLITE=OFF -DLLMGW_WITH_POSTGRES=OFF \
    >/dev/null
"$3" --build "$2" --parallel 2 --target unit_account_report >/dev/null
"$2/tests/unit_account_report"
