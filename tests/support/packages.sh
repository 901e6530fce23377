# packages.sh - sourced by the two commands of the README: install what is
# missing, where that is possible without asking (Debian, root or sudo).

# install_packages PACKAGE...: answers 0 when all are there afterwards
install_packages() {
    missing=
    command -v dpkg-query >/dev/null || {
        echo "not a Debian system: please see to it that these are there: $*"
        return 1
    }
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root="sudo -n"
        sudo -n true 2>/dev/null || {
            echo "neither root nor sudo without a password: please install$missing"
            return 1
        }
    fi
    echo "installing$missing"
    apt_log=$(mktemp)
    # an index that is being synchronized does not matter if the rest is there
    $as_root apt-get update >"$apt_log" 2>&1 || :
    absent=
    # shellcheck disable=SC2086  # words on purpose
    apt_install $missing || for package in $missing; do
        apt_install "$package" || absent="$absent $package" # what there is
    done
    [ -z "$absent" ] || tail -n 10 "$apt_log"
    rm -f "$apt_log"
    [ -z "$absent" ] || echo "could not install$absent"
    [ -z "$absent" ]
}

apt_install() {
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends "$@" >>"$apt_log" 2>&1
}

# what the library needs to be built, and its tests
LIBRARY_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config
    libcurl4-openssl-dev libcjson-dev libmbedtls-dev libcmocka-dev
    libsqlite3-dev libpq-dev"
