/** Describes an input that cannot be read, and what the user can do about it. */
import { adviceFor, type InputFormat } from '../../decode/recognise.js';

export interface Refusal {
  what: string;
  nextSteps: string[];
}

/** `head` are the input's first bytes, `format` is the result of recognise() for them. */
export function describeForeign(head: Uint8Array, format: InputFormat): Refusal {
  if (format === 'perf-data') return { what: 'it is a perf.data file', nextSteps: adviceFor(format) };
  if (format === 'trace-dat') return { what: 'it is a trace.dat file of trace-cmd', nextSteps: adviceFor(format) };
  const known = OTHER_FORMATS.find(({ magic }) => startsWith(head, magic));
  if (known !== undefined) return { what: known.what, nextSteps: known.nextSteps ?? [] };
  if (head.every((byte) => byte === 0)) {
    return { what: `its first ${head.length} bytes are all zero`, nextSteps: [] };
  }
  if (head.subarray(0, 512).every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13)) {
    return { what: 'it is text without a kmem event near its start', nextSteps: adviceFor('unknown') };
  }
  const first = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { what: `it starts with the bytes ${first}`, nextSteps: adviceFor('unknown') };
}

const OTHER_FORMATS: { magic: string; what: string; nextSteps?: string[] }[] = [
  { magic: '\x1f\x8b', what: 'it is compressed with gzip twice', nextSteps: ['gzip -d FILE'] },
  { magic: '\x28\xb5\x2f\xfd', what: 'it is compressed with zstd', nextSteps: ['zstd -d FILE'] },
  { magic: '\xfd7zXZ', what: 'it is compressed with xz', nextSteps: ['xz -d FILE'] },
  { magic: 'BZh', what: 'it is compressed with bzip2', nextSteps: ['bzip2 -d FILE'] },
  { magic: 'PK\x03\x04', what: 'it is a zip archive', nextSteps: ['unzip FILE'] },
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
