#!/usr/bin/env bash
# npm run test:compile [-- KERNEL...]: compiles the eBPF programs against the types of each guest kernel
# and of this one, with this machine's clang and with the newest that Debian has. KERNEL is a series
# (5.10, 6.1, ...), `oldest` or `newest`; without one, all that the archive has.
# Kernels and compilers are unpacked under ${XDG_CACHE_HOME:-~/.cache}/unfreed/guest, never installed.
set -eu
cd "$(dirname "$0")/.."
case " $* " in *' --help '*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' scripts/test-compile.sh; exit 0 ;; esac
scripts/setup.sh

missing=()
need() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need clang clang
need bpftool bpftool
need make make
need xz xz-utils
need zstd zstd
. scripts/install-missing.sh
install_missing compile "${missing[@]}"
exec node scripts/run-ts.mjs test/guest/compile/main.ts "$@"
