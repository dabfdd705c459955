#!/bin/busybox sh
# Process 1 of the guest in which scripts/make-recordings.ts takes its recordings: one load that grows or holds, ordinary
# work beside it, and nothing else. /proc/cmdline names the recording; results go to /out, a folder of the host.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin
for module in $(cat /modules/order); do insmod "/modules/$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /out || { echo 'GUEST no 9p'; poweroff -f; }
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
chmod 755 /uf/*
ulimit -Hn 1000000
ulimit -Sn 1000000
name=$(sed -n 's/.*uf_name=\([a-z]*\).*/\1/p' /proc/cmdline)

# start_load ID COMMAND...: starts a load that waits for "go" in /tmp/ID.in and answers in /tmp/ID.out.
start_load() {
  id=$1; shift
  mkfifo /tmp/$id.in /tmp/$id.out
  sleep 1000 >/tmp/$id.in &
  "$@" --wait </tmp/$id.in >/tmp/$id.out &
  exec 9<>/tmp/$id.out
  read -r ready <&9
}
# What runs beside a leak on an ordinary day: it comes and goes, and holds nothing in the end.
ordinary() {
  while :; do
    find /sys/kernel/slab -name objects >/dev/null
    tar c -C / bin 2>/dev/null | gzip -1 >/dev/null
    sleep 4
  done
}
start_collector() {
  : >/tmp/ready
  unfreed-collect -o /tmp/raw.unf --duration 150s --buffer 32M --ready-fd 3 3>/tmp/ready 2>/out/collector &
  collector=$!
  while [ ! -s /tmp/ready ]; do sleep 0.1; done
  ordinary &
}

case $name in
  demo) start_load grow /uf/grow pipes 570 100; start_load other /uf/grow tmpfs 240 100 ;;
  pipes | tmpfs | anon) start_load grow /uf/grow $name 320 50 ;;
  sockets) start_load grow /uf/grow sockets 800 20 ;;
  before) start_load full /uf/hold-pipes 16384; echo go >/tmp/full.in; read -r line <&9; sleep 1 ;;
esac
start_collector
case $name in
  before | quiet) sleep 18 ;;
  *)
    sleep 4
    exec 8<>/tmp/grow.out
    [ $name != demo ] || (sleep 8; echo go >/tmp/other.in) &
    echo go >/tmp/grow.in
    read -r line <&8
    echo "$line" >/tmp/truth
    ;;
esac
kill -TERM $collector
wait $collector
cp /tmp/raw.unf /out/raw.unf
[ ! -s /tmp/truth ] || cp /tmp/truth /out/held.json
cat /sys/kernel/slab/UNIX/object_size >/out/unix-object-size
echo 0 >/out/rc
sync
poweroff -f
