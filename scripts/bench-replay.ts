/**
 * npm run bench -- replay [FILE | EVENTS [OUTSTANDING...]]: how fast `top` reads a recording, and
 * how soon a replay shows its first frame, and the report at any time. The recordings are FILE, or
 * 20 million events at 100 k and at 2 M outstanding allocations, of both habits of traffic
 * (bench-traffic.ts), the first of them also as a ring of files. They are written like those of a
 * live run (bench-replay-record.ts), into a temporary directory; each measurement runs in a process
 * of its own (bench-replay-task.ts).
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from '../src/recording/files/node-codecs.js';
import { olderPartPaths } from '../src/recording/files/open-parts.js';
import {
  CHUNK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  FIRST_AUXILIARY_KIND,
  parseChunkHeader,
} from '../src/recording/format/chunk-header.js';
import { runAlone } from './bench-alone.js';
import { recordTraffic } from './bench-replay-record.js';
import type { Habit } from './bench-traffic.js';

export interface TopResult {
  events: number;
  outstanding: number;
  /** From opening the file to the ranking. */
  wallMs: number;
  /** CPU time of the thread that pairs, and of the one that decodes (0 = there is none). */
  pairCpuMs: number;
  decodeCpuMs: number;
  peakRssBytes: number;
}

export interface SeekResult {
  /** From opening the file to the first report, and to the last. */
  firstFrameMs: number;
  wholeMs: number;
  /** From the command to the report, for times chosen at random. */
  medianMs: number;
  p95Ms: number;
  maxMs: number;
  /** CPU time of the process for one of them, median. */
  medianCpuMs: number;
  peakRssBytes: number;
}

export interface ReplayBenchRow {
  /** Habit of the traffic (bench-traffic.ts); null = a given recording. */
  habit: Habit | null;
  outstanding: number;
  events: number;
  bytes: number;
  /** Of those, bytes of index and checkpoints. */
  aidBytes: number;
  checkpoints: number;
  topThreaded: TopResult;
  topAlone: TopResult;
  /** With the index, as it was recorded. */
  seeksIndexed: SeekResult;
  /** Without the index, like the file of a recorder that was killed. */
  seeksScanned: SeekResult;
  /** Null = it was not recorded as a ring. */
  ring: RingResult | null;
}

export interface RingResult {
  files: number;
  top: TopResult;
  /** With an index in each file, as it was recorded. */
  seeks: SeekResult;
  /** Without its first file, like a ring whose oldest files were deleted: its indexes are useless then. */
  seeksRound: SeekResult;
}

/** A task of bench-replay-task.ts. */
export interface ReplayTask {
  kind: 'top' | 'top-alone' | 'seeks';
  path: string;
  /** Number of seeks. */
  seeks: number;
}

export interface ReplaySize {
  habits: Habit[];
  events: number;
  outstanding: number[];
  /** Size of one file of the ring, bytes. */
  partBytes: number;
  seeks: number;
}

/** A file of the ring holds some 2.7 million events. */
export const FULL_REPLAY: ReplaySize = {
  habits: ['kernel', 'scattered'],
  events: 20_000_000,
  outstanding: [100_000, 2_000_000],
  partBytes: 16 << 20,
  seeks: 20,
};
/** Enough for a checkpoint, and for a ring of several files. */
export const QUICK_REPLAY: ReplaySize = {
  habits: ['kernel'],
  events: 900_000,
  outstanding: [10_000],
  partBytes: 1 << 20,
  seeks: 3,
};

/** `words`: a recording, or the number of events and of allocations outstanding. */
export async function runReplayBenchOf([first, ...rest]: string[], size: ReplaySize): Promise<ReplayBenchRow[]> {
  if (!existsSync(first)) {
    const outstanding = rest.length > 0 ? rest.map(Number) : size.outstanding;
    const events = Number(first);
    // With fewer events, smaller files, so that the ring has the same number of them.
    const partBytes = Math.ceil((size.partBytes * events) / size.events);
    return runReplayBench({ ...size, events, outstanding, partBytes });
  }
  const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
  try {
    return [await measureFile(first, directory, size.seeks)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export async function runReplayBench(size: ReplaySize): Promise<ReplayBenchRow[]> {
  const { habits, events, outstanding, partBytes, seeks } = size;
  const rows: ReplayBenchRow[] = [];
  for (const habit of habits) {
    for (const [i, target] of outstanding.entries()) {
      const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
      try {
        const path = join(directory, 'traffic.unfreed');
        const ring = i === 0 ? join(directory, 'ring.unfreed') : null;
        recordTraffic({ file: path, ring, partBytes }, { events, outstanding: target, habit });
        rows.push({
          ...(await measureFile(path, directory, seeks)),
          habit,
          outstanding: target,
          ring: ring === null ? null : await measureRing(ring, seeks),
        });
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
  }
  return rows;
}

/** `directory` takes a copy of the recording. */
async function measureFile(path: string, directory: string, seeks: number): Promise<ReplayBenchRow> {
  const cut = join(directory, 'cut.unfreed');
  copyFileSync(path, cut);
  // Without its footer the index is not found.
  truncateSync(cut, statSync(cut).size - 1);
  const topThreaded = await measured<TopResult>({ kind: 'top', path, seeks });
  return {
    habit: null,
    outstanding: topThreaded.outstanding,
    events: topThreaded.events,
    bytes: statSync(path).size,
    ...aidsOf(path),
    topThreaded,
    topAlone: await measured<TopResult>({ kind: 'top-alone', path, seeks }),
    seeksIndexed: await measured<SeekResult>({ kind: 'seeks', path, seeks }),
    seeksScanned: await measured<SeekResult>({ kind: 'seeks', path: cut, seeks }),
    ring: null,
  };
}

async function measureRing(path: string, seeks: number): Promise<RingResult> {
  const older = olderPartPaths(path);
  const top = await measured<TopResult>({ kind: 'top', path, seeks });
  const whole = await measured<SeekResult>({ kind: 'seeks', path, seeks });
  // With one file it is not a ring: the measurement would repeat that of the single file.
  if (older.length === 0) throw new Error(`${path} is one file: its events do not fill the first`);
  rmSync(older[0]);
  const round = await measured<SeekResult>({ kind: 'seeks', path, seeks });
  return { files: older.length + 1, top, seeks: whole, seeksRound: round };
}

async function measured<Result>(task: ReplayTask): Promise<Result> {
  return runAlone('scripts/bench-replay-task.ts', task);
}

/** Counts the auxiliary chunks by the headers of the file's chunks. */
function aidsOf(path: string): { aidBytes: number; checkpoints: number } {
  const fd = openSync(path, 'r');
  const head = new Uint8Array(CHUNK_HEADER_BYTES);
  let aidBytes = 0;
  let checkpoints = 0;
  let at = FILE_HEADER_BYTES;
  while (readSync(fd, head, 0, head.length, at) === head.length) {
    const header = parseChunkHeader(head, 0, crc32);
    if (header === null) break;
    at += CHUNK_HEADER_BYTES + header.storedBytes;
    if (header.kind < FIRST_AUXILIARY_KIND) continue;
    aidBytes += CHUNK_HEADER_BYTES + header.storedBytes;
    if (header.kind === FIRST_AUXILIARY_KIND) checkpoints++;
  }
  closeSync(fd);
  return { aidBytes, checkpoints };
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** Prints the rows as text. */
export function printReplayBench(rows: ReplayBenchRow[]): void {
  for (const row of rows) {
    const share = ((100 * row.aidBytes) / (row.bytes - row.aidBytes)).toFixed(1);
    const habit = row.habit === null ? '' : `, ${row.habit}`;
    console.log(
      `${row.events.toLocaleString('en')} events, ${row.outstanding.toLocaleString('en')} outstanding${habit}`,
    );
    console.log(
      `  ${(row.bytes / row.events).toFixed(2)} bytes an event, ${row.checkpoints} checkpoints: ${share} % of the rest`,
    );
    console.log(topLine('two threads', row.topThreaded));
    console.log(topLine('one thread', row.topAlone));
    console.log(seekLine('with index', row.seeksIndexed));
    console.log(seekLine('without', row.seeksScanned));
    if (row.ring === null) continue;
    const { files, top, seeks, seeksRound } = row.ring;
    console.log(topLine(`a ring of ${files} files`, top));
    console.log(seekLine('a ring', seeks));
    console.log(seekLine('a ring without its first file', seeksRound));
  }
}

function topLine(name: string, { events, wallMs, pairCpuMs, decodeCpuMs, peakRssBytes }: TopResult): string {
  const rate = (ms: number): string => (events / ms / 1000).toFixed(2);
  const decode = decodeCpuMs > 0 ? `, decoding ${rate(decodeCpuMs)}` : '';
  const cpu = `by CPU time: this thread ${rate(pairCpuMs)}${decode}`;
  return `  top, ${name}: ${rate(wallMs)} M events/s (${cpu}), peak ${mib(peakRssBytes)}`;
}

function seekLine(name: string, seek: SeekResult): string {
  const { firstFrameMs, wholeMs, medianMs, medianCpuMs, p95Ms, maxMs, peakRssBytes } = seek;
  return (
    `  replay, ${name}: first frame ${firstFrameMs.toFixed(0)} ms, all ${wholeMs.toFixed(0)} ms; seek median ` +
    `${medianMs.toFixed(0)} (CPU ${medianCpuMs.toFixed(0)}), p95 ${p95Ms.toFixed(0)}, max ${maxMs.toFixed(0)} ms; ` +
    `peak ${mib(peakRssBytes)}`
  );
}
