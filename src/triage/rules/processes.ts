/** R9 page tables, R10 kernel stacks, R13 the memory of one process. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Facts, MappingFacts, ProcessFacts } from '../facts.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { bound, GIB, holdersOf, line, MIB, pace, type Scene, sum, sumBy, taskName, term } from '../scene.js';

/** THREAD_SIZE of x86-64 and arm64; where a page is larger, a stack has one (arm64, asm/memory.h). */
const STACK_BYTES = 16384;
const MANY_THREADS = 20_000;
/** Share of the threads that the stacks may differ by before both are said. */
const STACKS_DIFFER = 0.1;
/** One process with more than this share of all memory. */
const LARGE_SHARE = 0.25;
const ARENA_SHARE = 0.2;
const GROWTH_PER_HOUR = 0.01;
/** Coroutines have stacks too, some dozens of a MiB each (QEMU, Ruby): address space that nobody misses. */
const STRAY_STACKS_BYTES = GIB;
/** Page tables of all processes, of those that the kernel counts. */
const TABLES_SHARE = 0.8;
/** Stacks for each thread, and some that CPUs keep for the next one. */
const STACKS_TIMES = 1.5;
const MANY_STACKS = 1000;
/** AnonPages that no process has (E7), of all of them. */
const ANON_SHARE = 0.1;

export const pageTables: Rule = {
  id: 'R9',
  about: 'page tables',
  knows: ({ meminfo }) => meminfo?.has('PageTables') === true,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    const bytes = term(scene, 'PageTables');
    const mapped = line(scene, 'AnonPages') + line(scene, 'Mapped');
    const many = bytes > bound(scene, 0.02, GIB) || (bytes > 256 * MIB && bytes > 0.01 * mapped);
    if (!wholeMachine || total === 0 || !many) return [];
    const byName = holdersOf(
      groupByName(now.processes ?? [], (task) => task.pageTables),
      'process',
      ({ name, tasks, bytes: own }) => ({
        name: tasks === 1 ? name : `${formatCount(tasks)} processes ${name}`,
        bytes: own,
      }),
    );
    const top = byName[0];
    return [
      finding('R9', 'large', {
        item: 'page tables',
        bytes,
        growthBytesPerHour: pace(scene, 'page tables'),
        holders: byName,
        details: ownTables(scene, bytes),
        text: `Page tables take ${formatBytes(bytes)} (${formatShare(bytes, total)}), ${formatShare(bytes, mapped)} of what processes map; 0.2% is normal.${top === undefined ? '' : ` Most belongs to ${top.name} (${formatBytes(top.bytes ?? 0)}).`} Huge pages avoid it where many processes map one segment, or where maps are sparse.`,
        next: ['unfreed live --category "page tables"'],
      }),
    ];
  },
};

/** E8: page tables that no process has are the kernel's own (in the line since 6.16), or of tasks that are gone. */
function ownTables(scene: Scene, bytes: number): string[] {
  if (!isWholeList(scene)) return [];
  const tables = sum((scene.now.processes ?? []).map((task) => task.pageTables));
  // ps tells none.
  return tables > 0 && tables < TABLES_SHARE * bytes
    ? [
        `all processes together have ${formatBytes(tables)} of them: the rest are the kernel's own, or of tasks that are gone`,
      ]
    : [];
}

/** True if all processes are in the list, and all have their sizes. */
function isWholeList({ now }: Scene): boolean {
  const counted = now.census?.find(({ cache }) => cache === 'task_struct')?.counted ?? null;
  const tasks = now.processes ?? [];
  return counted !== null && counted > 0 && sum(tasks.map(({ threads: own }) => own)) >= counted;
}

/** What a thread's stack takes, bytes. */
export function stackBytes({ machine, debugging }: Facts): number {
  return Math.max(STACK_BYTES, machine.pageSize) * (debugging.includes('KASAN') ? 2 : 1);
}

/** All threads: a recording lists the largest processes alone, but counted all. */
function threadsOf(processes: readonly ProcessFacts[], census: Facts['census']): number {
  const counted = census?.find(({ cache }) => cache === 'task_struct')?.counted ?? 0;
  return Math.max(counted, sum(processes.map((task) => task.threads)));
}

export const threads: Rule = {
  id: 'R10',
  about: 'threads',
  // ps without -L counts none.
  knows: ({ processes, meminfo }) =>
    processes !== null && (meminfo?.has('KernelStack') === true || processes.some((task) => task.threads > 0)),
  judge: (scene) => {
    const { now } = scene;
    const bytes = line(scene, 'KernelStack');
    const counted = threadsOf(now.processes ?? [], now.census);
    const stacks = Math.round(bytes / stackBytes(now));
    // Stacks without a thread are of tasks that ended and are still referred to.
    const count = Math.max(counted, stacks);
    const limits = (now.limits ?? []).filter(({ name }) => name === 'pid_max' || name === 'threads-max');
    const near = limits.find(({ max }) => counted > 0.5 * max || (counted === 0 && stacks > 0.5 * max));
    if (count <= MANY_THREADS && near === undefined) return [];
    const holders = holdersOf(now.processes ?? [], 'process', (task) => ({
      name: `${taskName(task)}: ${formatCount(task.threads)} threads`,
      bytes: task.threads > 100 ? task.threads * stackBytes(now) : 0,
    }));
    return [
      finding('R10', near === undefined ? 'large' : 'limit', {
        item: 'threads',
        bytes: bytes > 0 ? bytes : count * stackBytes(now),
        growthBytesPerHour: pace(scene, 'kernel stacks'),
        holders,
        details:
          counted > 0 && stacks > STACKS_TIMES * counted + MANY_STACKS
            ? [
                `only ${formatCount(counted)} threads run: the other stacks are of tasks that ended, and are still referred to, or of processes that were not listed`,
              ]
            : [],
        text: `${threadsText({ counted, bytes, stacks })}${near === undefined ? '' : `, of ${formatCount(near.max)} that ${near.name} allows`}.${holders.length > 0 ? ` ${holders[0].name} is the most.` : ''}`,
        next: ["ps -eLf --no-headers | awk '{print $2}' | sort | uniq -c | sort -nr | head"],
      }),
    ];
  },
};

/**
 * Threads are counted by their processes, stacks by the kernel: stacks outlive their threads for a moment, and
 * a list of processes may be older or cut. Both are said where they differ.
 */
function threadsText({ counted, bytes, stacks }: { counted: number; bytes: number; stacks: number }): string {
  const memory = formatBytes(bytes);
  if (counted === 0) return `Kernel stacks take ${memory}, those of ${formatCount(stacks)} threads`;
  if (bytes === 0) return `There are ${formatCount(counted)} threads`;
  if (Math.abs(stacks - counted) <= STACKS_DIFFER * counted) {
    return `${formatCount(counted)} threads have ${memory} of kernel stacks`;
  }
  return `The processes have ${formatCount(counted)} threads, and kernel stacks take ${memory}, as those of ${formatCount(stacks)} threads do`;
}

export const oneProcess: Rule = {
  id: 'R13',
  about: 'processes',
  knows: ({ processes, meminfo }) => processes !== null && meminfo !== null,
  judge: (scene) => {
    const findings: TriageFinding[] = [];
    const limit = scene.now.limits?.find(({ name }) => name === 'max_map_count')?.max ?? null;
    for (const task of scene.now.processes ?? []) {
      const found = judgeProcess(scene, task, limit);
      if (found !== null) findings.push(found);
    }
    return [
      ...findings.toSorted((one, other) => (other.bytes ?? 0) - (one.bytes ?? 0)).slice(0, 3),
      ...anonOfNobody(scene),
    ];
  },
};

/** E7: processes have all anonymous memory together, shared pages more than once. Less is of processes that were not seen. */
function anonOfNobody(scene: Scene): TriageFinding[] {
  const anon = line(scene, 'AnonPages');
  const known = sum((scene.now.processes ?? []).map(({ rssAnon }) => rssAnon));
  const bytes = anon - known;
  if (!scene.wholeMachine || !isWholeList(scene) || known === 0) return [];
  if (bytes <= ANON_SHARE * anon || bytes <= bound(scene, 0.05, GIB)) return [];
  return [
    finding('R13', 'abnormal', {
      item: 'anonymous memory of no process',
      bytes,
      text: `AnonPages is ${formatBytes(anon)}, and all processes together have ${formatBytes(known)}: ${formatBytes(bytes)} belong to processes that are ending, or that cannot be seen from here.`,
      next: ['ps -eo pid,stat,rss,comm --sort -rss | head'],
    }),
  ];
}

function judgeProcess(scene: Scene, task: ProcessFacts, mapLimit: number | null): TriageFinding | null {
  const { now, total, cpus } = scene;
  const rss = task.rssAnon + task.rssFile + task.rssShmem;
  const maps = now.mappings?.find(({ pid }) => pid === task.pid);
  const trend = scene.trends.get(`process:${task.pid}:${task.startSeconds ?? ''}`);
  const grows = trend?.certain === true && trend.bytesPerHour > GROWTH_PER_HOUR * rss && rss > 64 * MIB;
  const reasons: string[] = [];
  if (
    maps !== undefined &&
    maps.arenas > 2 * cpus &&
    maps.arenaBytes > ARENA_SHARE * rss &&
    maps.arenaBytes > 64 * MIB
  ) {
    reasons.push(
      `${formatCount(maps.arenas)} heaps of glibc hold ${formatBytes(maps.arenaBytes)}: free memory stays in them (MALLOC_ARENA_MAX limits their number)`,
    );
  }
  const near = maps !== undefined && mapLimit !== null && maps.vmas > 0.8 * mapLimit;
  if (near) {
    reasons.push(`${formatCount(maps.vmas)} mappings of ${formatCount(mapLimit)} allowed (vm.max_map_count)`);
  }
  const strayStacks = maps === undefined ? 0 : maps.stackCount - task.threads;
  if (
    maps !== undefined &&
    maps.stackCount > 1.5 * task.threads + 16 &&
    strayStacks * maps.stackSize > STRAY_STACKS_BYTES
  ) {
    reasons.push(
      `${formatCount(maps.stackCount)} mappings of ${formatBytes(maps.stackSize)} for ${formatCount(task.threads)} threads: stacks that nobody unmapped`,
    );
  }
  const reserved = scene.trends.get(`virtual:${task.pid}:${task.startSeconds ?? ''}`);
  const reserves = reserved?.certain === true && reserved.changeBytes > GIB && !grows;
  if (reserves) {
    reasons.push(
      `its address space grew by ${formatBytes(reserved.changeBytes)} to ${formatBytes(task.virtual)}, its resident memory did not: mappings that nobody unmapped`,
    );
  }
  const large = total > 0 && rss > LARGE_SHARE * total;
  if (!grows && !large && reasons.length === 0) return null;
  const parts = [
    ['anonymous', task.rssAnon],
    ['files', task.rssFile],
    ['shared memory', task.rssShmem],
  ] as const;
  const split = parts.filter(([, bytes]) => bytes > 0.02 * rss).map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  return finding('R13', near ? 'limit' : grows || reserves ? 'growing' : 'large', {
    item: `process ${taskName(task)}`,
    bytes: rss,
    growthBytesPerHour: grows ? trend.bytesPerHour : null,
    holders: [{ kind: 'process', name: taskName(task), bytes: rss } satisfies Holder],
    text: `${task.name} ${task.pid} has ${formatBytes(rss)} resident${total > 0 ? ` (${formatShare(rss, total)})` : ''}: ${split.join(', ')}.`,
    details: [...reasons, ...(grows ? growthParts(scene, task, maps) : [])],
    next: [`pmap -x ${task.pid} | sort -k3 -nr | head`, `unfreed live --pid ${task.pid} --category anon`],
  });
}

/** What of a process grew between the looks: by kind of memory, and of the largest by heap, arenas and stacks. */
function growthParts(scene: Scene, task: ProcessFacts, maps: MappingFacts | undefined): string[] {
  const { looks, now } = scene;
  const before = looks.find(({ processes }) => processes?.some((each) => isSame(each, task)) === true);
  const then = before?.processes?.find((each) => isSame(each, task));
  if (before === undefined || before === now || then === undefined) return [];
  const mapsThen = before.mappings?.find(({ pid }) => pid === task.pid);
  const parts: (readonly [name: string, bytes: number])[] = [
    ['anonymous', task.rssAnon - then.rssAnon],
    ['files', task.rssFile - then.rssFile],
    ['shared memory', task.rssShmem - then.rssShmem],
    ['swap', task.swap - then.swap],
  ];
  if (maps !== undefined && mapsThen !== undefined) {
    parts.push(
      ['heap', maps.heap - mapsThen.heap],
      ['arenas', maps.arenaBytes - mapsThen.arenaBytes],
      ['stacks', maps.stackSize * (maps.stackCount - mapsThen.stackCount)],
    );
  }
  const grown = parts.filter(([, bytes]) => bytes > MIB).toSorted((one, other) => other[1] - one[1]);
  return grown.length === 0
    ? []
    : [`grown: ${grown.map(([name, bytes]) => `${name} by ${formatBytes(bytes)}`).join(', ')}`];
}

function isSame(one: ProcessFacts, other: ProcessFacts): boolean {
  return one.pid === other.pid && one.name === other.name && one.startSeconds === other.startSeconds;
}

function groupByName(
  tasks: readonly ProcessFacts[],
  amount: (task: ProcessFacts) => number,
): { name: string; tasks: number; bytes: number }[] {
  const bytes = sumBy(tasks, ({ name }) => name, amount);
  const counts = sumBy(
    tasks,
    ({ name }) => name,
    () => 1,
  );
  const pids = new Map(tasks.map(({ name, pid }) => [name, pid]));
  return [...bytes].map(([name, own]) => ({
    name: counts.get(name) === 1 ? `${pids.get(name)} ${name}` : name,
    tasks: counts.get(name) ?? 0,
    bytes: own,
  }));
}
