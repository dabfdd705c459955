/** R7 vmalloc areas and compiled BPF programs. */
import { formatBytes, formatCount } from '../../base/format.js';
import { grownText } from '../changes.js';
import { recordCommand } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, ofTotal, type Rule } from '../rule.js';
import { absence, bound, holdersOf, largest, MIB, pace, rising, type Scene, sum, sumBy, term } from '../scene.js';

/** Arrays, hash tables and the rest of kernel/bpf allocate in a function of their own each: array_map_alloc, htab_map_alloc. */
const MAP_CALLERS = /bpf|_map_alloc|^bloom_map|^prealloc_/;
const JIT_CALLERS = /^bpf_(?:jit|prog_pack)/;
/** Compiled programs fail from bpf_jit_limit on, with memory free. */
const NEAR_LIMIT = 0.8;

export const vmalloc: Rule = {
  id: 'R7',
  about: 'vmalloc',
  knows: ({ account, meminfo }) => account !== null && meminfo?.has('VmallocUsed') === true,
  judge: (scene) => [...jitLimit(scene), ...areas(scene)],
};

function areas(scene: Scene): TriageFinding[] {
  const { now, wholeMachine } = scene;
  // Without the account of a meminfo the areas themselves tell, kernel stacks among them.
  const owned = now.account === null ? sum((now.areas ?? []).map(({ pagesBytes }) => pagesBytes)) : null;
  const bytes = owned ?? term(scene, 'vmalloc without stacks');
  const growth = rising(scene, 'vmalloc');
  if (!wholeMachine) return [];
  if (bytes <= bound(scene, 0.02, 512 * MIB) && growth === null)
    return now.meminfo === null && now.areas !== null ? [areasOnly(scene, bytes)] : [];
  const callers = callerHolders(scene);
  const maps = bpfHolders(scene);
  const byMaps = maps.length > 0 && callers.length > 0 && MAP_CALLERS.test(callers[0].name);
  // A map and the function that allocated it are the same memory.
  const holders = byMaps ? largest([...maps, ...callers.filter(({ name }) => !MAP_CALLERS.test(name))]) : callers;
  const top = callers[0];
  const who =
    now.areas === null
      ? `The areas ${absence(scene, 'proc/vmallocinfo')}.`
      : top === undefined
        ? 'No caller is known.'
        : `${top.name} took ${formatBytes(top.bytes ?? 0)}${(top.bytes ?? 0) > bytes / 2 ? ', more than half,' : ''} of it${byMaps ? `: BPF, mostly ${maps[0].name}` : ''}.`;
  return [
    finding('R7', growth !== null ? 'growing' : 'large', {
      item: 'vmalloc memory',
      bytes,
      growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'vmalloc'),
      holders,
      details: grownCallers(scene),
      text: `vmalloc areas hold ${formatBytes(bytes)}${ofTotal(scene, bytes)}. ${who}`,
      next: [
        ...(byMaps ? ['bpftool map show'] : ['sort -k2 -nr /proc/vmallocinfo | head']),
        recordCommand(scene, 'vmalloc,percpu', growth?.bytesPerHour ?? null),
      ],
    }),
  ];
}

/** Areas alone: whether they are much is not known, but who took them is. crash (kmem -v) tells address space alone. */
function areasOnly(scene: Scene, bytes: number): TriageFinding {
  const all = scene.now.areas ?? [];
  const holders = callerHolders(scene);
  const count = sum(all.map((area) => area.count));
  const space = sum(all.map((area) => area.bytes));
  const most = holders.slice(0, 3).map((holder) => `${holder.name} ${formatBytes(holder.bytes ?? 0)}`);
  return finding('R7', 'note', {
    item: 'vmalloc memory',
    bytes: bytes > 0 ? bytes : null,
    holders,
    text:
      bytes > 0
        ? `${formatCount(count)} vmalloc areas hold ${formatBytes(bytes)}, most of it ${most.join(', ')}. Whether that is much is not known, as MemTotal was not read.`
        : `${formatCount(count)} vmalloc areas span ${formatBytes(space)} of addresses; how much memory they hold is not told.`,
    next: ['sort -k2 -nr /proc/vmallocinfo | head', recordCommand(scene, 'vmalloc,percpu', null)],
  });
}

/** By caller, from vmallocinfo at the first and the last look. */
function grownCallers({ looks }: Scene): string[] {
  const grown = grownText(looks, ({ areas: known }) =>
    known === null
      ? null
      : sumBy(
          known,
          ({ caller }) => caller,
          ({ pagesBytes }) => pagesBytes,
        ),
  );
  return grown === '' ? [] : [`grown between the looks: ${grown}`];
}

/** Callers of vmalloc() by the pages that their areas own. */
export function callerHolders({ now }: Scene): Holder[] {
  return holdersOf(
    sumBy(
      now.areas ?? [],
      ({ caller }) => caller,
      ({ pagesBytes }) => pagesBytes,
    ),
    'caller',
    ([name, owned]) => ({ name, bytes: owned }),
  );
}

/** Maps of one name and process are one: a program may have thousands, one for each of something. */
function bpfHolders({ now }: Scene): Holder[] {
  const sums = sumBy(
    now.bpf ?? [],
    ({ kind, type, name, pid, processName }) =>
      `BPF ${kind} ${`${type} ${name}`.trim()}${pid > 0 ? ` of ${pid} ${processName}` : ''}`,
    ({ bytes }) => bytes,
  );
  return holdersOf(sums, 'map', ([name, bytes]) => ({ name, bytes }));
}

function jitLimit({ now }: Scene): TriageFinding[] {
  const limit = now.limits?.find(({ name }) => name === 'bpf_jit_limit');
  const used = limit?.used ?? null;
  if (limit === undefined || used === null || used <= NEAR_LIMIT * limit.max) return [];
  return [
    finding('R7', 'limit', {
      item: 'compiled BPF programs',
      bytes: used,
      holders: holdersOf(
        sumBy(
          (now.areas ?? []).filter(({ caller }) => JIT_CALLERS.test(caller)),
          ({ caller }) => caller,
          ({ pagesBytes }) => pagesBytes,
        ),
        'caller',
        ([name, bytes]) => ({ name, bytes }),
      ),
      text: `Compiled BPF programs take ${formatBytes(used)} of the limit of ${formatBytes(limit.max)} (net.core.bpf_jit_limit). At the limit containers do not start (errno 524), with memory free.`,
      next: ['bpftool prog show', 'sysctl net.core.bpf_jit_limit'],
    }),
  ];
}
