#!/usr/bin/env bash
# npm run build: dist/ and the collector, whatever their age.
set -eu
cd "$(dirname "$0")/.."
rm -f dist/.built bpf/build/.built
exec scripts/setup.sh
