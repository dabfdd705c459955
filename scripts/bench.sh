#!/usr/bin/env bash
# npm run bench [-- --json FILE] [STREAM...]: see bench.ts.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh
exec node --expose-gc scripts/run-ts.mjs scripts/bench.ts "$@"
