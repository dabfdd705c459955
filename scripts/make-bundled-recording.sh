#!/usr/bin/env bash
# Records the bundled recording again on this machine, as root. Only the known loads keep their
# process names; all others are anonymised.
#   scripts/make-bundled-recording.sh recordings/bpf/6.18-held-pipes/held-pipes.unfreed
set -eu
cd "$(dirname "$0")/.."
out=$1
scripts/setup.sh
make -s -C scripts/loads
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The loads get "go" some time into the trace and hold until after its end, so that everything they
# hold is outstanding there.
(sleep 1.5; echo go; sleep 8) | scripts/build/hold-pipes 101 --wait --every 30 &
(sleep 2.5; echo go; sleep 7) | scripts/build/hold-sockets 23 --wait &
node dist/main.js record -o "$work/raw.unfreed" --duration 7s
node dist/main.js anonymize "$work/raw.unfreed" -o "$out" --force --keep hold-pipes hold-sockets
wait
