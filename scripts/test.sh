#!/usr/bin/env bash
# npm test: set-up, types, lint, unit tests, then the live tests on this machine's kernel, one at a
# time. With arguments, which go to vitest (a file or -t NAME), only the tests run.
set -u
cd "$(dirname "$0")/.."
scripts/setup.sh || exit 1
if [ $# -gt 0 ]; then
  exec npx --no-install vitest run --config test/vitest.config.ts "$@"
fi
failed=0
step() { # step NAME COMMAND...
  local name=$1 start=$SECONDS; shift
  if "$@"; then printf '== %s: ok (%d s)\n' "$name" $((SECONDS - start)); else printf '== %s: FAILED\n' "$name"; failed=1; fi
}
step types npx --no-install tsc --noEmit
step lint npm run --silent lint
step 'unit tests' npx --no-install vitest run --config test/vitest.config.ts --project unit
step 'live tests' npx --no-install vitest run --config test/vitest.config.ts --project live
exit $failed
