/** Items: everything in a trace that is not an event, to and from the messages of schema.proto. */
import { checkedHostFacts } from '../decode/host-json.js';
import { COUNTER_SOURCES, END_REASONS } from '../decode/wire-names.js';
import type { HostFacts } from '../event/host-facts.js';
import { ALLOCATOR_NAMES } from '../event/kinds.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { ByteReader, ByteWriter, decodeText, encodeText, unzigzag, wholeTime, zigzag } from './bytes.js';
import { partMessage, type RecordingPart } from './part.js';
import type { unfreed } from './schema.js';

type ItemMessage = unfreed.Item.$Properties;

/** Texts are cut here, so that one always fits a chunk; the collector's own limit is the same. */
export const MAX_TEXT_BYTES = 8 << 20;

/** Numbers on disk are places in this list; they never change meaning. */
const SELF_MODES: HostFacts['self'][] = ['keep', 'mark', 'drop'];

export function hostItem(at: number, facts: HostFacts): ItemMessage {
  return {
    at,
    host: {
      collector: shortText(facts.collector),
      hostname: shortText(facts.hostname),
      kernel: shortText(facts.kernel),
      arch: shortText(facts.arch),
      pageSize: facts.pageSize,
      cpus: facts.cpus,
      memTotalBytes: facts.memTotalBytes,
      startUnixMs: facts.startUnixMs,
      allocators: Uint8Array.from(facts.allocators, (name) => ALLOCATOR_NAMES.indexOf(name)),
      minSizeBytes: facts.minSizeBytes,
      sampleOneIn: facts.sampleOneIn,
      sampleSeed: facts.sampleSeed,
      minAgeNs: facts.minAgeNs,
      maxOverhead: facts.maxOverhead,
      overhead: facts.overhead,
      self: SELF_MODES.indexOf(facts.self),
      hooks: facts.hooks.map(shortText),
      notes: facts.notes.map(shortText),
    },
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
    hooks: (host.hooks ?? []).map(decodeText),
    notes: (host.notes ?? []).map(decodeText),
  });
}

export function symbolItem(at: number, entry: SymbolisedAddress): ItemMessage {
  return {
    at,
    symbol: {
      addressHi: entry.addressHi,
      addressLo: entry.addressLo,
      name: shortText(entry.symbol),
      offset: entry.offset,
      module: entry.module === null ? undefined : shortText(entry.module),
    },
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

export function lossesItem(at: number, timeNs: number, rows: LossRow[]): ItemMessage {
  const writer = new ByteWriter(rows.length * 12 + 8);
  for (const row of rows) {
    writer.varint(row.cause);
    writer.varint(row.kind);
    writer.varint(zigzag(row.cpu));
    writer.varint(row.count);
    writer.varint(row.bytes);
    writer.varint(row.countWithBytes);
  }
  return { at, losses: { timeNs: wholeTime(timeNs), count: rows.length, rows: writer.bytes() } };
}

/** null when the bytes are not what they say. */
function readLosses(losses: unfreed.Losses.$Properties): LossRow[] | null {
  const count = losses.count ?? 0;
  const bytes = losses.rows ?? EMPTY;
  // Six varints a row.
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

export function countersItem(at: number, timeNs: number, source: CounterSource, text: string): ItemMessage {
  const bytes = encodeText(text).subarray(0, MAX_TEXT_BYTES);
  return { at, counters: { timeNs: wholeTime(timeNs), source: COUNTER_SOURCES.indexOf(source), text: bytes } };
}

export function clockItem(at: number, timeNs: number): ItemMessage {
  return { at, clock: { timeNs: wholeTime(timeNs) } };
}

export function endItem(at: number, timeNs: number, reason: EndReason, detail: string): ItemMessage {
  const bytes = encodeText(detail).subarray(0, MAX_TEXT_BYTES);
  return { at, end: { timeNs: wholeTime(timeNs), reason: END_REASONS.indexOf(reason), detail: bytes } };
}

export function partItem(at: number, part: RecordingPart): ItemMessage {
  return { at, part: partMessage(part) };
}

/**
 * Gives an item to the sink. An item of a kind that we do not know is passed over. False when the item contradicts
 * itself: the sink then hears nothing of it.
 */
export function readItem(item: ItemMessage, sink: TraceSink): boolean {
  if (item.host) {
    sink.host(readHost(item.host));
  } else if (item.symbol) {
    sink.symbol(readSymbol(item.symbol));
  } else if (item.losses) {
    const rows = readLosses(item.losses);
    if (rows === null || !isTime(item.losses.timeNs)) return false;
    sink.losses(item.losses.timeNs ?? 0, rows);
  } else if (item.counters) {
    const source = COUNTER_SOURCES[item.counters.source ?? 0];
    if (!isTime(item.counters.timeNs)) return false;
    if (source !== undefined) sink.counters(item.counters.timeNs ?? 0, source, decodeText(item.counters.text));
  } else if (item.clock) {
    if (!isTime(item.clock.timeNs)) return false;
    sink.clock(item.clock.timeNs ?? 0);
  } else if (item.end) {
    if (!isTime(item.end.timeNs)) return false;
    sink.end(item.end.timeNs ?? 0, END_REASONS[item.end.reason ?? 0] ?? 'stopped', decodeText(item.end.detail));
  }
  // A part item is for whoever reads files, not for the sink: see RecordingReader.
  return true;
}

/** Names and sentences are cut at 64 KiB: far above what the decoders let through. */
function shortText(text: string): Uint8Array {
  return encodeText(text).subarray(0, 1 << 16);
}

/** Absent means 0 in proto3. */
function isTime(timeNs: number | null | undefined): boolean {
  const time = timeNs ?? 0;
  return Number.isInteger(time) && time >= 0 && time <= Number.MAX_SAFE_INTEGER;
}

const EMPTY = new Uint8Array(0);
