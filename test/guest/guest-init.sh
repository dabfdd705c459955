#!/bin/busybox sh
# Process 1 of a guest. For each module under test: starts the collector, waits until it traces, lets
# the module work and stops it, stops the collector, removes the module. Results go to /out, a folder
# of the host.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin
echo "GUEST booted $(uname -r)"
grep -q uf_probe /proc/cmdline && poweroff -f

for module in $(cat /modules/order); do insmod "/modules/$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /out || { echo 'GUEST no 9p'; poweroff -f; }
uname -r >/out/release
options=$(sed -n 's/.*uf_collect="\([^"]*\)".*/\1/p' /proc/cmdline)
prefix=
grep -q uf_rights /proc/cmdline && prefix=fewer-rights
$prefix unfreed-collect --probe >/out/probe.jsonl 2>&1

# wait_for SECONDS COMMAND...: waits until the command succeeds
wait_for() {
  tenths=$(($1 * 10)); shift
  while [ $tenths -gt 0 ]; do
    "$@" && return 0
    sleep 0.1
    tenths=$((tenths - 1))
  done
  return 1
}
worked() { [ "$(cat /sys/module/$1/parameters/rounds_done)" = "$(cat /sys/module/$1/parameters/rounds)" ]; }
told() { dmesg | grep -q "GT $1 done"; }

# start_collector NAME OPTIONS...: its recording is NAME.unf; sets `collector`
start_collector() {
  name=$1 ready=/tmp/$1.ready; shift
  : >$ready
  $prefix unfreed-collect -o /tmp/$name.unf --duration 150s --buffer 32M --ready-fd 3 "$@" 3>$ready 2>/out/$name.collector &
  collector=$!
  wait_for 60 test -s $ready || { echo "GUEST $name: the collector is not ready"; kill $collector; return 1; }
}
# stop_collector NAME PID
stop_collector() {
  kill -TERM $2
  wait $2 || { echo "GUEST $1: the collector ended with $?"; return 1; }
  cp /tmp/$1.unf /out/$1.unf
  rm /tmp/$1.unf
}

trace_module() {
  module=$1
  witness=
  if grep -q uf_witness /proc/cmdline; then
    start_collector $module.all || return 1
    witness=$collector
  fi
  start_collector $module $options || { [ -z "$witness" ] || kill $witness; return 1; }
  insmod /uf/$module.ko || return 1
  wait_for 90 worked $module || echo "GUEST $module: did not get through its rounds"
  echo 1 >/sys/module/$module/parameters/stop
  wait_for 30 told $module || { echo "GUEST $module: told no truth"; return 1; }
  sleep 1
  stop_collector $module $collector || return 1
  [ -z "$witness" ] || stop_collector $module.all $witness || return 1
  rmmod $module || echo "GUEST $module: cannot be removed"
}

for path in /uf/*.ko; do
  module=$(basename $path .ko)
  trace_module $module
  echo $? >/out/$module.rc
  echo "GUEST $module rc $(cat /out/$module.rc)"
done
# Events that are no allocations (OOM kills, cgroups, shared memory, swap, modules), and memory in cgroups. A collector
# that cannot mark them says so in its notes.
mkdir /cg
mount -t cgroup2 cg /cg && echo +memory >/cg/cgroup.subtree_control || echo 'GUEST cgroups: no memory controller'
held() { grep -q held /out/cgroups.truth; }
if ! grep -q uf_witness /proc/cmdline && start_collector marks --system-calls --watch marks-load; then
  # when the machine is out of memory
  echo -1000 >/proc/$collector/oom_score_adj
  cgroups-load >/out/cgroups.truth &
  holder=$!
  wait_for 30 held || echo 'GUEST cgroups: nothing is held'
  marks-load >/out/marks.truth
  sleep 3
  stop_collector marks $collector
  kill $holder
fi
# The memory of processes, all cases of a kind in one recording, KIND.unf; what each says in KIND-CASE.truth.
# trace_processes KIND OPTIONS CASES COMMAND...: CASE is the last word of the command, or stands for @ in it. It says ready, waits
# for a line, and says what it holds.
trace_processes() {
  kind=$1 options=$2 cases=$3 holders= traced=; shift 3
  for case in $cases; do
    mkfifo /tmp/$kind-$case.in
    : >/out/$kind-$case.truth
    $(echo "$*" | sed "s/@/$case/") </tmp/$kind-$case.in >/out/$kind-$case.truth &
    holders="$holders $!" traced="$traced --process $!"
    { wait_for 120 test -e /tmp/$kind.go && echo go; wait_for 120 test -e /tmp/$kind.end; } >/tmp/$kind-$case.in &
  done
  for case in $cases; do wait_for 20 grep -q ready /out/$kind-$case.truth || echo "GUEST $kind-$case: not ready"; done
  if start_collector $kind $options $traced; then
    touch /tmp/$kind.go
    for case in $cases; do wait_for 60 grep -q held /out/$kind-$case.truth || echo "GUEST $kind-$case: nothing is held"; done
    sleep 3
    stop_collector $kind $collector
  fi
  touch /tmp/$kind.end
  kill $holders
}
if ! grep -q uf_witness /proc/cmdline; then
  trace_processes maps '' 'stacks parts across fixed moved break reserved segments forked vforked threads racing deep' hold-maps @ --wait
  trace_processes heap --heap 'plain failed-realloc failed-memalign chains threads jumps' load @
fi
dmesg >/out/dmesg
echo 0 >/out/rc
sync
poweroff -f
