#!/usr/bin/env bash
# npm run bench [-- [PART [ARG...]] [--quick] [--json FILE]]: see bench.ts.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh
exec node --expose-gc scripts/run-ts.mjs scripts/bench.ts "$@"
