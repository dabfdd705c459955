#!/usr/bin/env bash
# Records the recordings of growth again on this machine, as root: recordings/bpf/6.18-NAME/NAME.unfreed and the
# truth.json beside it, which says what the loads themselves counted. Only the loads keep their names.
#   scripts/make-recordings.sh NAME...    demo pipes tmpfs anon sockets before quiet
set -eu
cd "$(dirname "$0")/.."
loads=$PWD/scripts/build
scripts/setup.sh
make -s -C scripts/loads
work=$(mktemp -d)
running=()
finish() {
  [ "${#running[@]}" -eq 0 ] || kill "${running[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# start_load ID COMMAND...: starts a load that waits for "go" in $work/ID.in and answers in $work/ID.out.
start_load() {
  local id=$1
  shift
  mkfifo "$work/$id.in" "$work/$id.out"
  # Both ends stay open here: a load ends when nobody can write to it any more.
  exec {held}<>"$work/$id.in" {answers}<>"$work/$id.out"
  "$@" --wait <"$work/$id.in" >"$work/$id.out" &
  running+=($!)
  read -r _ <"$work/$id.out"
}

# What runs beside a leak on an ordinary day: it comes and goes, and holds nothing in the end.
ordinary() {
  cat >"$work/ordinary.sh" <<END
while :; do
  find /usr/include/linux -name '*.h' -newer /etc/passwd >/dev/null
  tar c -C /usr/include linux 2>/dev/null | cat >/dev/null
  sleep 2
  gcc -c -o $work/out.o $PWD/scripts/loads/many-names.c
  sleep $1
done
END
}

# record_trace DRIVER: traces while DRIVER runs, a bash script; ends as soon as it ends.
record_trace() {
  node dist/main.js record -o "$work/raw.unfreed" --duration 120s -- bash -c "cd $work; $1"
}

# keep NAME TRUTH KEEP...: writes the anonymised recording and the truth beside it.
keep() {
  local name=$1 text=$2
  shift 2
  mkdir -p "recordings/bpf/6.18-$name"
  node scripts/run-ts.mjs scripts/leave-out-pairs.ts "$work/raw.unfreed" "$work/small.unfreed" "$@"
  node dist/main.js anonymize "$work/small.unfreed" -o "recordings/bpf/6.18-$name/$name.unfreed" --force --keep "$@"
  printf '%s\n' "$text" | node -e '
    const truth = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    process.stdout.write(`${JSON.stringify(truth, null, 2)}\n`);' >"recordings/bpf/6.18-$name/truth.json"
  chmod 644 "recordings/bpf/6.18-$name/$name.unfreed"
  ls -l "recordings/bpf/6.18-$name/$name.unfreed"
}

# growing NAME KIND STEPS EVERY_MS NOUN MEMINFO UNIT_BYTES: one load grows to the end beside ordinary load.
# UNIT_BYTES is the size of a page or object.
growing() {
  local name=$1 kind=$2 steps=$3 every=$4 noun=$5 meminfo=$6 unit=$7
  ordinary 4
  start_load grow "$loads/grow" "$kind" "$steps" "$every"
  record_trace 'bash ordinary.sh & other=$!; sleep 2; echo go >grow.in; read -r held <grow.out; echo "$held" >held
    kill $other'
  keep "$name" "$(truth_of "$kind" "$noun" "$meminfo" "$unit" "$work/held")" "grow-$kind" tar find gcc cc1 as
}

# truth_of KIND NOUN MEMINFO UNIT_BYTES HELD_FILE
truth_of() {
  node -e '
    const [kind, noun, meminfo, unit, file] = process.argv.slice(1);
    const held = JSON.parse(require("node:fs").readFileSync(file, "utf8"));
    const [{ allocator, symbol, count }] = held.truth;
    const bytes = count * Number(unit);
    console.log(JSON.stringify({
      state: "growing", who: held.program, pid: held.pid, noun, meminfo, allocator, symbol, count, bytes,
      bytesPerMinute: Math.round((bytes / held.steps) * (60_000 / held.everyMs)),
    }));' "$@"
}

for name in "$@"; do
  rm -f "$work"/*
  case $name in
  demo)
    ordinary 5
    start_load grow "$loads/grow" pipes 570 100
    start_load other "$loads/grow" tmpfs 240 100
    record_trace 'bash ordinary.sh & other=$!; sleep 3; echo go >grow.in; sleep 9; echo go >other.in; read -r held <grow.out
      echo "$held" >held; kill $other'
    keep demo "$(truth_of pipes 'pipe buffers' none 4096 "$work/held")" grow-pipes grow-tmpfs tar find gcc cc1 as
    ;;
  pipes) growing pipes pipes 280 50 'pipe buffers' none 4096 ;;
  tmpfs) growing tmpfs tmpfs 280 50 'tmpfs files' Shmem 4096 ;;
  anon) growing anon anon 280 50 'process memory' AnonPages 4096 ;;
  sockets) growing sockets sockets 700 20 sockets SUnreclaim "$(cat /sys/kernel/slab/UNIX/object_size)" ;;
  before)
    # They hold 36,000 full pipes before the trace begins, and nothing grows after that.
    for part in 1 2 3 4; do
      start_load "full$part" "$loads/hold-pipes" 9000
      echo go >"$work/full$part.in"
      read -r _ <"$work/full$part.out"
    done
    ordinary 4
    record_trace 'bash ordinary.sh & other=$!; sleep 15; kill $other'
    keep before '{"state":"before","who":null,"noun":null,"meminfo":"none","bytes":2359296000,"bytesPerMinute":0}' \
      hold-pipes tar find gcc cc1 as
    ;;
  quiet)
    ordinary 4
    record_trace 'bash ordinary.sh & other=$!; sleep 24; kill $other'
    keep quiet '{"state":"quiet","who":null,"noun":null,"meminfo":null,"bytes":0,"bytesPerMinute":0}' \
      tar find gcc cc1 as
    ;;
  *)
    echo "make-recordings.sh: $name: not demo, pipes, tmpfs, anon, sockets, before or quiet" >&2
    exit 2
    ;;
  esac
  [ "${#running[@]}" -eq 0 ] || kill "${running[@]}" 2>/dev/null || true
  wait
  running=()
done
