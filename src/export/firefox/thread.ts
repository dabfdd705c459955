/**
 * One thread of the profile: the call paths of one category, in tables of the processed format's
 * version 49. A thread has its own strings, functions, frames and call paths.
 */
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import { namesRootFirst, stateOf } from '../parts/call-paths.js';
import { StringTable } from '../parts/string-table.js';
import { type Marker, toMs } from './markers.js';
import { type Piece, piecesOf } from './pieces-of-curve.js';

/** A change of what the whole thread holds, for its memory track. */
export interface Change {
  timeNs: number;
  bytes: number;
}

export interface ThreadPlace {
  /** Its index in the profile; also makes its pid and tid. */
  index: number;
  /** Index of its category in `meta.categories`. */
  category: number;
  /** Name in the viewer. */
  name: string;
}

/** Returns the thread as the format wants it, and how what it holds changed. */
export function threadOf(
  stacks: readonly ReportStack[],
  report: Report,
  place: ThreadPlace,
  markers: readonly Marker[],
): { thread: object; changes: Change[] } {
  const tables = new Tables(place.category);
  const placed = stacks.flatMap((stack) => {
    const row = tables.stackOf(pathOf(stack));
    return piecesOf(stack, report).map((piece) => ({ ...piece, row }));
  });
  placed.sort((a, b) => a.takenNs - b.takenNs);
  const { strings } = tables;
  const held = placed.filter(({ freedNs }) => freedNs === null);
  const { changes, nativeAllocations } = allocationsOf(placed, place.index);
  const thread = {
    processType: 'default',
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    processName: place.name,
    name: place.name,
    isMainThread: true,
    pid: String(place.index + 1),
    tid: place.index + 1,
    // The tree that opens first: what is held at the end, at the time at which it was taken.
    samples: {
      length: held.length,
      stack: held.map(({ row }) => row),
      time: held.map(({ takenNs }) => toMs(takenNs)),
      weight: held.map(({ bytes }) => bytes),
      weightType: 'bytes',
    },
    nativeAllocations,
    markers: {
      length: markers.length,
      data: markers.map(({ data }) => data),
      name: markers.map(({ name }) => strings.index(name)),
      startTime: markers.map(({ startMs }) => startMs),
      endTime: markers.map(({ endMs }) => endMs),
      phase: markers.map(({ endMs }) => (endMs === null ? INSTANT : INTERVAL)),
      category: markers.map(() => 0),
    },
    ...tables.encoded(),
    resourceTable: { length: 0, lib: [], name: [], host: [], type: [] },
    nativeSymbols: { length: 0, libIndex: [], address: [], name: [], functionSize: [] },
    stringArray: strings.strings,
  };
  return { thread, changes };
}

/** Phases of a marker: of one moment, and with a start and an end. */
const INSTANT = 0;
const INTERVAL = 1;

/** Frames root first; a verdict is one more frame at the leaf, as in speedscope and folded. */
function pathOf(stack: ReportStack): string[] {
  const names = namesRootFirst(stack);
  const state = stateOf(stack);
  return state === null ? names : [...names, `[${state}]`];
}

/** Allocations and frees in the order of time; a free has the serial number of its allocation as address. */
function allocationsOf(
  pieces: readonly (Piece & { row: number })[],
  threadId: number,
): { changes: Change[]; nativeAllocations: object } {
  const events: { timeNs: number; bytes: number; row: number; address: number }[] = [];
  for (const [address, { takenNs, freedNs, bytes, row }] of pieces.entries()) {
    events.push({ timeNs: takenNs, bytes, row, address });
    if (freedNs !== null) events.push({ timeNs: freedNs, bytes: -bytes, row, address });
  }
  // Sorting keeps the order of equal times, so that no free comes before its allocation.
  events.sort((a, b) => a.timeNs - b.timeNs);
  const changes: Change[] = [];
  for (const { timeNs, bytes } of events) {
    const last = changes.at(-1);
    if (last?.timeNs === timeNs) last.bytes += bytes;
    else changes.push({ timeNs, bytes });
  }
  const nativeAllocations = {
    length: events.length,
    time: events.map(({ timeNs }) => toMs(timeNs)),
    weight: events.map(({ bytes }) => bytes),
    weightType: 'bytes',
    stack: events.map(({ row }) => row),
    memoryAddress: events.map(({ address }) => address),
    threadId: events.map(() => threadId + 1),
  };
  return { changes, nativeAllocations };
}

/** A column that has one value in all rows. */
function all<Value>(rows: readonly unknown[], value: Value): Value[] {
  return rows.map(() => value);
}

/** The tables of functions, frames and call paths. Every function has one frame. */
class Tables {
  readonly strings = new StringTable();
  private readonly category: number;
  private readonly functions: number[] = [];
  private readonly functionOf = new Map<number, number>();
  private readonly frames: number[] = [];
  private readonly prefixes: (number | null)[] = [];
  private readonly rowOf = new Map<string, number>();

  constructor(category: number) {
    this.category = category;
  }

  /** Returns the row of a call path, root first, in the table of stacks. */
  stackOf(names: readonly string[]): number {
    let prefix: number | null = null;
    for (const name of names) prefix = this.below(prefix, this.functionNamed(name));
    return prefix ?? 0;
  }

  private below(prefix: number | null, frame: number): number {
    const key = `${prefix} ${frame}`;
    const known = this.rowOf.get(key);
    if (known !== undefined) return known;
    const row = this.frames.push(frame) - 1;
    this.prefixes.push(prefix);
    this.rowOf.set(key, row);
    return row;
  }

  private functionNamed(name: string): number {
    const text = this.strings.index(name);
    const known = this.functionOf.get(text);
    if (known !== undefined) return known;
    const index = this.functions.push(text) - 1;
    this.functionOf.set(text, index);
    return index;
  }

  encoded(): object {
    const { functions, frames, prefixes, category } = this;
    return {
      stackTable: {
        length: frames.length,
        frame: frames,
        prefix: prefixes,
        category: all(frames, category),
        subcategory: all(frames, 0),
      },
      frameTable: {
        length: functions.length,
        address: all(functions, -1),
        inlineDepth: all(functions, 0),
        category: all(functions, category),
        subcategory: all(functions, 0),
        func: functions.map((_, i) => i),
        nativeSymbol: all(functions, null),
        innerWindowID: all(functions, 0),
        implementation: all(functions, null),
        line: all(functions, null),
        column: all(functions, null),
      },
      funcTable: {
        length: functions.length,
        isJS: all(functions, false),
        relevantForJS: all(functions, false),
        name: functions,
        resource: all(functions, -1),
        fileName: all(functions, null),
        lineNumber: all(functions, null),
        columnNumber: all(functions, null),
      },
    };
  }
}
