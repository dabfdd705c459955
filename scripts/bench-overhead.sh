#!/usr/bin/env bash
# npm run bench:overhead [-- OPTIONS]: see bench-overhead.ts. exec, so that Ctrl-C and kill reach the
# bench itself.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh
exec node scripts/run-ts.mjs scripts/bench-overhead.ts "$@"
