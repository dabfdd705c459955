#!/bin/busybox sh
# Process 1 of a guest. For each module under test: start the collector, wait until it traces, let the module work,
# tell it to stop, stop the collector, take the module out. Results go to /out, a folder of the host.
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
unfreed-collect --probe >/out/probe.jsonl 2>&1

# wait_for SECONDS COMMAND...: until the command succeeds
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

trace_module() {
  module=$1 ready=/tmp/$1.ready
  : >$ready
  unfreed-collect -o /tmp/$module.unf --duration 150s --buffer 32M --ready-fd 3 $options 3>$ready 2>/out/$module.collector &
  collector=$!
  wait_for 60 test -s $ready || { echo "GUEST $module: the collector is not ready"; kill $collector; return 1; }
  insmod /uf/$module.ko || return 1
  wait_for 90 worked $module || echo "GUEST $module: did not get through its rounds"
  echo 1 >/sys/module/$module/parameters/stop
  wait_for 30 told $module || { echo "GUEST $module: told no truth"; return 1; }
  sleep 1
  kill -TERM $collector
  wait $collector || { echo "GUEST $module: the collector ended with $?"; return 1; }
  cp /tmp/$module.unf /out/$module.unf
  rm /tmp/$module.unf
  rmmod $module || echo "GUEST $module: cannot be removed"
}

for path in /uf/*.ko; do
  module=$(basename $path .ko)
  trace_module $module
  echo $? >/out/$module.rc
  echo "GUEST $module rc $(cat /out/$module.rc)"
done
dmesg >/out/dmesg
echo 0 >/out/rc
sync
poweroff -f
