#!/usr/bin/env bash
# npm run test:modes [-- MODE... FILE...]: the live tests once in each mode of the collector but the default one, in which
# npm test runs them. As root; seven minutes. A mode is one of
#   walk       every event, call paths walked by the kernel (--stacks walk)
#   survivors  what is older than a second (--min-age 1s)
#   sample     1 address in 4 (--sample 1/4)
#   budget     at most 0.1 % of all CPU time, beside a load that takes more (--max-overhead 0.1%)
#   all        the default; only when it is named
# and FILE a part of the name of a file in test/live. What is not run in a mode is in a list with its reason
# (test/helpers/modes.ts), which is printed at the end.
set -u
cd "$(dirname "$0")/.."
case " $* " in *' --help '*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' scripts/test-modes.sh; exit 0 ;; esac
scripts/setup.sh || exit 1
exec node scripts/run-ts.mjs scripts/test-modes.ts "$@"
