#!/usr/bin/env bash
# npm start: sets up what is missing, then runs unfreed with the arguments given (none: trace this machine).
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/scripts/setup.sh" || exit 1
exec node "$here/dist/main.js" "$@"
