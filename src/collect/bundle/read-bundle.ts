/**
 * Reads what a support bundle, or a single file, says of a machine's memory: a sosreport or
 * supportutils archive of any compression, or unpacked; a text of /proc, of ps, sar, crash or
 * Android's bugreport; a kernel log. Nothing is written to disk, no link is followed, and memory is
 * bounded, whatever an archive holds.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import { timeOfName } from '../../decode/look/file-name-time.js';
import { looksOf } from '../../decode/look/looks-of.js';
import type { Look, NotRead } from '../../proc/look.js';
import { ContentReader } from './content-reader.js';
import { compressionOf, decompress } from './decompress.js';
import { readDirectory } from './directory.js';
import { KeptMembers } from './kept-members.js';

const HEAD_BYTES = 6;
const READABLE = [
  'Name a sosreport or supportutils archive, or the folder it was unpacked into.',
  'Or name one text: of /proc/meminfo, slabinfo, vmallocinfo, zoneinfo, a kernel log, slabtop -o, ps aux, top -b, free, sar -r ALL, kmem -i of crash.',
];

/**
 * Returns the looks of a bundle, a directory, or a file, oldest first; '-' is standard input. Throws a
 * UserError if it cannot be read, or says nothing of memory.
 */
export async function readBundle(path: string): Promise<Look[]> {
  const source = path === '-' ? 'standard input' : path;
  const kept = new KeptMembers();
  const notRead: NotRead[] = [];
  let timeMs: number | null = null;
  let origin: 'bundle' | 'file' = 'bundle';
  try {
    const stats = path === '-' ? null : await stat(path);
    if (stats?.isDirectory() === true) {
      timeMs = timeOfName(path);
      await readDirectory(path, kept, notRead);
    } else {
      timeMs = timeOfName(path) ?? (stats?.isFile() === true ? Math.trunc(stats.mtimeMs) : null);
      origin = await readFile(path, { kept, notRead, timeMs });
    }
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${source}: ${error.message}`, error.nextSteps);
    throw new UserError(`${source} cannot be read: ${describeSystemError(error)}`, [], { cause: error });
  }
  if (kept.full) notRead.push({ what: 'the rest of the bundle', why: 'it holds more than is kept of a bundle' });
  const looks = looksOf(kept.members, { source, origin, timeMs, notRead });
  if (looks.length > 0) return looks;
  const broken = notRead.map(({ what, why }) => `${what}: ${why}`).join('; ');
  throw new UserError(
    `${source} says nothing of memory that can be read${broken === '' ? '' : ` (${broken})`}.`,
    kept.hasArchive ? ['It holds other archives: unpack it, and name one of them.'] : READABLE,
  );
}

/** Reads one file or pipe. */
async function readFile(
  path: string,
  into: { kept: KeptMembers; notRead: NotRead[]; timeMs: number | null },
): Promise<'bundle' | 'file'> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  try {
    const { head, all } = await withHead(input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>);
    if (head.length === 0) throw new UserError('it is empty.');
    refuse(head, path);
    const content = new ContentReader(into.kept, into.timeMs);
    const broken = await decompress(all, compressionOf(head), (bytes) => content.push(bytes));
    return content.finish(broken, into.notRead);
  } finally {
    if (path !== '-') input.destroy();
  }
}

/** Throws a UserError for files that are told by their first bytes, with what to do in place of it. */
function refuse(head: Uint8Array, path: string): void {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (starts(0x50, 0x4b, 3)) {
    throw new UserError('a zip archive is not read.', ['Unpack it, and name the folder or the file.']);
  }
  // Magic of sysstat (sa.h, SYSSTAT_MAGIC 0xd596), in both orders of bytes.
  if (starts(0x96, 0xd5) || starts(0xd5, 0x96)) {
    throw new UserError("it is sar's binary file, which the sysstat that wrote it reads.", [
      `LC_ALL=C sar -A -f ${path} | unfreed triage -`,
    ]);
  }
  // ELF, and the two formats of makedumpfile (diskdump_mod.h, makedumpfile.h).
  if (starts(0x7f, 0x45, 0x4c, 0x46) || starts(0x4b, 0x44, 0x55, 0x4d) || starts(0x6d, 0x61, 0x6b, 0x65, 0x64, 0x75)) {
    throw new UserError('it is a memory dump or a program, which crash reads.', [
      'In crash: kmem -i, kmem -V, kmem -s and log, each into a file; then name those.',
    ]);
  }
}

/** Reads the first bytes of an input; `all` gives them again, and then the rest. */
async function withHead(
  input: AsyncIterator<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const pieces: Uint8Array[] = [];
  let next = await input.next();
  while (next.done !== true) {
    pieces.push(next.value);
    if (pieces.reduce((sum, { length }) => sum + length, 0) >= HEAD_BYTES) break;
    next = await input.next();
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* pieces;
    for (let more = await input.next(); more.done !== true; more = await input.next()) yield more.value;
  }
  return { head: Buffer.concat(pieces), all: all() };
}
