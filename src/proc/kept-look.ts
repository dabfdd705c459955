/**
 * A look within bounds, so that a recording can carry it: the counters as they are, of tables the
 * rows that hold most, of the log its end. What is left out, the look says.
 */
import type { Look, NotRead } from './look.js';
import type { LookTable } from './look-tables.js';
import { shortVmallocinfo } from './short-vmallocinfo.js';

/** Bytes of all texts together, with their names. */
const LOOK_BYTES = 1 << 20;
/** Bytes of one text: a slabinfo of 1,500 caches. */
const TEXT_BYTES = 192 << 10;
/** OOM reports of a large machine have some 20 KiB. */
const LOG_BYTES = 96 << 10;
/** From here on the lists of a zoneinfo are summed over the CPUs: 256 of them print 100 KiB for each node. */
const LONG_ZONEINFO = 32 << 10;
/** From here on the areas of a vmallocinfo are summed by caller. */
const LONG_VMALLOCINFO = 8 << 10;
/** Texts that no rule reads. */
const LEFT_OUT: readonly string[] = ['proc/net/netstat'];
/** What the equation needs is kept first. */
const FIRST: readonly string[] = ['table/machine', 'proc/meminfo', 'proc/zoneinfo', 'proc/vmstat', 'proc/slabinfo'];

/** Value of a column in the row at hand; 0 = empty or no number. */
type Cells = (column: string) => number;
/** So many rows, the greatest first. */
type Keep = readonly [rows: number, by: (cells: Cells) => number];

const sum =
  (...columns: string[]) =>
  (cells: Cells): number =>
    columns.reduce((total, column) => total + cells(column), 0);

/** The root counts the removed cgroups of all; one at its limit is a finding however small it is. */
const KEPT_ROWS: Partial<Record<LookTable, readonly Keep[]>> = {
  'table/processes': [
    [200, sum('rssAnon', 'rssFile', 'rssShmem')],
    [20, sum('threads')],
    [20, sum('virtual')],
  ],
  'table/cgroups': [
    [200, sum('current')],
    [20, sum('dying')],
    [20, sum('oomKills')],
    [20, fullness],
  ],
  'table/mounts': [[200, sum('used')]],
  'table/shmem': [[200, sum('bytes')]],
  'table/sockets': [
    [200, sum('receiveQueue', 'sendQueue', 'ringBytes')],
    [40, sum('count')],
  ],
  'table/bpf': [[200, sum('bytes')]],
  'table/owners': [[200, sum('bytes')]],
};

/** A look without its source: what a trace carries of it (CarriedLook of event/trace-sink.ts). */
export interface KeptLook {
  /** 0 = unknown. */
  unixMs: number;
  texts: Map<string, string>;
  notRead: NotRead[];
}

/** Returns the look within bounds: at most LOOK_BYTES of UTF-8, every text cut at a line. */
export function keptLook({ timeMs, texts, notRead }: Look): KeptLook {
  const kept: KeptLook = { unixMs: Math.max(0, Math.round(timeMs ?? 0)), texts: new Map(), notRead: [...notRead] };
  const names = [
    ...FIRST.filter((name) => texts.has(name)),
    ...[...texts.keys()].filter((name) => !FIRST.includes(name) && !LEFT_OUT.includes(name)),
  ];
  let room = LOOK_BYTES;
  for (const name of names) {
    const whole = texts.get(name) ?? '';
    const { text, why } = boundedText(name, whole, room - byteLength(name));
    if (text !== '') {
      kept.texts.set(name, text);
      room -= byteLength(name) + byteLength(text);
    }
    if (why !== '') kept.notRead.push({ what: name, why });
  }
  return kept;
}

/** Returns a look that a trace carried. `source` names the recording, for the head line. */
export function carriedLook(
  { unixMs, texts, notRead }: Readonly<Pick<KeptLook, 'unixMs'>> & Pick<Look, 'texts' | 'notRead'>,
  source: string,
): Look {
  return { timeMs: unixMs === 0 ? null : unixMs, origin: 'recording', source, texts, notRead };
}

function boundedText(name: string, whole: string, room: number): { text: string; why: string } {
  const most = Math.min(room, name === 'log/kernel' ? LOG_BYTES : TEXT_BYTES);
  if (name === 'log/kernel') return { text: lastLines(whole, most), why: '' };
  const rows = name in KEPT_ROWS ? largestRows(name as LookTable, whole) : { text: whole, why: '' };
  const short = shorter(name, rows.text);
  const text = firstLines(short, most);
  if (text.length === 0 && whole !== '') return { text, why: 'no room in the recording' };
  return { text, why: text.length < short.length ? CUT : rows.why };
}

/** Returns the same facts in fewer lines, where a text is long. */
function shorter(name: string, text: string): string {
  if (name === 'proc/zoneinfo') return shorterZoneinfo(text);
  return name === 'proc/vmallocinfo' && text.length > LONG_VMALLOCINFO ? shortVmallocinfo(text) : text;
}

const CUT = 'its first part alone is in the recording';

/** A cgroup's use of its limit, 0 to 1. */
function fullness(cells: Cells): number {
  return cells('max') > 0 ? cells('current') / cells('max') : 0;
}

/** Lines of a table are kept as they are: there may be 100,000 of them, and the trace waits meanwhile. */
function largestRows(table: LookTable, text: string): { text: string; why: string } {
  const keeps = KEPT_ROWS[table] ?? [];
  const [head, ...lines] = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length <= (keeps[0]?.[0] ?? 0)) return { text, why: '' };
  const places = new Map(head.split('\t', 64).map((name, place) => [name, place]));
  const values = keeps.map(() => new Float64Array(lines.length));
  const kept = new Set<number>();
  let cells: string[] = [];
  const numberIn: Cells = (column) => Number(cells[places.get(column) ?? -1] ?? 0) || 0;
  for (const [row, line] of lines.entries()) {
    cells = line.split('\t', 64);
    if (cells[0] === '/') kept.add(row);
    for (const [keep, [, by]] of keeps.entries()) values[keep][row] = by(numberIn);
  }
  for (const [keep, [count]] of keeps.entries()) for (const row of greatest(values[keep], count)) kept.add(row);
  if (kept.size === lines.length) return { text, why: '' };
  const chosen = [...kept].toSorted((one, other) => one - other).map((row) => lines[row]);
  return { text: `${[head, ...chosen].join('\n')}\n`, why: `the ${keeps[0][0]} largest alone are in the recording` };
}

/** Returns the places of the greatest values above 0, `count` at most. */
function greatest(values: Float64Array, count: number): number[] {
  const ranked = values.toSorted();
  const least = ranked[Math.max(0, ranked.length - count)];
  const places: number[] = [];
  for (const [place, value] of values.entries()) if (value > least && value > 0) places.push(place);
  // Of equal values the first.
  for (let place = 0; place < values.length && places.length < count; place++) {
    if (values[place] === least && least > 0) places.push(place);
  }
  return places;
}

/** Lines of the lists of one CPU. */
const OF_A_CPU = /^ {2,32}(?:cpu|high|high_min|high_max|batch|vm stats threshold): {1,32}\d{1,16}$/;
const COUNT = /^ {2,32}count: {1,32}(\d{1,16})$/;

/** Returns a zoneinfo with one `count:` for all CPUs of a zone, if it is long. */
function shorterZoneinfo(text: string): string {
  if (text.length < LONG_ZONEINFO) return text;
  const lines: string[] = [];
  let free = 0;
  let counts = false;
  for (const line of text.split('\n')) {
    const count = COUNT.exec(line);
    if (count !== null) {
      free += Number(count[1]);
      counts = true;
    } else if (!OF_A_CPU.test(line)) {
      if (counts) lines.push(`              count:    ${free}`);
      counts = false;
      free = 0;
      lines.push(line);
    }
  }
  return lines.join('\n');
}

/** Returns the first whole lines of at most so many bytes. */
function firstLines(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  const end = text.lastIndexOf('\n', unitsWithin(text, bytes) - 1);
  return end < 0 ? '' : text.slice(0, end + 1);
}

function lastLines(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  // No code unit takes more than three bytes.
  const from = Math.max(text.length - Math.floor(bytes / 3), 0);
  const tail = byteLength(text.slice(-bytes)) <= bytes ? text.slice(-bytes) : text.slice(from);
  const start = tail.indexOf('\n');
  return start < 0 ? '' : tail.slice(start + 1);
}

/** Returns how many code units at the start of a text surely take no more than so many bytes. */
function unitsWithin(text: string, bytes: number): number {
  if (bytes <= 0) return 0;
  return byteLength(text.slice(0, bytes)) <= bytes ? bytes : Math.floor(bytes / 3);
}

const ENCODER = new TextEncoder();

function byteLength(text: string): number {
  return ENCODER.encode(text).length;
}
