/** Describes an input that cannot be read, and what the user can do about it. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../base/errors.js';
import { formatCount } from '../../base/format.js';
import { nameForeign } from '../../decode/foreign/name-foreign.js';
import { adviceFor, type Recognised } from '../../decode/recognise.js';
import { utf16Of } from '../../decode/transit/utf16.js';

export interface Refusal {
  what: string;
  nextSteps: string[];
}

/** `head` are the input's first bytes, `recognised` is the result of examine() for them. */
export function describeForeign(head: Uint8Array, { format, lines }: Recognised): Refusal {
  if (format === 'perf-data') return { what: 'it is a perf.data file', nextSteps: adviceFor(format) };
  if (format === 'trace-dat') return { what: 'it is a trace.dat file of trace-cmd', nextSteps: adviceFor(format) };
  const known = OTHER_FORMATS.find(({ magic }) => startsWith(head, magic));
  if (known !== undefined) return { what: known.what, nextSteps: known.nextSteps ?? [] };
  if (head.every((byte) => byte === 0)) {
    return { what: `its first ${head.length} bytes are all zero`, nextSteps: [] };
  }
  if (isText(head) || utf16Of(head) !== null) return describeText(lines);
  const first = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { what: `it starts with the bytes ${first}`, nextSteps: adviceFor('unknown') };
}

/** More of the recordings in a folder would not help to choose. */
const MOST_NAMES = 5;

/** The error for a folder where a recording was wanted; it names the recordings in the folder, the newest first. */
export function folderError(path: string): UserError {
  const found = recordingsIn(path);
  const names = found.slice(0, MOST_NAMES);
  const more = found.length > names.length ? [`and ${formatCount(found.length - names.length)} more`] : [];
  if (found.length === 0) return new UserError(`${path} is a folder, and there is no recording in it`);
  return new UserError(
    `${path} is a folder. Name ${found.length === 1 ? 'the recording' : 'one of the recordings'} in it:`,
    [[...names, ...more].join('  ')],
  );
}

/** Paths of the recordings in a folder, the newest first; none if it cannot be listed. Only names that end in .unfreed. */
function recordingsIn(folder: string): string[] {
  const files: { path: string; at: number }[] = [];
  try {
    for (const name of readdirSync(folder)) {
      if (!name.endsWith('.unfreed')) continue;
      const path = join(folder, name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isFile() === true) files.push({ path, at: found.mtimeMs });
    }
  } catch {
    // A folder that cannot be listed or entered.
  }
  return files.toSorted((a, b) => b.at - a.at || (a.path < b.path ? -1 : 1)).map((file) => file.path);
}

/** True if the first bytes are those of a text in an encoding that continues ASCII. */
export function isText(head: Uint8Array): boolean {
  let others = 0;
  const { length } = head.subarray(0, 4096);
  for (let i = 0; i < length; i++) {
    const byte = head[i];
    // Tab, newline, form feed, return, escape, backspace.
    const isControl = byte < 0x20 && !(byte >= 8 && byte <= 13) && byte !== 0x1b;
    if (isControl) return false;
    if (byte > 0x7e) others++;
  }
  return others * 3 < length;
}

function describeText(lines: readonly string[]): Refusal {
  const known = nameForeign(lines);
  if (known !== null) return { what: `it is ${known.name}`, nextSteps: known.nextSteps };
  const mention = lines.findIndex((line) => MENTIONS.test(line));
  if (mention < 0)
    return { what: 'it is text in which no event of kernel memory was found', nextSteps: adviceFor('unknown') };
  return {
    what: `it names events of kernel memory, but none of its first ${lines.length} lines has the form of one`,
    nextSteps: [`line ${mention + 1}: ${lines[mention].trim().slice(0, 160)}`, ...adviceFor('unknown')],
  };
}

/** The name of an event of ours. */
const MENTIONS =
  /\b(?:kmem:|kmalloc|kfree|kmem_cache_(?:alloc|free)|mm_page_(?:alloc|free)|percpu_(?:alloc|free)_percpu|alloc_vmap_area)\b/;

const OTHER_FORMATS: { magic: string; what: string; nextSteps?: string[] }[] = [
  { magic: '\x1f\x8b', what: 'it is compressed with gzip twice', nextSteps: ['gzip -d FILE'] },
  { magic: '\x1f\x9d', what: 'it is compressed with compress', nextSteps: ['uncompress FILE'] },
  { magic: '\x28\xb5\x2f\xfd', what: 'it is compressed with zstd', nextSteps: ['zstd -d FILE'] },
  { magic: '\xfd7zXZ', what: 'it is compressed with xz', nextSteps: ['xz -d FILE'] },
  { magic: 'BZh', what: 'it is compressed with bzip2', nextSteps: ['bzip2 -d FILE'] },
  { magic: 'PK\x03\x04', what: 'it is a zip archive', nextSteps: ['unzip FILE'] },
  { magic: '\x04\x22\x4d\x18', what: 'it is compressed with lz4', nextSteps: ['lz4 -d FILE'] },
  { magic: '7z\xbc\xaf\x27\x1c', what: 'it is a 7z archive', nextSteps: ['7z x FILE'] },
  { magic: '%PDF', what: 'it is a PDF document', nextSteps: ['save the text itself to a file'] },
  { magic: '\x89PNG', what: 'it is a picture (PNG)', nextSteps: ['save the text itself to a file'] },
  { magic: '\xff\xd8\xff', what: 'it is a picture (JPEG)', nextSteps: ['save the text itself to a file'] },
  { magic: 'LPKSHHRH', what: 'it is a journal file of systemd', nextSteps: ['journalctl --file FILE -k > FILE.txt'] },
  { magic: 'KDUMP   ', what: 'it is a crash dump (kdump), which holds no trace of allocations' },
  { magic: '\xc1\x1f\xfc\xc1', what: 'it is a stream of LTTng (CTF)', nextSteps: adviceFor('unknown') },
  { magic: '\x7fELF', what: 'it is a program (ELF)' },
  { magic: '{"format":"unfreed-report"', what: 'it is an exported report, which holds no events' },
  { magic: '{\n  "format": "unfreed-report"', what: 'it is an exported report, which holds no events' },
];

/** Each character of `magic` stands for one byte. */
function startsWith(bytes: Uint8Array, magic: string): boolean {
  if (bytes.length < magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  return true;
}
