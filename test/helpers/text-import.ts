import { examine, type Recognised, SEARCHED_BYTES } from '../../src/decode/recognise.js';
import type { TextTraceDecoder } from '../../src/decode/text/text-decoder.js';
import { createTextDecoder, type TextFormat } from '../../src/decode/text-decoders.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import { kindName } from '../../src/event/kinds.js';
import type { LossRow } from '../../src/event/losses.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { SymbolisedAddress } from '../../src/event/trace-sink.js';
import { type ImportSummary, TextReader } from '../../src/recording/trace/text-reader.js';
import { type LoggedEvent, SinkLog } from './sink-log.js';

export interface ImportedText {
  log: SinkLog;
  dictionary: TraceDictionary;
  decoder: TextTraceDecoder;
  /**
   * A line for each event: `12.5us kmalloc ffff888100000040 64/60 pid 7 sh < kmalloc_trace <
   * foo+0x12 [mod]`.
   */
  events: string[];
  losses: LossRow[];
  /** The last facts that were sent. */
  host: HostFacts;
}

/** Imports a whole text in pieces of `chunkBytes` bytes. */
export function importText(
  format: TextFormat,
  text: string | Uint8Array,
  options: { userFrames?: boolean; chunkBytes?: number; pageSize?: number } = {},
): ImportedText {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const decoder = createTextDecoder(format, log, dictionary, {
    userFrames: options.userFrames ?? false,
    pageSize: options.pageSize,
  });
  pushAll(bytesOf(text), options.chunkBytes ?? 65536, (chunk) => decoder.push(chunk));
  decoder.finish();
  return { ...describeLog(log, dictionary), decoder };
}

/** A text as the program reads it: recognised, and what happened to it on its way taken off. */
export interface ReadText extends Omit<ImportedText, 'decoder'> {
  recognised: Recognised;
  /** null = the text was refused. */
  summary: ImportSummary | null;
}

/** Reads a whole text in pieces of `chunkBytes` bytes; those of a refused text are not read. */
export function readText(text: string | Uint8Array, chunkBytes = 1 << 18): ReadText {
  const bytes = bytesOf(text);
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const recognised = examine(bytes.subarray(0, SEARCHED_BYTES));
  const { format, damage, times } = recognised;
  let summary: ImportSummary | null = null;
  if (format === 'perf-script' || format === 'ftrace' || format === 'trace-cmd') {
    const reader = new TextReader(format, log, dictionary, { userFrames: false, damage, times });
    pushAll(bytes, chunkBytes, (chunk) => reader.push(chunk));
    reader.finish();
    summary = reader.summary();
  }
  return { ...describeLog(log, dictionary), recognised, summary };
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}

function pushAll(bytes: Uint8Array, chunkBytes: number, push: (chunk: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // A copy, overwritten afterwards: the decoder must not keep any part of a chunk.
    const chunk = new Uint8Array(bytes.subarray(at, at + chunkBytes));
    push(chunk);
    chunk.fill(0x58);
  }
}

function describeLog(log: SinkLog, dictionary: TraceDictionary): Omit<ImportedText, 'decoder'> {
  const names = symbolNames(log);
  const hosts = log.calls.flatMap((call) => (call.call === 'host' ? [call.facts] : []));
  return {
    log,
    dictionary,
    events: log.eventRows.map((row) => describeEvent(row, dictionary, names)),
    losses: log.lossRows,
    host: hosts[hosts.length - 1],
  };
}

/** "hi:lo" -> name, as a report would show it. */
export function symbolNames(log: SinkLog): Map<string, string> {
  const names = new Map<string, string>();
  for (const call of log.calls) {
    if (call.call === 'symbol') names.set(`${call.entry.addressHi}:${call.entry.addressLo}`, frameText(call.entry));
  }
  return names;
}

function frameText(entry: SymbolisedAddress): string {
  const offset = entry.offset === 0 ? '' : `+0x${entry.offset.toString(16)}`;
  return entry.symbol + offset + (entry.module === null ? '' : ` [${entry.module}]`);
}

export function pathText(stackId: number, dictionary: TraceDictionary, names: Map<string, string>): string[] {
  const { stacks } = dictionary;
  return Array.from({ length: stacks.depth(stackId) }, (_, i) => {
    const frame = stacks.frameId(stackId, i);
    const { hi, lo } = stacks.frames;
    return names.get(`${hi[frame]}:${lo[frame]}`) ?? hex(hi[frame], lo[frame]);
  });
}

function describeEvent(row: LoggedEvent, dictionary: TraceDictionary, names: Map<string, string>): string {
  const [timeNs, kind, hi, lo, size, bytesReq, stackId, pid, commId, cacheId] = row;
  let text = `${timeNs / 1000}us ${kindName(kind)} ${hex(hi, lo)} ${size}`;
  if (bytesReq !== 0) text += `/${bytesReq}`;
  if (pid !== 0 || commId !== 0) text += ` pid ${pid} ${dictionary.comms.name(commId)}`;
  if (cacheId !== 0) text += ` cache ${dictionary.caches.name(cacheId)}`;
  return [text, ...pathText(stackId, dictionary, names)].join(' < ');
}

function hex(hi: number, lo: number): string {
  return (BigInt(hi) * 0x100000000n + BigInt(lo)).toString(16);
}
