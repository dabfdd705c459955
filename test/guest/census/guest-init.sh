#!/bin/busybox sh
# Process 1 of a guest of the census. The module takes its memory; the loads of /loads are started and wait.
# Then, one after the other, each load takes its memory and is looked at. Last come looks with all stages, idle
# and busy, and then those of a kernel that is locked down. Results go to /out, a folder of the host.
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
mount -t cgroup2 groups /sys/fs/cgroup && echo +memory >/sys/fs/cgroup/cgroup.subtree_control
# 2 MiB without account that come and go: the page of zeroes, with programs, the collector among them; and
# what khugepaged has taken and not filled yet. It looks as soon as the first program has a huge page, which is a
# collector, and beside that, on one CPU and as the last in the queue, it would fill a page for seconds
echo 0 >/sys/kernel/mm/transparent_hugepage/use_zero_page
echo 3600000 >/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
renice -n -40 -p $(pidof khugepaged) || echo 'GUEST no khugepaged'
options=$(sed -n 's/.*uf_collect="\([^"]*\)".*/\1/p' /proc/cmdline)

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
# look NAME OPTIONS...
look() {
  name=$1; shift
  unfreed-collect --census "$@" $options >/out/$name.json 2>/out/$name.said
  echo $? >/out/$name.rc
  echo "GUEST look $name rc $(cat /out/$name.rc)"
}
# lock STATE: once it is locked down, a kernel is only ever locked down more
lock() {
  echo $1 >/sys/kernel/security/lockdown
  cat /sys/kernel/security/lockdown >/out/$1.state
}

insmod /uf/uf_orphans.ko || echo 'GUEST uf_orphans is not loaded'
while read -r name command; do
  mkfifo /tmp/$name.go
  # open for both, so that neither side waits for the other
  $command --wait <>/tmp/$name.go >/tmp/$name.held 2>/out/$name.load &
  wait_for 20 grep -q ready /tmp/$name.held || echo "GUEST load $name does not start"
done </loads
sleep 1
look before
while read -r name command; do
  echo go >/tmp/$name.go
  wait_for 60 grep -q held /tmp/$name.held || { echo "GUEST load $name holds nothing"; continue; }
  cp /tmp/$name.held /out/$name.held
  look $name
done </loads
grep -o ' lru_reparent_memcg$' /proc/kallsyms >/out/reparents

look idle --stages pages,holders,types,orphans --keep-addresses
while :; do find /proc /sys >/dev/null 2>&1; done &
busy=$!
look busy --stages pages,holders,types,orphans --keep-addresses
kill $busy
cat /proc/uf_orphans >/out/truth
mount -t securityfs security /sys/kernel/security
lock integrity; look integrity
lock confidentiality; look confidentiality
cp /out/confidentiality.state /out/unmounted.state
umount /sys/kernel/security; look unmounted
dmesg >/out/dmesg
echo 0 >/out/rc
sync
poweroff -f
