/** R21: memory that was kept at boot or given away (E0), is broken, or is spent on debugging. */
import { formatBytes, formatShare } from '../../../base/format.js';
import type { Facts } from '../../facts.js';
import { BALLOON, KEPT, outsideTotal, UNPLUGGED } from '../../outside-total.js';
import type { TriageFinding } from '../../report.js';
import { finding, type Rule } from '../../rule.js';
import { bound, GIB, holdersOf, line, MIB, type Scene, term } from '../../scene.js';
import { meminfoName } from '../../words.js';
import { GPU_DRIVERS } from './gap-holders.js';

export const givenAway: Rule = {
  id: 'R21',
  about: 'balloon, bad memory, debugging',
  knows: ({ account, machine }) => account !== null && meminfoName(machine) === '/proc/meminfo',
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    if (!wholeMachine || total === 0) return [];
    const findings: TriageFinding[] = [];
    const balloon = term(scene, 'balloon');
    if (balloon > 0.01 * total) {
      findings.push(
        finding('R21', 'abnormal', {
          item: 'balloon',
          bytes: balloon,
          holders: [{ kind: 'device', name: balloonName(now), bytes: balloon }],
          text: `The balloon driver gave ${formatBytes(balloon)} (${formatShare(balloon, total)}) back to the host. MemTotal still counts it, and no line of /proc/meminfo shows it.`,
          next: balloonCommands(now),
        }),
      );
    }
    findings.push(...outsideFindings(scene));
    const gpu = term(scene, 'GPUActive') + term(scene, 'GPUReclaim');
    if (gpu > bound(scene, 0.1, GIB)) findings.push(gpuFinding(scene, gpu));
    const broken = line(scene, 'HardwareCorrupted');
    if (broken > 0) {
      findings.push(
        finding('R21', 'note', {
          item: 'broken memory',
          bytes: broken,
          text: `${formatBytes(broken)} were taken out of use because the hardware reported errors in them.`,
          next: ['dmesg | grep -i "memory failure"'],
        }),
      );
    }
    const ksm = now.caches?.find(({ name }) => name === 'ksm_rmap_item');
    const ksmBytes = ksm === undefined ? 0 : ksm.slabs * ksm.pagesPerSlab * now.machine.pageSize;
    if (ksmBytes > 0.01 * total) {
      findings.push(
        finding('R21', 'large', {
          item: 'bookkeeping of KSM',
          bytes: ksmBytes,
          holders: [{ kind: 'cache', name: 'ksm_rmap_item', bytes: ksmBytes }],
          text: `Merging of equal pages (KSM) keeps ${formatBytes(ksmBytes)} of records, beside ${formatBytes((now.ksm?.pagesSharing ?? 0) * now.machine.pageSize)} that it saves.`,
          next: ['cat /sys/kernel/mm/ksm/run'],
        }),
      );
    }
    if (now.debugging.length > 0) {
      findings.push(
        finding('R21', 'note', {
          item: 'debugging aids',
          text: `Debugging aids are on and take memory: ${now.debugging.join(', ')}.`,
          next: ['cat /proc/cmdline'],
        }),
      );
    }
    return findings;
  },
};

/** E0: a balloon whose pages left MemTotal, what was kept at boot, and what is not plugged in. */
function outsideFindings(scene: Scene): TriageFinding[] {
  const { now, total } = scene;
  const parts = outsideTotal(now);
  const of = (name: string): number => parts.find(({ term: part }) => part === name)?.bytes ?? 0;
  const present = now.outside?.presentBytes ?? 0;
  const findings: TriageFinding[] = [];
  const balloon = of(BALLOON);
  if (balloon > 0.01 * present) {
    findings.push(
      finding('R21', 'abnormal', {
        item: 'balloon',
        bytes: balloon,
        holders: [{ kind: 'device', name: balloonName(now), bytes: balloon }],
        text: `A balloon driver gave ${formatBytes(balloon)} of the ${formatBytes(present)} of this machine back to the host: MemTotal, ${formatBytes(total)}, no longer has them.`,
        next: balloonCommands(now),
      }),
    );
  }
  const kept = of(KEPT);
  if (kept > bound({ total: present }, 0.02, 512 * MIB)) {
    findings.push(
      finding('R21', 'note', {
        item: 'memory kept at boot',
        bytes: kept,
        text: `${formatBytes(kept)} (${formatShare(kept, present)}) of the machine's memory were never given to the page allocator: the kernel, its boot tables, firmware, ranges that the command line reserves, or a balloon that this kernel does not count. MemTotal lacks them.`,
        next: ['dmesg | grep -E "Memory:|Reserv"', 'grep -i -A9999 "System RAM" /proc/iomem'],
      }),
    );
  }
  const unplugged = of(UNPLUGGED);
  if (unplugged > 0) {
    findings.push(
      finding('R21', 'note', {
        item: 'memory not plugged in',
        bytes: unplugged,
        text: `MemTotal and MemFree count ${formatBytes(unplugged)} that no zone has: memory that is not plugged in yet. ${formatBytes(total)} are there, and all bounds are of these.`,
        next: ['grep -E "Node|present|managed" /proc/zoneinfo', 'lsmem'],
      }),
    );
  }
  const offline = now.outside?.offlineBytes ?? 0;
  if (offline > 0) {
    findings.push(
      finding('R21', 'note', {
        item: 'memory offline',
        bytes: offline,
        text: `${formatBytes(offline)} of memory are offline: in no zone, and in no line of /proc/meminfo.`,
        next: ['lsmem', 'cat /sys/devices/system/memory/auto_online_blocks'],
      }),
    );
  }
  return findings;
}

function balloonCommands(facts: Facts): string[] {
  if (isVmware(facts)) return ['vmware-toolbox-cmd stat balloon'];
  return ['grep -i balloon /proc/vmstat /proc/meminfo', 'dmesg | grep -i balloon'];
}

/** The drivers that leave what they gave away in MemTotal (drivers/misc/vmw_balloon.c; virtio with DEFLATE_ON_OOM). */
function balloonName(facts: Facts): string {
  const { modules, outside } = facts;
  if (isVmware(facts)) return 'balloon of VMware (vmw_balloon)';
  if (modules?.includes('virtio_balloon') === true) return 'balloon of virtio';
  if (modules?.includes('hv_balloon') === true) return 'balloon of Hyper-V';
  // Hyper-V's and Xen's take their pages off MemTotal.
  return (outside?.balloonBytes ?? 0) === 0
    ? 'balloon of the hypervisor (VMware or virtio)'
    : 'balloon of the hypervisor';
}

/** By a driver, or by what the kernel's log says of the machine. */
function isVmware({ modules, log }: Facts): boolean {
  return [...(modules ?? []), ...(log?.notes ?? [])].some((said) => /vmw_balloon|vmmemctl|VMware/i.test(said));
}

function gpuFinding({ now, total }: Scene, bytes: number): TriageFinding {
  const objects = holdersOf(
    (now.shmem ?? []).filter(({ kind }) => kind === 'gpu'),
    'process',
    (object) => ({ name: `GPU objects of ${object.pid} ${object.processName}`, bytes: object.bytes }),
  );
  const driver = now.modules?.find((name) => GPU_DRIVERS.includes(name));
  const holders = [...objects, ...(driver === undefined ? [] : [{ kind: 'module', name: driver, bytes: null }])];
  return finding('R21', 'large', {
    item: 'memory of the GPU',
    bytes,
    holders,
    text: `The GPU has ${formatBytes(bytes)} (${formatShare(bytes, total)}) of this machine's memory (GPUActive and GPUReclaim).${driver === undefined ? '' : ` Its driver is ${driver}.`}`,
    next: ['grep -H drm-total /proc/[0-9]*/fdinfo/* 2>/dev/null | sort -k2 -nr | head'],
  });
}
