#!/usr/bin/env bash
# Takes the README's screen again: a load that fills and holds one more pipe every 25 ms, and unfreed
# live in a real terminal (tmux), as root.
#   scripts/screen.sh [COLUMNS ROWS [KEYS...]]    keys as tmux names them, e.g. Enter
set -eu
cd "$(dirname "$0")/.."
columns=${1:-100} rows=${2:-18}
shift $(($# < 2 ? $# : 2))
command -v tmux >/dev/null || { echo 'screen.sh needs tmux: apt-get install tmux' >&2; exit 1; }
scripts/setup.sh
make -s -C scripts/loads
session=unfreed-screen-$$
trap 'tmux kill-session -t "$session" 2>/dev/null' EXIT
tmux new-session -d -s "$session" -x "$columns" -y "$rows" "node dist/main.js live"
for _ in $(seq 100); do
  tmux capture-pane -p -t "$session" | grep -q 'q quit' && break
  sleep 0.1
done
(echo go; sleep 17) | scripts/build/hold-pipes 900 --wait --every 25 >/dev/null &
sleep 13
for key in "$@"; do tmux send-keys -t "$session" "$key"; sleep 0.5; done
tmux capture-pane -p -t "$session"
tmux send-keys -t "$session" q q
wait
