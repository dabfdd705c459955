#!/usr/bin/env bash
# npm run test:modes [-- MODE... FILE...]: runs the live tests once in each mode of the collector
# but the default one, in which npm test runs them. As root; seven minutes. A mode is one of
#   walk       every event, call paths walked by the kernel (--stacks walk)
#   survivors  only allocations that reach an age of a second (--min-age 1s)
#   sample     1 address in 4 (--sample 1/4)
#   budget     at most 0.1 % of all CPU time, beside a load that exceeds it (--max-overhead 0.1%)
#   all        the default mode; runs only if it is named
# and FILE is a part of the name of a file in test/live. Tests that do not run in a mode are listed
# with their reason in test/helpers/modes.ts; the list is printed at the end.
set -u
cd "$(dirname "$0")/.."
case " $* " in *' --help '*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' scripts/test-modes.sh; exit 0 ;; esac
scripts/setup.sh || exit 1
exec node scripts/run-ts.mjs scripts/test-modes.ts "$@"
