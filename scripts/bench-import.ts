/**
 * npm run bench -- import [MEGABYTES]: how fast other tools' text is imported, in user CPU time of
 * this process: decoding alone, and decoding with pairing; and how much memory grows meanwhile. The
 * texts are recordings of this repository, read again and again.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createTextDecoder, type TextFormat } from '../src/decode/text-decoders.js';
import { NO_SINK } from '../src/event/passing-sink.js';
import { TraceDictionary } from '../src/event/trace-dictionary.js';
import type { TraceSink } from '../src/event/trace-sink.js';
import { PairingCore } from '../src/pair/pairing-core.js';

export interface ImportBenchRow {
  /** Which text: a path below recordings/. */
  text: string;
  megabytes: number;
  events: number;
  /** MB (10^6 bytes) of text a second of user CPU. */
  decodeMegabytesPerSecond: number;
  pairedMegabytesPerSecond: number;
  eventsPerSecond: number;
  /** Resident memory at the end, less that after the first tenth. */
  residentGrowthBytes: number;
}

/** MB read of each text. */
export const FULL_MEGABYTES = 300;
export const QUICK_MEGABYTES = 5;

const CHUNK_BYTES = 1 << 20;
const TEXTS: [format: TextFormat, path: string][] = [
  ['perf-script', 'perf-script/6.1-leak_kmalloc/perf-script.txt.gz'],
  ['ftrace', 'ftrace/6.18-hold-pipes-released/trace.txt.gz'],
  ['trace-cmd', 'trace-cmd/6.18-hold-pipes/report.txt.gz'],
];

export function runImportBench(megabytes: number): ImportBenchRow[] {
  return TEXTS.map(([format, path]) => benchText(format, path, megabytes));
}

function benchText(format: TextFormat, path: string, megabytes: number): ImportBenchRow {
  const text = gunzipSync(readFileSync(new URL(`recordings/${path}`, rootUrl())));
  // Once before the measurement, so that the code is compiled.
  readText(format, text, Math.min(30, megabytes), NO_SINK, new TraceDictionary());
  const alone = readText(format, text, megabytes, NO_SINK, new TraceDictionary());
  const dictionary = new TraceDictionary();
  const paired = readText(format, text, megabytes, new PairingCore(dictionary), dictionary);
  return {
    text: path,
    megabytes: alone.bytes / 1e6,
    events: alone.events,
    decodeMegabytesPerSecond: alone.bytes / alone.userMicros,
    pairedMegabytesPerSecond: paired.bytes / paired.userMicros,
    eventsPerSecond: alone.events / (alone.userMicros / 1e6),
    residentGrowthBytes: alone.residentGrowthBytes,
  };
}

interface Reading {
  bytes: number;
  events: number;
  userMicros: number;
  residentGrowthBytes: number;
}

function readText(
  format: TextFormat,
  text: Uint8Array,
  megabytes: number,
  sink: TraceSink,
  dictionary: TraceDictionary,
): Reading {
  const decoder = createTextDecoder(format, sink, dictionary, { userFrames: false });
  const rounds = Math.max(10, Math.ceil((megabytes * 1e6) / text.length));
  const clock = new TextClock(text);
  let residentEarly = 0;
  let userMicros = 0;
  for (let round = 0; round < rounds; round++) {
    const copy = clock.at(round);
    const start = process.cpuUsage();
    for (let at = 0; at < copy.length; at += CHUNK_BYTES) decoder.push(copy.subarray(at, at + CHUNK_BYTES));
    userMicros += process.cpuUsage(start).user;
    if (round === Math.floor(rounds / 10)) residentEarly = process.memoryUsage.rss();
  }
  const start = process.cpuUsage();
  decoder.finish();
  userMicros += process.cpuUsage(start).user;
  return {
    bytes: rounds * text.length,
    events: decoder.stats.events,
    userMicros,
    residentGrowthBytes: process.memoryUsage.rss() - residentEarly,
  };
}

/** Digits of the seconds that a round may need; each text has as much room, in blanks before its times. */
const SECOND_DIGITS = 6;

/** A text whose times go on from one reading to the next: times that fall begin another trace. */
class TextClock {
  private readonly text: Uint8Array;
  private readonly times: { end: number; seconds: number }[] = [];
  private readonly span: number;

  constructor(text: Uint8Array) {
    this.text = text.slice();
    const whole = new TextDecoder('latin1').decode(text);
    for (const match of whole.matchAll(/[ ](\d+)\.\d{6}:/g)) {
      this.times.push({ end: match.index + 1 + match[1].length, seconds: Number(match[1]) });
    }
    const seconds = this.times.map((time) => time.seconds);
    this.span = seconds.reduce((most, second) => Math.max(most, second), 0) - seconds[0] + 1;
  }

  /** Returns the text with the times of a round; it is the same memory each time. */
  at(round: number): Uint8Array {
    const { text } = this;
    for (const { end, seconds } of this.times) {
      let left = seconds + round * this.span;
      let at = end;
      while (left > 0 && at > end - SECOND_DIGITS) {
        text[--at] = 0x30 + (left % 10);
        left = Math.floor(left / 10);
      }
    }
    return text;
  }
}

/**
 * The root of the repository: where scripts/run-ts.mjs is started. Its bundles lie elsewhere, so
 * import.meta.url does not help.
 */
function rootUrl(): URL {
  return pathToFileURL(`${process.cwd()}/`);
}

/** Prints a line for each text. */
export function printImportBench(rows: ImportBenchRow[]): void {
  for (const row of rows) console.log(rowText(row));
}

function rowText(row: ImportBenchRow): string {
  return (
    `${row.text}: ${row.megabytes.toFixed(0)} MB, ${row.decodeMegabytesPerSecond.toFixed(0)} MB/s decoded ` +
    `(${(row.eventsPerSecond / 1e6).toFixed(2)} M events/s), ${row.pairedMegabytesPerSecond.toFixed(0)} MB/s paired, ` +
    `memory ${(row.residentGrowthBytes / 1e6).toFixed(1)} MB more than after a tenth`
  );
}
