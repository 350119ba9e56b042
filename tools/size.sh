#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Prints a program's size without symbols.
set -eu
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
strip -o "$copy" "$1"
echo "$(basename "$1"): $(stat -c %s "$copy") bytes stripped"
