#!/usr/bin/env bash
# npm run test:guest [-- KERNEL...]: boots other kernels in QEMU, with modules that leak on purpose,
# and compares the figures of unfreed with those of the modules. KERNEL is a series (5.10, 6.1, ...),
# `oldest` or `newest`.
#   --ci           only the kernels that fit into a quarter of an hour, and the census of 6.12
#   --modes[=LIST]  in other modes, one guest each: walk (call paths walked by the kernel), rights
#                  (BPF, PERFMON and SYSLOG alone), survivors (--min-age), sample (1 address in 4), all (every event, as without this option);
#                  without LIST the first four
#   --census       instead of a trace, the census: loads, and memory without any pointer, taken before (test/guest/census)
#   --kaslr        with --census: kernels that choose their addresses by chance
#   --module=NAME  only this test module (uf_pages, uf_slab, ...)
#   --collect=ARGS  more options for the collector, e.g. --collect='--attach tp'
#   --list         lists the available kernels
#   --help
#   --write        keeps the tables in test/guest/RESULTS.md
# Everything large is kept in ${XDG_CACHE_HOME:-~/.cache}/unfreed/guest. More: test/guest/README.md
set -eu
cd "$(dirname "$0")/.."
case " $* " in *' --help '*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' scripts/test-guest.sh; exit 0 ;; esac
scripts/setup.sh
[ -x bpf/build/unfreed-collect ] || { echo 'guest: bpf/build/unfreed-collect is not built' >&2; exit 1; }

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need qemu-system-x86_64 qemu-system-x86
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || missing+=(busybox-static)
need xz xz-utils
need zstd zstd
need make make
need gcc gcc
[ -e /usr/include/libelf.h ] || missing+=(libelf-dev)
. scripts/install-missing.sh
install_missing guest "${missing[@]}"
exec node scripts/run-ts.mjs test/guest/main.ts "$@"
