#!/usr/bin/env bash
# npm run test:live-long [-- ARG...]: the live tests that last. The arguments go to vitest. As root it installs the
# tools that are looked at beside ours.
set -eu
cd "$(dirname "$0")/.."
missing=()
need() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need free procps
need swapon util-linux
need sar sysstat
need c++ g++
. scripts/install-missing.sh
install_missing live-long "${missing[@]}"
exec npx --no-install vitest run --config test/vitest.config.ts --project live-long "$@"
