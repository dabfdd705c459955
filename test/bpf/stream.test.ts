/**
 * Compares the bytes that the loader writes with the framing of bpf/README.md, and decodes them
 * with our own decoder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../src/decode/stream/stream-decoder.js';
import { KFREE, PAGE_ALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { HostProgram } from '../helpers/host-program.js';
import { SinkLog } from '../helpers/sink-log.js';
import { StreamBytes } from '../helpers/stream-bytes.js';

const program = new HostProgram('stream.c', [
  'stream/stream.c',
  'stream/output.c',
  'stream/symbols.c',
  'kernel/kallsyms.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
  'base/clock.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const KALLSYMS = `
ffffffff81000000 T vfs_read
ffffffffc0001000 t leak_it\t[leaky]
ffffffffc0002000 t leak_it_too\t[leaky]
`.trimStart();

function kallsyms(): string {
  const path = program.file('kallsyms');
  writeFileSync(path, KALLSYMS);
  return path;
}

/** Runs the lines; returns the file that they wrote. */
function written(lines: string[], mostBytes?: number): { bytes: Uint8Array; stderr: string } {
  const path = program.file('stream');
  const limit = mostBytes === undefined ? [] : [String(mostBytes)];
  const { status, stderr } = program.run([path, kallsyms(), ...limit], `${lines.join('\n')}\n`);
  expect(status, stderr).toBe(0);
  return { bytes: new Uint8Array(readFileSync(path)), stderr };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function decoded(bytes: Uint8Array): SinkLog {
  const log = new SinkLog();
  const decoder = new StreamDecoder(log, new TraceDictionary());
  decoder.push(bytes);
  decoder.finish();
  expect(decoder.damageCount).toBe(0);
  return log;
}

const clock = (ns: number): string => `message 8 ${hex(new Uint8Array(new BigUint64Array([BigInt(ns)]).buffer))}`;

it('a header, one message and the end, to the byte', () => {
  const { bytes } = written([clock(5), 'end 7 2 duration']);
  expect(hex(bytes)).toBe(
    '554e465245454453 0200000004030201 0800000008000000 0500000000000000'.replaceAll(' ', '') +
      '0a00000018000000 0700000000000000 0200000000000000 6475726174696f6e'.replaceAll(' ', ''),
  );
});

it('a payload of any length is filled up with zeros to a multiple of 8, and its length is its own', () => {
  const lines = [0, 1, 7, 8, 9, 15].map((length) => `message 9 ${'ab'.repeat(length)}`);
  const expected = new StreamBytes();
  for (const length of [0, 1, 7, 8, 9, 15]) expected.message(9, new Uint8Array(length).fill(0xab));
  expect(hex(written([...lines, 'flush']).bytes)).toBe(hex(expected.bytes()));
});

const pageAlloc = (ns: number, pfn: number): string =>
  `event ${((BigInt(ns) << 8n) | BigInt(PAGE_ALLOC)).toString(16)} ${pfn.toString(16)} 700000002a 0`;

describe('events', () => {
  it('lie in one EVENTS message until another message comes', () => {
    const lines = [pageAlloc(1, 10), pageAlloc(2, 11), clock(2), pageAlloc(3, 12), 'flush', pageAlloc(4, 13), 'flush'];
    const alloc = { kind: PAGE_ALLOC, stack: 42, pid: 112 };
    const expected = new StreamBytes()
      .events({ ...alloc, timeNs: 1, addr: 10n }, { ...alloc, timeNs: 2, addr: 11n })
      .clock(2)
      .events({ ...alloc, timeNs: 3, addr: 12n })
      .events({ ...alloc, timeNs: 4, addr: 13n });
    expect(hex(written(lines).bytes)).toBe(hex(expected.bytes()));
  });

  it('fill at most 256 KiB of message, header included, and all come through', () => {
    const frees = Array.from(
      { length: 20_000 },
      (_, i) => `event ${((i << 8) | KFREE).toString(16)} ffff88800000${i.toString(16).padStart(4, '0')}`,
    );
    const { bytes } = written([...frees, 'end 20000 1 SIGINT']);
    const view = new DataView(bytes.buffer);
    expect([view.getUint16(16, true), view.getUint32(20, true)]).toEqual([6, 16_383 * 16]);
    const second = 16 + 8 + 16_383 * 16;
    expect([view.getUint16(second, true), view.getUint32(second + 4, true)]).toEqual([6, 3617 * 16]);
    const log = decoded(bytes);
    expect(log.eventRows.map((row) => row[0])).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    expect(log.ending).toEqual({ timeNs: 20_000, reason: 'stopped', detail: 'SIGINT' });
  });
});

it('a message greater than the buffer goes out whole, behind all that was in it', () => {
  const expected = new StreamBytes().clock(1).message(9, new Uint8Array(3_000_001).fill(0x78)).clock(2);
  const { bytes } = written([clock(1), 'fill 3000001', clock(2), 'flush']);
  expect(Buffer.compare(bytes, expected.bytes())).toBe(0);
});

it('a symbol is announced once for each address, by the byte before it; what has no name, not at all', () => {
  const lines = [
    'symbols ffffffff81000010 ffffffffc0001020 ffffffff80000000 0',
    'symbols ffffffffc0001020 ffffffffc0002000',
    'flush',
  ];
  const expected = new StreamBytes()
    .symbol(0xffffffff81000010n, 0x10, 'vfs_read', '')
    .symbol(0xffffffffc0001020n, 0x20, 'leak_it', 'leaky')
    .symbol(0xffffffffc0002000n, 0x1000, 'leak_it', 'leaky');
  expect(hex(written(lines).bytes)).toBe(hex(expected.bytes()));
});

it('ten thousand addresses are announced once each', () => {
  const addresses = Array.from({ length: 10_000 }, (_, i) => (0xffffffff81000001n + BigInt(i)).toString(16));
  const lines: string[] = [];
  for (let i = 0; i < addresses.length; i += 50) lines.push(`symbols ${addresses.slice(i, i + 50).join(' ')}`);
  const expected = new StreamBytes();
  addresses.forEach((address, i) => expected.symbol(BigInt(`0x${address}`), i + 1, 'vfs_read', ''));
  expect(Buffer.compare(written([...lines, ...lines, 'flush']).bytes, expected.bytes())).toBe(0);
});

describe('an output that fails', () => {
  it('a file that may not grow is cut behind its last whole message, and END follows', () => {
    const message = 'fill 30000';
    const { bytes, stderr } = written([message, message, message, message, 'flush', 'end 9 5 File too large'], 100_000);
    expect(stderr).toBe('File too large\n');
    const expected = new StreamBytes();
    for (let i = 0; i < 3; i++) expected.message(9, new Uint8Array(30_000).fill(0x78));
    expect(Buffer.compare(bytes, expected.end(9, 5, 'File too large').bytes())).toBe(0);
  });

  it('a reader that takes nothing is waited for while the trace is wanted, and two seconds longer', async () => {
    const child = spawn(program.path, ['-', kallsyms()], { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    const start = performance.now();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.end('fill 16000000\nflush\n');
    await Promise.all([once(child, 'exit'), once(child.stderr, 'end')]);
    const seconds = (performance.now() - start) / 1000;
    child.stdout.destroy();
    expect(stderr).toBe('Connection timed out\nasked until it was not wanted\n');
    expect(seconds).toBeGreaterThan(2);
  });

  it('a reader that goes away is the end at once', () => {
    const { stderr } = spawnSync('sh', ['-c', '"$1" - "$2" | true', 'sh', program.path, kallsyms()], {
      encoding: 'utf8',
      input: 'fill 4000000\nflush\n',
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    expect(stderr).toMatch(/^Broken pipe\n/);
  });

  it('a folder that is not there is a sentence and exit status 1', () => {
    const { status, stderr } = program.run(['/no/such/folder/x', kallsyms()]);
    expect([status, stderr]).toEqual([
      1,
      'unfreed-collect: cannot write /no/such/folder/x: No such file or directory\n',
    ]);
  });
});
