/** Items: the facts of a trace, to and from the messages of schema.proto. */
import { checkedHostFacts } from '../../decode/stream/host-json.js';
import { COUNTER_SOURCES, END_REASONS } from '../../decode/wire-names.js';
import { COVERAGE_CAUSES, type CoverageGap, type HostFacts } from '../../event/host-facts.js';
import { ALLOCATOR_COUNT, ALLOCATOR_NAMES, HEAP, isOfProcess, KIND_NAMED, kindName } from '../../event/kinds.js';
import type { LossRow } from '../../event/losses.js';
import type { CarriedLook, FactOf, SymbolisedAddress, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { FREED_ROWS, type FreedRow, HELD_ROWS, type HeldRow, PAGE_USES } from '../../event/trace-sink.js';
import { namesJson, parseNames } from '../../things/named-row.js';
import { ByteReader, ByteWriter, decodeText, encodeText, unzigzag, wholeTime, zigzag } from './bytes.js';
import type { IdMaps } from './column-decoder.js';
import type { unfreed } from './generated/schema.js';
import { livesBytes, livesMessage, markBytes, markMessage, readLives, readMark } from './mark-items.js';
import { partMessage, type RecordingPart } from './part.js';
import {
  imageMessage,
  processFactBytes,
  processMessage,
  readImage,
  readProcess,
  readResident,
  residentMessage,
} from './process-items.js';

type ItemMessage = unfreed.Item.$Properties;
/** The file's ids -> ours. */
type PathAndTaskIds = Pick<IdMaps, 'stackId' | 'commId'>;

/** Texts are cut at this length, so that one always fits a chunk; the collector's own limit is the same. */
export const MAX_TEXT_BYTES = 8 << 20;

/** About the bytes that a row of losses takes. */
const LOSS_ROW_BYTES = 12;
const HELD_ROW_BYTES = 20;
const HELD_ROW_VARINTS = 9;
const FREED_ROW_BYTES = 12;
const FREED_ROW_VARINTS = 6;
const NAMED_ROW_BYTES = 500;
/** Texts of a look, and sources that it could not read: some hundred. */
const LOOK_TEXTS = 4096;
/** Pfns are below 2^36: a greater one is damage. */
const PFN_LIMIT = 2 ** 36;
/** Of a process: below its number, of 16 bits, * 2^36. */
const PROCESS_PFN_LIMIT = 2 ** 52;

/** Numbers on disk are indexes into this list; they never change meaning. */
const SELF_MODES: HostFacts['self'][] = ['keep', 'mark', 'drop'];

/** Returns the item of a fact that comes after `at` events of its chunk. */
export function factItem(at: number, fact: TraceFact): ItemMessage {
  switch (fact.type) {
    case 'host':
      return { at, host: hostMessage(fact.facts) };
    case 'symbol':
      return { at, symbol: symbolMessage(fact.entry) };
    case 'losses':
      return { at, losses: { timeNs: wholeTime(fact.timeNs), count: fact.rows.length, rows: lossRowBytes(fact.rows) } };
    case 'counters': {
      const source = COUNTER_SOURCES.indexOf(fact.source);
      return { at, counters: { timeNs: wholeTime(fact.timeNs), source, text: longText(fact.text) } };
    }
    case 'clock':
      return { at, clock: { timeNs: wholeTime(fact.timeNs) } };
    case 'cgroup-removed':
      return { at, cgroupRemoved: { timeNs: wholeTime(fact.timeNs), cgroup: shortText(fact.cgroup) } };
    case 'moves':
      return { at, moves: { timeNs: wholeTime(fact.timeNs), pages: fact.pages } };
    case 'held':
      return { at, held: heldMessage(fact) };
    case 'freed':
      return { at, freed: { timeNs: wholeTime(fact.timeNs), count: fact.rows.length, rows: freedRowBytes(fact.rows) } };
    case 'look':
      return { at, look: lookMessage(fact) };
    case 'mark':
      return { at, mark: markMessage(fact) };
    case 'lives':
      return { at, lives: livesMessage(fact) };
    case 'names':
      return { at, names: { timeNs: wholeTime(fact.timeNs), rows: longText(namesJson(fact.rows)) } };
    case 'process':
      return { at, process: processMessage(fact) };
    case 'image':
      return { at, image: imageMessage(fact) };
    case 'resident':
      return { at, resident: residentMessage(fact) };
    default: {
      const reason = END_REASONS.indexOf(fact.reason);
      return { at, end: { timeNs: wholeTime(fact.timeNs), reason, detail: longText(fact.detail) } };
    }
  }
}

/** Returns about how many bytes the item of a fact takes. */
export function factBytes(fact: TraceFact): number {
  switch (fact.type) {
    case 'host':
      return 1024 + fact.facts.mergedCaches.flat().join().length;
    case 'symbol':
      return fact.entry.symbol.length;
    case 'losses':
      return fact.rows.length * LOSS_ROW_BYTES;
    case 'held':
      return fact.rows.length * HELD_ROW_BYTES;
    case 'freed':
      return fact.rows.length * FREED_ROW_BYTES;
    case 'counters':
      return fact.text.length;
    case 'look':
      return lookBytes(fact.look);
    case 'cgroup-removed':
      return fact.cgroup.length + 16;
    case 'mark':
      return markBytes(fact.mark);
    case 'lives':
      return livesBytes(fact.lives);
    case 'names':
      return fact.rows.length * NAMED_ROW_BYTES;
    case 'clock':
    case 'moves':
      return 16;
    case 'process':
    case 'image':
    case 'resident':
      return processFactBytes(fact);
    default:
      return fact.detail.length;
  }
}

function hostMessage(facts: HostFacts): unfreed.Host.$Properties {
  return {
    collector: shortText(facts.collector),
    hostname: shortText(facts.hostname),
    kernel: shortText(facts.kernel),
    arch: shortText(facts.arch),
    pageSize: facts.pageSize,
    cpus: facts.cpus,
    memTotalBytes: facts.memTotalBytes,
    percpuFirstChunkBytes: facts.percpuFirstChunkBytes,
    balloonInTotal: facts.balloonInTotal,
    startUnixMs: facts.startUnixMs,
    allocators: Uint8Array.from(facts.allocators, (name) => ALLOCATOR_NAMES.indexOf(name)),
    minSizeBytes: facts.minSizeBytes,
    sampleOneIn: facts.sampleOneIn,
    sampleSeed: facts.sampleSeed,
    minAgeNs: facts.minAgeNs,
    maxOverhead: facts.maxOverhead,
    overhead: facts.overhead,
    timesAreCounts: facts.timesAreCounts,
    self: SELF_MODES.indexOf(facts.self),
    mergedCaches: facts.mergedCaches.map((names) => ({ names: names.map(shortText) })),
    heldBy: shortText(facts.heldBy),
    hooks: facts.hooks.map(shortText),
    coverage: facts.coverage.map(gapMessage),
    notes: facts.notes.map(shortText),
  };
}

function readHost(host: unfreed.Host.$Properties): HostFacts {
  return checkedHostFacts({
    ...host,
    collector: decodeText(host.collector),
    hostname: decodeText(host.hostname),
    kernel: decodeText(host.kernel),
    arch: decodeText(host.arch),
    allocators: Array.from((host.allocators ?? EMPTY).subarray(0, 16), (allocator) => ALLOCATOR_NAMES[allocator]),
    self: SELF_MODES[host.self ?? 0],
    mergedCaches: (host.mergedCaches ?? []).map(({ names }) => (names ?? []).map(decodeText)),
    heldBy: decodeText(host.heldBy),
    hooks: (host.hooks ?? []).map(decodeText),
    coverage: (host.coverage ?? []).map(readGap),
    notes: (host.notes ?? []).map(decodeText),
  });
}

function gapMessage({ cause, kinds, certain, detail }: CoverageGap): unfreed.CoverageGap.$Properties {
  return {
    cause: COVERAGE_CAUSES.indexOf(cause),
    kinds: Uint8Array.from(kinds, (name) => KIND_NAMED[name]),
    certain,
    detail: shortText(detail),
  };
}

/** Unchecked: checkedHostFacts() drops a cause or kind that it does not know. */
function readGap(gap: unfreed.CoverageGap.$Properties): Record<keyof CoverageGap, unknown> {
  return {
    cause: COVERAGE_CAUSES[gap.cause ?? 0],
    kinds: Array.from((gap.kinds ?? EMPTY).subarray(0, 16), kindName),
    certain: gap.certain === true,
    detail: decodeText(gap.detail),
  };
}

function symbolMessage(entry: SymbolisedAddress): unfreed.Symbol.$Properties {
  return {
    addressHi: entry.addressHi,
    addressLo: entry.addressLo,
    name: shortText(entry.symbol),
    offset: entry.offset,
    module: entry.module === null ? undefined : shortText(entry.module),
  };
}

function readSymbol(symbol: unfreed.Symbol.$Properties): SymbolisedAddress {
  return {
    addressHi: symbol.addressHi ?? 0,
    addressLo: symbol.addressLo ?? 0,
    symbol: decodeText(symbol.name),
    offset: symbol.offset ?? 0,
    module: symbol.module === null || symbol.module === undefined ? null : decodeText(symbol.module),
  };
}

function lossRowBytes(rows: readonly LossRow[]): Uint8Array {
  const writer = new ByteWriter(rows.length * LOSS_ROW_BYTES + 8);
  for (const row of rows) {
    writer.varint(row.cause);
    writer.varint(row.kind);
    writer.varint(zigzag(row.cpu));
    writer.varint(row.count);
    writer.varint(row.bytes);
    writer.varint(row.countWithBytes);
  }
  return writer.bytes();
}

/** Returns the rows; null if the bytes do not hold exactly `count` of them. */
function readLosses(losses: unfreed.Losses.$Properties): LossRow[] | null {
  const count = losses.count ?? 0;
  const bytes = losses.rows ?? EMPTY;
  // A row is six varints, of at least one byte each.
  if (count * 6 > bytes.length) return null;
  const reader = new ByteReader(bytes);
  const rows: LossRow[] = [];
  for (let i = 0; i < count; i++) {
    rows.push({
      cause: reader.varint(),
      kind: reader.varint(),
      cpu: unzigzag(reader.varint()),
      count: reader.varint(),
      bytes: reader.varint(),
      countWithBytes: reader.varint(),
    });
  }
  return reader.finished ? rows : null;
}

function heldMessage({ timeNs, rows }: FactOf<'held'>): unfreed.Held.$Properties {
  const message = { timeNs: wholeTime(timeNs), count: rows.length, rows: heldRowBytes(rows) };
  if (rows.every(({ inPage = 0 }) => inPage === 0)) return message;
  const writer = new ByteWriter(rows.length * 2 + 8);
  for (const { inPage = 0 } of rows) writer.varint(inPage);
  return { ...message, inPage: writer.bytes() };
}

function heldRowBytes(rows: readonly HeldRow[]): Uint8Array {
  const writer = new ByteWriter(rows.length * HELD_ROW_BYTES + 8);
  let last = 0;
  for (const row of rows) {
    writer.varint(row.stackId);
    writer.varint(row.allocator);
    writer.varint(row.use);
    writer.varint(row.size);
    writer.varint(row.count);
    writer.varint(row.ageNs < 0 ? 0 : 1 + Math.min(Math.round(row.ageNs), Number.MAX_SAFE_INTEGER - 1));
    writer.varint(row.pfn < 0 ? 0 : 1 + zigzag(row.pfn - last));
    writer.varint(row.pid);
    writer.varint(row.commId);
    if (row.pfn >= 0) last = row.pfn;
  }
  return writer.bytes();
}

/** Returns the rows; null if the bytes do not hold exactly `count` of them, or rows that cannot be. */
function readHeldRows(held: unfreed.Held.$Properties, maps: PathAndTaskIds): HeldRow[] | null {
  const count = held.count ?? 0;
  const bytes = held.rows ?? EMPTY;
  if (count > HELD_ROWS || count * HELD_ROW_VARINTS > bytes.length) return null;
  const reader = new ByteReader(bytes);
  const rows: HeldRow[] = [];
  let last = 0;
  for (let i = 0; i < count; i++) {
    const row = readRow(reader, last, maps);
    if (row === null) return null;
    if (row.pfn >= 0) last = row.pfn;
    rows.push(row);
  }
  const isWhole = reader.finished && readInPages(held.inPage ?? EMPTY, rows);
  return isWhole ? rows : null;
}

/** Reads where in their pages heap blocks are. Returns false if the bytes do not say it of each row. */
function readInPages(bytes: Uint8Array, rows: HeldRow[]): boolean {
  if (bytes.length === 0) return true;
  if (rows.length > bytes.length) return false;
  const reader = new ByteReader(bytes);
  for (const row of rows) {
    const inPage = reader.varint();
    if (inPage >= 4096 || (inPage > 0 && row.allocator !== HEAP)) return false;
    if (inPage > 0) row.inPage = inPage;
  }
  return reader.finished;
}

function readRow(reader: ByteReader, last: number, maps: PathAndTaskIds): HeldRow | null {
  const row = {
    stackId: maps.stackId(reader.varint()),
    allocator: reader.varint(),
    use: reader.varint(),
    size: reader.varint(),
    count: reader.varint(),
    ageNs: reader.varint() - 1,
    pfn: reader.varint(),
    pid: reader.varint(),
    commId: maps.commId(reader.varint()),
  };
  row.pfn = row.pfn === 0 ? -1 : last + unzigzag(row.pfn - 1);
  const isKnown = row.allocator < ALLOCATOR_COUNT && row.use < PAGE_USES.length;
  const limit = isOfProcess(row.allocator) ? PROCESS_PFN_LIMIT : PFN_LIMIT;
  return isKnown && row.pfn >= -1 && row.pfn < limit ? row : null;
}

function freedRowBytes(rows: readonly FreedRow[]): Uint8Array {
  const writer = new ByteWriter(rows.length * FREED_ROW_BYTES + 8);
  for (const row of rows) {
    writer.varint(row.allocator);
    writer.varint(row.stackId);
    writer.varint(row.freeStackId);
    writer.varint(wholeTime(row.ageNs));
    writer.varint(row.cpu);
    writer.varint(row.freeCpu);
  }
  return writer.bytes();
}

/** Returns the rows; null if the bytes do not hold exactly `count` of them, or rows that cannot be. */
function readFreedRows(count: number, bytes: Uint8Array, maps: PathAndTaskIds): FreedRow[] | null {
  if (count > FREED_ROWS || count * FREED_ROW_VARINTS > bytes.length) return null;
  const reader = new ByteReader(bytes);
  const rows: FreedRow[] = [];
  for (let i = 0; i < count; i++) {
    const row = {
      allocator: reader.varint(),
      stackId: maps.stackId(reader.varint()),
      freeStackId: maps.stackId(reader.varint()),
      ageNs: reader.varint(),
      cpu: reader.varint(),
      freeCpu: reader.varint(),
    };
    if (row.allocator >= ALLOCATOR_COUNT || Math.max(row.cpu, row.freeCpu) > 0xffff) return null;
    rows.push(row);
  }
  return reader.finished ? rows : null;
}

function lookMessage({ timeNs, look }: FactOf<'look'>): unfreed.Look.$Properties {
  return {
    timeNs: wholeTime(timeNs),
    unixMs: wholeTime(look.unixMs),
    texts: Array.from(look.texts, ([name, text]) => ({ name: shortText(name), text: longText(text) })),
    notRead: look.notRead.map(({ what, why }) => ({ what: shortText(what), why: shortText(why) })),
  };
}

function lookBytes({ texts, notRead }: CarriedLook): number {
  let bytes = notRead.length * 64;
  for (const [name, text] of texts) bytes += name.length + text.length;
  return bytes;
}

/** What is more than a look has is left out: a chunk is bounded, and so are the texts. */
function readLook({ unixMs, texts, notRead }: unfreed.Look.$Properties): CarriedLook {
  return {
    unixMs: unixMs ?? 0,
    texts: new Map((texts ?? []).slice(0, LOOK_TEXTS).map(({ name, text }) => [decodeText(name), decodeText(text)])),
    notRead: (notRead ?? [])
      .slice(0, LOOK_TEXTS)
      .map(({ what, why }) => ({ what: decodeText(what), why: decodeText(why) })),
  };
}

export function partItem(at: number, part: RecordingPart): ItemMessage {
  return { at, part: partMessage(part) };
}

/**
 * Sends an item's fact to the sink, and ignores an item of an unknown kind. Returns false if the
 * item contradicts itself: the sink then gets nothing. `maps` are needed for all but symbols.
 */
export function readItem(item: ItemMessage, sink: TraceSink, maps: PathAndTaskIds = SAME_IDS): boolean {
  if (item.host) {
    sink.fact({ type: 'host', facts: readHost(item.host) });
  } else if (item.symbol) {
    sink.fact({ type: 'symbol', entry: readSymbol(item.symbol) });
  } else if (item.losses) {
    const rows = readLosses(item.losses);
    if (rows === null || !isTime(item.losses.timeNs)) return false;
    sink.fact({ type: 'losses', timeNs: item.losses.timeNs ?? 0, rows });
  } else if (item.counters) {
    const source = COUNTER_SOURCES[item.counters.source ?? 0];
    if (!isTime(item.counters.timeNs)) return false;
    if (source === undefined) return true;
    const text = decodeText(item.counters.text);
    sink.fact({ type: 'counters', timeNs: item.counters.timeNs ?? 0, source, text });
  } else if (item.clock) {
    if (!isTime(item.clock.timeNs)) return false;
    sink.fact({ type: 'clock', timeNs: item.clock.timeNs ?? 0 });
  } else if (item.cgroupRemoved) {
    const { timeNs, cgroup } = item.cgroupRemoved;
    if (!isTime(timeNs)) return false;
    sink.fact({ type: 'cgroup-removed', timeNs: timeNs ?? 0, cgroup: decodeText(cgroup) });
  } else if (item.moves) {
    const pages = item.moves.pages ?? 0;
    if (!isTime(item.moves.timeNs) || !isTime(pages)) return false;
    sink.fact({ type: 'moves', timeNs: item.moves.timeNs ?? 0, pages });
  } else if (item.held) {
    const rows = readHeldRows(item.held, maps);
    if (rows === null || !isTime(item.held.timeNs)) return false;
    sink.fact({ type: 'held', timeNs: item.held.timeNs ?? 0, rows });
  } else if (item.freed) {
    const rows = readFreedRows(item.freed.count ?? 0, item.freed.rows ?? EMPTY, maps);
    if (rows === null || !isTime(item.freed.timeNs)) return false;
    sink.fact({ type: 'freed', timeNs: item.freed.timeNs ?? 0, rows });
  } else if (item.look) {
    const { timeNs, unixMs } = item.look;
    if (!isTime(timeNs) || !isTime(unixMs)) return false;
    sink.fact({ type: 'look', timeNs: timeNs ?? 0, look: readLook(item.look) });
  } else if (item.mark) {
    const mark = readMark(item.mark);
    if (mark === null || !isTime(item.mark.timeNs)) return false;
    if (mark !== undefined) sink.fact({ type: 'mark', timeNs: item.mark.timeNs ?? 0, mark });
  } else if (item.lives) {
    const lives = readLives(item.lives);
    if (lives === null || !isTime(item.lives.timeNs)) return false;
    sink.fact({ type: 'lives', timeNs: item.lives.timeNs ?? 0, lives });
  } else if (item.names) {
    const { timeNs, rows } = item.names;
    if (!isTime(timeNs)) return false;
    sink.fact({ type: 'names', timeNs: timeNs ?? 0, rows: parseNames(decodeText(rows)) });
  } else if (item.process) {
    const process = readProcess(item.process);
    if (process === null || !isTime(item.process.timeNs)) return false;
    if (process !== undefined) sink.fact({ type: 'process', timeNs: item.process.timeNs ?? 0, process });
  } else if (item.image) {
    const image = readImage(item.image);
    if (image === null) return false;
    sink.fact({ type: 'image', image });
  } else if (item.resident) {
    const resident = readResident(item.resident);
    if (resident === null || !isTime(item.resident.timeNs)) return false;
    sink.fact({ type: 'resident', timeNs: item.resident.timeNs ?? 0, ...resident });
  } else if (item.end) {
    if (!isTime(item.end.timeNs)) return false;
    const reason = END_REASONS[item.end.reason ?? 0] ?? 'stopped';
    sink.fact({ type: 'end', timeNs: item.end.timeNs ?? 0, reason, detail: decodeText(item.end.detail) });
  }
  // A part item is for the readers of files, not for the sink: see RecordingReader.
  return true;
}

/** Returns a name or a sentence as bytes, cut at 64 KiB: far above the limits of the decoders. */
function shortText(text: string): Uint8Array {
  return encodeText(text).subarray(0, 1 << 16);
}

/** Returns a text of the kernel's counters, or of the end, as bytes. */
function longText(text: string): Uint8Array {
  return encodeText(text).subarray(0, MAX_TEXT_BYTES);
}

/** Absent means 0 in proto3. */
function isTime(timeNs: number | null | undefined): boolean {
  const time = timeNs ?? 0;
  return Number.isInteger(time) && time >= 0 && time <= Number.MAX_SAFE_INTEGER;
}

const EMPTY = new Uint8Array(0);
const SAME_IDS: PathAndTaskIds = { stackId: (id) => id, commId: (id) => id };
