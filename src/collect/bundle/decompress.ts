/**
 * Decompresses a file or pipe from front to back: gzip by node:zlib; xz, bzip2 and zstd by their
 * programs, which every machine that makes such bundles has. Nothing is written to disk.
 */

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { execa } from 'execa';
import { UserError } from '../../base/errors.js';

export type Compression = 'gzip' | 'xz' | 'bzip2' | 'zstd' | null;

/** Returns the compression of an input by its first bytes; null = none that is known. */
export function compressionOf(head: Uint8Array): Compression {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
  if (starts(0x42, 0x5a, 0x68) && head[3] >= 0x31 && head[3] <= 0x39) return 'bzip2';
  return starts(0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : null;
}

/** Takes decompressed bytes; returns false if no more are wanted. */
export type Consumer = (bytes: Uint8Array) => boolean;

/**
 * Bytes that come out of all of a bundle: sosreports of large machines have some GiB of logs. And
 * the growth that real ones have: texts shrink to a thirtieth.
 */
const MOST_BYTES = 32 * 2 ** 30;
const MOST_TIMES = 400;
const SUSPECT_AFTER_BYTES = 256 << 20;

/**
 * Decompresses all of `source`. Returns null if it was whole or the consumer wanted no more; else
 * what is wrong with it, in words. Throws a UserError if a program is not installed.
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  consume: Consumer,
): Promise<string | null> {
  const bounded = new Bound(consume);
  const counted = bounded.input(source);
  let broken: string | null;
  if (compression === null) broken = await plain(counted, bounded);
  else if (compression === 'gzip') broken = await gunzip(counted, bounded);
  else broken = await byProgram(counted, compression, bounded);
  return bounded.broken ?? (bounded.stopped ? null : broken);
}

class Bound {
  broken: string | null = null;
  stopped = false;
  private bytesIn = 0;
  private bytesOut = 0;
  private readonly consume: Consumer;

  constructor(consume: Consumer) {
    this.consume = consume;
  }

  async *input(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      this.bytesIn += bytes.length;
      yield bytes;
    }
  }

  /** Returns false if reading must stop. */
  output(bytes: Uint8Array): boolean {
    this.bytesOut += bytes.length;
    const swells = this.bytesOut > SUSPECT_AFTER_BYTES && this.bytesOut > this.bytesIn * MOST_TIMES;
    if (swells) this.broken = `it swells to more than ${MOST_TIMES} times its size`;
    else if (this.bytesOut > MOST_BYTES) this.broken = 'more than 32 GiB come out of it';
    if (this.broken !== null || !this.consume(bytes)) this.stopped = true;
    return !this.stopped;
  }
}

async function plain(source: AsyncIterable<Uint8Array>, bound: Bound): Promise<null> {
  for await (const bytes of source) if (!bound.output(bytes)) break;
  return null;
}

async function gunzip(source: AsyncIterable<Uint8Array>, bound: Bound): Promise<string | null> {
  const stream = createGunzip({ chunkSize: 1 << 18 });
  let failure: string | null = null;
  let over = false;
  stream.on('data', (bytes: Uint8Array) => {
    if (!over && !bound.output(bytes)) {
      over = true;
      stream.destroy();
    }
  });
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code === 'Z_BUF_ERROR' ? 'it ends in the middle' : 'its compressed bytes are damaged';
    over = true;
  });
  const closed = new Promise<void>((resolve) => {
    stream
      .once('error', () => resolve())
      .once('end', () => resolve())
      .once('close', () => resolve());
  });
  for await (const bytes of source) {
    if (over || stream.readableEnded) break;
    await Promise.race([closed, new Promise<void>((resolve) => stream.write(bytes, () => resolve()))]);
  }
  if (!over) stream.end();
  await closed;
  return failure;
}

const PROGRAMS = {
  xz: { args: ['-dc', '--memlimit-decompress=1GiB'], packageName: 'xz-utils (xz)' },
  bzip2: { args: ['-dc'], packageName: 'bzip2' },
  zstd: { args: ['-dcq'], packageName: 'zstd' },
} as const;

async function byProgram(
  source: AsyncIterable<Uint8Array>,
  program: keyof typeof PROGRAMS,
  bound: Bound,
): Promise<string | null> {
  const { args, packageName } = PROGRAMS[program];
  const child = execa(program, args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    reject: false,
    encoding: 'buffer',
    extendEnv: false,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const input = Readable.from(source);
  // The program closes its input when it ends early; that is told by its exit code.
  child.stdin.on('error', () => input.destroy());
  input.on('error', () => child.kill());
  input.pipe(child.stdin);
  try {
    for await (const bytes of child.stdout) if (!bound.output(bytes as Uint8Array)) break;
  } catch {
    // A stream that was cut off: the result says why.
  }
  if (bound.stopped) child.kill('SIGKILL');
  const result = await child;
  input.destroy();
  if (result.code === 'ENOENT') {
    throw new UserError(`It is compressed with ${program}, and the program ${program} is not installed.`, [
      `Install the package ${packageName}, or decompress the file on another machine.`,
    ]);
  }
  return result.failed ? 'its compressed bytes are damaged, or it ends in the middle' : null;
}
