/** The traced processes of a report: who they are, what the kernel counts for them, and what is held of their heaps. */
import { ADDRESS_SPACES, HEAP, MAPPED, RESERVED } from '../../event/kinds.js';
import { pageOf, processOf } from '../../pair/live-ranges.js';
import { NAMES, PATH, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { SpaceCourse, SpacePoint, SpaceSample } from '../../pair/processes/space-history.js';
import type { ProcessFigures, ProcessObjects, ProcessSeries, TracedProcess } from '../report/report-memory.js';
import type { CgroupShare } from '../report/report-rows.js';
import { cgroupShares } from '../select/cgroup-shares.js';
import { HeldTable } from '../select/held-table.js';

const KIB = 1024;
/** The least time of which a rate is made. */
const LEAST_NS = 0.5e9;

export interface ProcessInput {
  /** Their mappings at the latest figures, by number. */
  objects: ReadonlyMap<number, ProcessObjects>;
  /** True for a row of the PathTable that is of mappings for anything but the heap and files. */
  isOther: (row: number) => boolean;
}

/** In the order of their numbers. */
export function tracedProcesses(core: PairingCore, { objects, isOther }: ProcessInput): TracedProcess[] {
  const { processes, history } = core.processMemory;
  const known = processes.all();
  if (known.length === 0) return [];
  const held = holdingsOf(core, isOther);
  const isHeapTraced = core.hostFacts.allocators.includes('heap');
  // Without its mappings nothing can be compared with VmSize.
  const isMapTraced = core.hostFacts.allocators.includes('map');
  return known
    .map(({ number, pid, startNs, parent, why, exe, cmdline, beganNs, endedNs, stays }): TracedProcess => {
      const own = held.get(number);
      const task = own === undefined ? 0 : greatest(own.tasks);
      const course = history.of(number);
      const program = exe === '' && why === 'fork' ? (processes.parentOf(number)?.exe ?? '') : exe;
      return {
        number,
        pid,
        name: core.dictionary.comms.name(task) || programName(program),
        exe: program,
        cmdline,
        cgroup: cgroupName(core, task),
        startNs,
        why: why === 'exit' ? 'first' : why,
        parent,
        sinceNs: beganNs,
        endedNs,
        stays,
        first: course === null ? null : figuresOf(course.first),
        last: course === null ? null : figuresOf(course.last),
        objects:
          course === null || !isMapTraced ? null : (objects.get(number) ?? { mapped: 0, reserved: 0, heap: null }),
        heapBytes: isHeapTraced ? (own?.heapBytes ?? 0) : null,
        otherResidentBytes: own?.otherResident ?? null,
        series: course === null || course.points.length === 0 ? null : seriesOf(course),
      };
    })
    .toSorted((a, b) => a.number - b.number);
}

/** Slots of the heap's table up to which its blocks are added up with each sample: some milliseconds. */
const MOST_SLOTS = 2 ** 20;

/** Sums of what is mapped, reserved and held of heaps now, by the number of the process. */
export function objectsOf(core: PairingCore): Map<number, ProcessObjects> {
  const sums = new Map<number, ProcessObjects>();
  const isHeapKnown = core.hostFacts.allocators.includes('heap') && core.tableOf(HEAP).slots <= MOST_SLOTS;
  for (const [allocator, name] of SUMMED) {
    if (name === 'heap' && !isHeapKnown) continue;
    const held = new HeldTable(core, allocator);
    const { words } = held.table;
    let sum: ProcessObjects | undefined;
    let last = -1;
    held.each((slot) => {
      const number = processOf(words, slot * SLOT_WORDS);
      if (number !== last || sum === undefined) {
        last = number;
        sum = sums.get(number) ?? { mapped: 0, reserved: 0, heap: isHeapKnown ? 0 : null };
        sums.set(number, sum);
      }
      sum[name] = (sum[name] ?? 0) + held.bytesAt(slot);
    });
  }
  return sums;
}

const SUMMED = [
  [MAPPED, 'mapped'],
  [RESERVED, 'reserved'],
  [HEAP, 'heap'],
] as const;

/** -1 = not known. */
function bytesOf(kb: number): number {
  return Math.max(0, kb) * KIB;
}

function figuresOf(sample: SpaceSample): ProcessFigures {
  return {
    timeNs: sample.timeNs,
    vsz: bytesOf(sample.vm_size_kb),
    rss: bytesOf(sample.rss_kb),
    anon: bytesOf(sample.anon_kb),
    file: bytesOf(sample.file_kb),
    shmem: bytesOf(sample.shmem_kb),
    swap: bytesOf(sample.swap_kb),
    peakRss: bytesOf(sample.hwm_kb),
    minorFaults: Math.max(0, sample.minflt),
    majorFaults: Math.max(0, sample.majflt),
    heap: sample.heap_kb > 0 ? bytesOf(sample.heap_kb) : null,
    late: bytesOf(sample.late_kb),
    gone: bytesOf(sample.gone_kb),
  };
}

function seriesOf({ points, last }: SpaceCourse): ProcessSeries {
  const { timeNs, vm_size_kb: vmSizeKb, rss_kb: rssKb, minflt: minorFaults, majflt: majorFaults } = last;
  const end: SpacePoint = { timeNs, vmSizeKb, rssKb, minorFaults, majorFaults };
  const all = points.at(-1)?.timeNs === timeNs ? points : [...points, end];
  const rate = (name: 'minorFaults' | 'majorFaults'): number[] =>
    all.map((point, i) => {
      // The last sample may come just behind the one before it: a rate of so short a time would be noise.
      const isShort = i > 1 && point.timeNs - all[i - 1].timeNs < LEAST_NS;
      const before = all[Math.max(0, i - (isShort ? 2 : 1))];
      const seconds = (point.timeNs - before.timeNs) / 1e9;
      // -1 = not known.
      const isKnown = seconds > 0 && before[name] >= 0;
      return isKnown ? Math.max(0, point[name] - before[name]) / seconds : 0;
    });
  return {
    timesNs: all.map((point) => point.timeNs),
    vsz: all.map((point) => Math.max(0, point.vmSizeKb) * KIB),
    rss: all.map((point) => Math.max(0, point.rssKb) * KIB),
    minorPerSecond: rate('minorFaults'),
    majorPerSecond: rate('majorFaults'),
  };
}

interface Holding {
  /** Of what was taken since the trace began. */
  heapBytes: number;
  /** Null until a look at what is resident told of one. */
  otherResident: number | null;
  /** Bytes by task name (an id of the table of tasks). */
  tasks: Map<number, number>;
}

function holdingsOf(core: PairingCore, isOther: ProcessInput['isOther']): Map<number, Holding> {
  const all = new Map<number, Holding>();
  const { paths, processMemory, hostFacts } = core;
  for (const [allocator, { domain }] of ADDRESS_SPACES.entries()) {
    if (domain !== 'process') continue;
    const held = new HeldTable(core, allocator);
    const { words } = held.table;
    // What is next to each other in a table is mostly of one process, and of one task of it.
    let own: Holding | undefined;
    let lastNumber = -1;
    let lastTask = -1;
    let ofTask = 0;
    const leaveTask = (): void => {
      if (own !== undefined && lastTask >= 0) own.tasks.set(lastTask, (own.tasks.get(lastTask) ?? 0) + ofTask);
      ofTask = 0;
    };
    held.each((slot) => {
      const at = slot * SLOT_WORDS;
      const number = processOf(words, at);
      const task = words[at + NAMES] & 0xffff;
      if (number !== lastNumber || task !== lastTask) {
        leaveTask();
        [lastNumber, lastTask] = [number, task];
        own = all.get(number);
        if (own === undefined) {
          own = { heapBytes: 0, otherResident: null, tasks: new Map() };
          all.set(number, own);
        }
      }
      const bytes = held.bytesAt(slot);
      ofTask += bytes;
      if (own === undefined) return;
      if (allocator === HEAP) {
        if (!paths.isBefore(words[at + PATH])) own.heapBytes += bytes;
        return;
      }
      if (allocator !== MAPPED || !isOther(words[at + PATH])) return;
      const pages = processMemory.residentPages(number, pageOf(words, at), held.table.sizeAt(slot));
      if (pages !== null) own.otherResident = (own.otherResident ?? 0) + Math.round(pages) * hostFacts.pageSize;
    });
    leaveTask();
  }
  return all;
}

function greatest(tasks: ReadonlyMap<number, number>): number {
  let best = 0;
  let most = -1;
  // Task 0 has no name.
  for (const [task, bytes] of tasks) if (task !== 0 && bytes > most) [best, most] = [task, bytes];
  return best;
}

function programName(exe: string): string {
  return exe.replace(/ \(deleted\)$/, '').replace(/^.*\//, '');
}

/** Everything is in the root: it says nothing. */
function cgroupName(core: PairingCore, task: number): string | null {
  const [share] = cgroupShares(core, [{ commId: task, bytes: 0, count: 0 }]);
  return share === undefined || share.cgroup === '/' ? null : cgroupText(share);
}

function cgroupText({ name, removed }: CgroupShare): string {
  return `${name}${removed ? ' (removed)' : ''}`;
}
