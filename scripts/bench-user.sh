#!/usr/bin/env bash
# npm run bench:user [-- --quick]: see bench-user.ts.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh
make -s -C scripts/loads
exec node scripts/run-ts.mjs scripts/bench-user.ts "$@"
