/** R1 no shortage, R18 swap and compressed memory. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import { changeOf } from '../changes.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { absence, freeBytes, largest, line, pace, type Scene, sum, taskName } from '../scene.js';

const ENOUGH_AVAILABLE = 0.2;
const LITTLE_AVAILABLE = 0.05;
/** Per cent of five minutes in which every task waited for memory. */
const QUIET_STALLS = 0.1;
const MUCH_SWAP = 0.5;
const MUCH_COMPRESSED = 0.15;
/** Per cent of five minutes in which some task waited for memory. */
const MANY_STALLS = 1;

export const noShortage: Rule = {
  id: 'R1',
  about: 'available memory',
  knows: ({ account, meminfo }) => account !== null || meminfo?.has('MemAvailable') === true,
  judge: (scene) => {
    const { now, total, available, availableAtLeast, wholeMachine } = scene;
    if (!wholeMachine || available === null || total === 0) return [];
    const kills = now.vmstat?.get('oom_kill') ?? 0;
    const stalls = stallsOf(scene);
    const stalled = now.pressure !== null && now.pressure.full300 >= QUIET_STALLS;
    const share = `${formatBytes(available)} of ${formatBytes(total)} (${formatShare(available, total)})`;
    const killed = killsOfCgroups(scene, kills);
    if (available > ENOUGH_AVAILABLE * total && killed !== null && (stalls ?? 0) === 0 && !stalled) {
      const cache = !availableAtLeast && isMostlyCache(scene, available);
      return [
        finding('R1', 'fine', {
          item: 'no shortage',
          bytes: available,
          text: `No shortage: ${share} are ${availableAtLeast ? 'free' : 'available'}.${cache ? ' Much of what looks used is cache, and the kernel gives it back.' : ''}${killed}`,
        }),
      ];
    }
    // What of the rest could be given back is not known: no shortage can be told either.
    if (availableAtLeast) return [];
    const short = available < LITTLE_AVAILABLE * total || stalled;
    if (available > ENOUGH_AVAILABLE * total && !stalled) return [];
    const waits =
      now.pressure === null ? '' : ` All tasks waited for memory in ${now.pressure.full300}% of the last 5 minutes.`;
    return [
      finding('R1', short ? 'limit' : 'note', {
        item: 'available memory',
        bytes: available,
        growthBytesPerHour: pace(scene, 'available'),
        text: `${short ? 'Memory is short' : 'Little memory is left'}: ${share} are available.${waits}`,
        details:
          (stalls ?? 0) + kills > 0
            ? [`since boot: ${formatCount(stalls ?? 0)} stalls in the allocator, ${formatCount(kills)} OOM kills`]
            : [],
      }),
    ];
  },
};

/** How often a task had to free memory itself since boot; null = not read. */
function stallsOf({ now }: Scene): number | null {
  const counts = [...(now.vmstat ?? [])].filter(([name]) => name.startsWith('allocstall'));
  return counts.length === 0 ? null : sum(counts.map(([, value]) => value));
}

/**
 * A kill for the limit of a cgroup says nothing of the machine. Returns what to say of the kills since boot if
 * all were such, '' = nothing; null if one was for the machine, or if that cannot be told. Without a log
 * that names the cgroups it is told by the stalls: the machine kills only after a task freed what it
 * could, which counts as one (mm/vmscan.c, do_try_to_free_pages), and reclaim of a cgroup does not.
 */
function killsOfCgroups(scene: Scene, kills: number): string | null {
  const { log } = scene.now;
  if (kills === 0) return '';
  if (log !== null && log.ooms.length > 0)
    return log.ooms.every(({ constraint }) => constraint === 'memcg') ? '' : null;
  if (stallsOf(scene) !== 0) return null;
  const names =
    log === null
      ? `Their names are in the kernel's log, whose lines ${absence(scene, 'log/kernel')}.`
      : "The kernel's log does not have them any more.";
  return ` ${formatCount(kills)} OOM ${kills === 1 ? 'kill' : 'kills'} since boot: for limits of cgroups, as no task of the machine had to wait for free memory. ${names}`;
}

/** True if a third or more of what is not free can be given back. */
function isMostlyCache(scene: Scene, available: number): boolean {
  const free = freeBytes(scene);
  return available - free > (scene.total - free) / 3;
}

export const swap: Rule = {
  id: 'R18',
  about: 'swap',
  knows: ({ meminfo, swaps }) => meminfo?.has('SwapTotal') === true || swaps !== null,
  judge: (scene) => [...swapUse(scene), ...compressed(scene)],
};

function swapUse(scene: Scene): TriageFinding[] {
  const { swaps, meminfo } = scene.now;
  const told = meminfo?.has('SwapTotal') === true;
  const all = told ? line(scene, 'SwapTotal') : sum((swaps ?? []).map(({ size }) => size));
  const used = told ? all - line(scene, 'SwapFree') : sum((swaps ?? []).map((device) => device.used));
  if (!scene.wholeMachine || all === 0 || used <= MUCH_SWAP * all) return [];
  const holders = largest(
    (scene.now.processes ?? [])
      .filter((task) => task.swap > 0)
      .map((task): Holder => ({ kind: 'process', name: taskName(task), bytes: task.swap })),
  );
  const { pressure } = scene.now;
  const traffic = swapTraffic(scene);
  const waits = pressure !== null && pressure.some300 > MANY_STALLS;
  // Pages that go out and come back are in use: one way alone is cold memory that leaves, or a program that wakes.
  const isBusy = traffic !== null && traffic.inBytes > 0 && traffic.outBytes > 0;
  const stalls = waits ? ` Some task waited for memory in ${pressure.some300}% of the last 5 minutes.` : '';
  const rate = traffic === null ? '' : ` ${trafficText(traffic)}`;
  const cold =
    pressure === null && traffic === null
      ? 'Whether tasks wait for it was not read.'
      : 'Nothing waits for it: it is cold memory.';
  const much = `${formatBytes(used)} of ${formatBytes(all)} swap are used`;
  return [
    finding('R18', waits || isBusy ? 'limit' : 'note', {
      item: 'swap',
      bytes: used,
      holders,
      text:
        waits || isBusy ? `Swap is in use and tasks wait for it: ${much}.${rate}${stalls}` : `${much}.${rate} ${cold}`,
      next: ['vmstat 1 5'],
    }),
  ];
}

/** Bytes that came from swap and went there between the looks, a second; null if two looks did not count them. */
function swapTraffic({ looks, now }: Scene): { inBytes: number; outBytes: number } | null {
  const rate = (name: string): number | null => {
    const change = changeOf(looks, ({ vmstat }) => vmstat?.get(name));
    return change === null ? null : (Math.max(0, change.by) * now.machine.pageSize) / change.seconds;
  };
  const inBytes = rate('pswpin');
  const outBytes = rate('pswpout');
  return inBytes === null || outBytes === null ? null : { inBytes, outBytes };
}

function trafficText({ inBytes, outBytes }: { inBytes: number; outBytes: number }): string {
  return inBytes === 0 && outBytes === 0
    ? 'No page was swapped in or out between the looks.'
    : `Between the looks ${formatBytes(inBytes)} a second came in and ${formatBytes(outBytes)} went out.`;
}

/** zram, and zswap in front of a swap device: the same memory, compressed, still in RAM. */
function compressed(scene: Scene): TriageFinding[] {
  const { now, total, wholeMachine } = scene;
  const devices = now.zram ?? [];
  const zram = sum(devices.map(({ memoryBytes }) => memoryBytes));
  const zswap = line(scene, 'Zswap');
  const bytes = zram + zswap;
  if (!wholeMachine || total === 0 || bytes <= MUCH_COMPRESSED * total) return [];
  const original = sum(devices.map(({ originalBytes }) => originalBytes)) + line(scene, 'Zswapped');
  const what = zswap === 0 ? 'zram' : zram === 0 ? 'zswap' : 'zram and zswap';
  return [
    finding('R18', 'large', {
      item: what,
      bytes,
      holders: largest([
        ...devices.map(({ device, memoryBytes }) => ({ kind: 'device', name: device, bytes: memoryBytes })),
        ...(zswap > 0 ? [{ kind: 'device', name: 'zswap', bytes: zswap }] : []),
      ]),
      text: `${what} hold${what === 'zram and zswap' ? '' : 's'} ${formatBytes(original)} of swapped or stored data in ${formatBytes(bytes)} of memory (${formatShare(bytes, total)}).${zram > 0 ? ' No line of /proc/meminfo shows zram.' : ''}`,
      next: [zram > 0 ? 'zramctl' : 'grep -r . /sys/module/zswap/parameters'],
    }),
  ];
}
