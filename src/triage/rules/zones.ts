/** R19: memory is free, but not where it is wanted. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { ZoneFacts } from '../facts.js';
import type { TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { freeBytes, line, type Scene, sum } from '../scene.js';

const MUCH_FREE = 0.2;
const UNMOVABLE_SHARE = 0.5;
/** A zone of a few MiB (DMA) is often below its mark, and nothing needs it. */
const SMALL_ZONE_PAGES = 65_536;
/** Blocks for 2 MiB pages are this order and above. */
const LARGE_ORDER = 9;

export const imbalance: Rule = {
  id: 'R19',
  about: 'zones, nodes and fragmentation',
  knows: ({ zones }) => zones !== null,
  judge: (scene) => [...lowZones(scene), ...onlyCmaFree(scene), ...fragmented(scene)],
};

function lowZones({ now, wholeMachine }: Scene): TriageFinding[] {
  const zones = (now.zones ?? []).filter(({ managed }) => managed > SMALL_ZONE_PAGES);
  if (!wholeMachine || zones.length < 2) return [];
  const low = zones.filter((zone) => freePages(zone) < zone.low);
  const rich = zones.filter((zone) => freePages(zone) > MUCH_FREE * zone.managed);
  if (low.length === 0 || rich.length === 0) return [];
  const bytes = sum(low.map(freePages)) * now.machine.pageSize;
  return [
    finding('R19', 'abnormal', {
      item: 'one zone is full',
      bytes,
      holders: low.map((zone) => ({
        kind: 'zone',
        name: zoneName(zone),
        bytes: freePages(zone) * now.machine.pageSize,
      })),
      text: `${low.map(zoneName).join(', ')} has ${formatBytes(bytes)} free, below its low mark, while ${zoneName(rich[0])} has ${formatBytes(freePages(rich[0]) * now.machine.pageSize)}: who is bound to it runs out of memory with memory free.`,
      next: ['numastat -m', 'grep -H . /sys/fs/cgroup/cpuset.mems* 2>/dev/null'],
    }),
  ];
}

function freePages({ free, perCpuFree }: ZoneFacts): number {
  return free + perCpuFree;
}

function zoneName({ node, zone }: ZoneFacts): string {
  return `node ${node} ${zone}`;
}

function onlyCmaFree(scene: Scene): TriageFinding[] {
  const { now, wholeMachine } = scene;
  const cma = line(scene, 'CmaFree');
  const free = freeBytes(scene);
  const low = sum((now.zones ?? []).map((zone) => zone.low)) * now.machine.pageSize;
  if (!wholeMachine || now.zones === null || cma === 0 || free - cma >= low) return [];
  return [
    finding('R19', 'abnormal', {
      item: 'only contiguous memory is free',
      bytes: free - cma,
      text: `Of ${formatBytes(free)} free, ${formatBytes(cma)} belong to the contiguous memory allocator, which only movable pages may use. The rest is below the low marks (${formatBytes(low)}).`,
      next: ['grep -i cma /proc/meminfo'],
    }),
  ];
}

function fragmented({ now, available, total }: Scene): TriageFinding[] {
  if (now.blockTypes === null || now.buddies === null) return [];
  const all = sum(now.blockTypes.values());
  const unmovable = now.blockTypes.get('Unmovable') ?? 0;
  const large = sum(now.buddies.map(({ blocks }) => sum(blocks.slice(LARGE_ORDER))));
  if (all === 0 || unmovable <= UNMOVABLE_SHARE * all || available === null) return [];
  return [
    finding('R19', 'note', {
      item: 'fragmentation',
      text: `${formatShare(unmovable, all)} of all blocks hold unmovable pages, and ${large === 0 ? 'no block' : `${formatCount(large)} ${large === 1 ? 'block' : 'blocks'}`} of 2 MiB or more ${large > 1 ? 'are' : 'is'} free, with ${formatShare(available, total)} of memory available: ${large === 0 ? 'large allocations fail' : 'compaction cannot make many more'}.`,
      next: ['cat /proc/buddyinfo', 'echo 1 > /proc/sys/vm/compact_memory'],
    }),
  ];
}
