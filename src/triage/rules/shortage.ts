/** R1 no shortage, R18 swap and zram. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Holder, TriageFinding } from '../report.js';
import { absence, largest, line, pace, type Scene, sum, taskName } from '../scene.js';
import { finding, type Rule } from './rule.js';

const ENOUGH_AVAILABLE = 0.2;
const LITTLE_AVAILABLE = 0.05;
/** Per cent of five minutes in which every task waited for memory. */
const QUIET_STALLS = 0.1;
const MUCH_SWAP = 0.5;
const MUCH_ZRAM = 0.15;

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
  const free = line(scene, 'MemFree');
  return available - free > (scene.total - free) / 3;
}

export const swap: Rule = {
  id: 'R18',
  about: 'swap',
  knows: ({ meminfo, swaps }) => meminfo?.has('SwapTotal') === true || swaps !== null,
  judge: (scene) => [...swapUse(scene), ...zramUse(scene)],
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
  const thrashes = pressure !== null && pressure.some300 > 1;
  return [
    finding('R18', thrashes ? 'limit' : 'note', {
      item: 'swap',
      bytes: used,
      holders,
      text: thrashes
        ? `Swap is in use and tasks wait for it: ${formatBytes(used)} of ${formatBytes(all)}, and some task waited in ${pressure.some300}% of the last 5 minutes.`
        : `${formatBytes(used)} of ${formatBytes(all)} swap are used${pressure === null ? '. Whether tasks wait for it was not read' : ', and nothing waits for it: it is cold memory'}.`,
      next: ['vmstat 1 5'],
    }),
  ];
}

function zramUse({ now, total }: Scene): TriageFinding[] {
  const bytes = sum((now.zram ?? []).map(({ memoryBytes }) => memoryBytes));
  if (total === 0 || bytes <= MUCH_ZRAM * total) return [];
  const original = sum((now.zram ?? []).map(({ originalBytes }) => originalBytes));
  return [
    finding('R18', 'large', {
      item: 'zram',
      bytes,
      holders: largest(
        (now.zram ?? []).map(({ device, memoryBytes }) => ({ kind: 'device', name: device, bytes: memoryBytes })),
      ),
      text: `zram holds ${formatBytes(original)} of swapped or stored data in ${formatBytes(bytes)} of memory (${formatShare(bytes, total)}). No line of /proc/meminfo shows it.`,
      next: ['zramctl'],
    }),
  ];
}
