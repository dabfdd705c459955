/** Facts about processes whose memory is traced, to and from the messages of schema.proto. */
import {
  MOST_PROCESSES,
  MOST_TEXT_BYTES,
  PROCESS_REASONS,
  type ProcessEvent,
  RESIDENT_ROWS,
  type ResidentRow,
  type TracedImage,
} from '../../event/process-facts.js';
import type { FactOf } from '../../event/trace-sink.js';
import { ByteReader, ByteWriter, decodeText, encodeText, wholeTime } from './bytes.js';
import type { unfreed } from './generated/schema.js';

/** About the bytes that a row of resident pages takes. */
const RESIDENT_ROW_BYTES = 5;
const RESIDENT_ROW_VARINTS = 3;
/** Images have 22 bits in a frame, build ids at most 64 bytes. */
const MOST_IMAGES = 2 ** 22 - 1;
const BUILD_ID = /^(?:[0-9a-f]{2}){0,64}$/;
/** Pages of the address space of a process. */
const SPACE_PAGES = 2 ** 36;

export function processMessage({ timeNs, process }: FactOf<'process'>): unfreed.Process.$Properties {
  const { number, pid, startNs, parent, why, stays, exe, cmdline } = process;
  return {
    timeNs: wholeTime(timeNs),
    number,
    pid,
    startNs: wholeTime(startNs),
    parent,
    why: PROCESS_REASONS.indexOf(why),
    stays,
    exe: boundedText(exe),
    cmdline: boundedText(cmdline),
  };
}

/** Undefined: a reason that this version does not know. Null: a process that cannot be. */
export function readProcess(message: unfreed.Process.$Properties): ProcessEvent | null | undefined {
  const why = PROCESS_REASONS[message.why ?? 0];
  const [number, pid, parent, startNs] = [message.number, message.pid, message.parent, message.startNs].map(known);
  if (number < 1 || number > MOST_PROCESSES || parent > MOST_PROCESSES) return null;
  if (!Number.isSafeInteger(startNs) || startNs < 0 || pid > MAX_PID) return null;
  if (why === undefined) return undefined;
  const [exe, cmdline] = [readText(message.exe), readText(message.cmdline)];
  return { number, pid, startNs, parent, why, stays: message.stays === true, exe, cmdline };
}

export function imageMessage({ image }: FactOf<'image'>): unfreed.Image.$Properties {
  const { number, buildId, path } = image;
  const id = BUILD_ID.test(buildId) ? (buildId.match(/../g) ?? []) : [];
  return { number, buildId: Uint8Array.from(id, (byte) => Number.parseInt(byte, 16)), path: boundedText(path) };
}

export function readImage({ buildId, path, ...rest }: unfreed.Image.$Properties): TracedImage | null {
  const number = known(rest.number);
  const id = Array.from(buildId ?? EMPTY, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (number < 1 || number > MOST_IMAGES || !BUILD_ID.test(id)) return null;
  return { number, buildId: id, path: readText(path) };
}

export function residentMessage(fact: FactOf<'resident'>): unfreed.Resident.$Properties {
  const rows = fact.rows.slice(0, RESIDENT_ROWS);
  const writer = new ByteWriter(rows.length * RESIDENT_ROW_BYTES + 8);
  let end = 0;
  for (const { firstPage, pages, resident } of rows) {
    // In order, so a distance of 0 or more; a page before the last range is told as a whole.
    const gap = firstPage - end;
    writer.varint(gap >= 0 ? gap * 2 : firstPage * 2 + 1);
    writer.varint(pages);
    writer.varint(pages - resident);
    end = firstPage + pages;
  }
  const isWhole = fact.isWhole && rows.length === fact.rows.length;
  return { timeNs: wholeTime(fact.timeNs), process: fact.process, isWhole, count: rows.length, rows: writer.bytes() };
}

/** Returns null if the bytes do not hold exactly as many rows as they should, or rows that cannot be. */
export function readResident(
  message: unfreed.Resident.$Properties,
): { process: number; isWhole: boolean; rows: ResidentRow[] } | null {
  const [process, count] = [message.process, message.count].map(known);
  const bytes = message.rows ?? EMPTY;
  if (process < 1 || process > MOST_PROCESSES) return null;
  if (count > RESIDENT_ROWS || count * RESIDENT_ROW_VARINTS > bytes.length) return null;
  const reader = new ByteReader(bytes);
  const rows: ResidentRow[] = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const place = reader.varint();
    const firstPage = place % 2 === 0 ? end + place / 2 : (place - 1) / 2;
    const pages = reader.varint();
    const resident = pages - reader.varint();
    if (pages === 0 || resident < 0 || firstPage + pages > SPACE_PAGES) return null;
    rows.push({ firstPage, pages, resident });
    end = firstPage + pages;
  }
  return reader.finished ? { process, isWhole: message.isWhole === true, rows } : null;
}

/** About the bytes of an item. */
export function processFactBytes(fact: FactOf<'process'> | FactOf<'image'> | FactOf<'resident'>): number {
  if (fact.type === 'resident') return 16 + fact.rows.length * RESIDENT_ROW_BYTES;
  return 48 + (fact.type === 'image' ? fact.image.path.length : fact.process.exe.length + fact.process.cmdline.length);
}

/** UTF-8, cut where it is too long; a letter that the cut goes through is left out. */
function boundedText(text: string): Uint8Array {
  const bytes = encodeText(text);
  if (bytes.length <= MOST_TEXT_BYTES) return bytes;
  let end = MOST_TEXT_BYTES;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function readText(bytes: Uint8Array | null | undefined): string {
  return decodeText((bytes ?? EMPTY).subarray(0, MOST_TEXT_BYTES));
}

/** Absent means 0 in proto3. */
function known(number: number | null | undefined): number {
  return number ?? 0;
}

/** Process ids are positive ints. */
const MAX_PID = 0x7fffffff;
const EMPTY = new Uint8Array(0);
