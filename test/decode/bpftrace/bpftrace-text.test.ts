import { describe, expect, it } from 'vitest';
import { BpftraceTextDecoder, type BpftraceTextOptions } from '../../../src/decode/bpftrace/bpftrace-text.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { dumpDictionary, SinkLog } from '../../helpers/sink-log.js';

const HOST = JSON.stringify({
  collector: 'bpftrace',
  hostname: 'box',
  kernel: '6.18.0',
  arch: 'x86_64',
  pageSize: 4096,
  cpus: 2,
  allocators: ['page', 'slab'],
  self: 'mark',
});
/** nsecs at the start. */
const START = 0x1000000n;
const PATH = '\n        __alloc_frozen_pages_noprof+619\n        anon_pipe_write+424\n        vfs_write+920\n.';

/** A time of the script: ms since the start, on a CPU. */
function time(ms: number, cpu = 0): string {
  return (((START + BigInt(Math.round(ms * 1e6))) << 12n) | BigInt(cpu)).toString(16);
}

function header(): string[] {
  return ['unfreed-bpftrace 1', `B${START.toString(16)}`, `H${HOST}`, 'O64 65'];
}

function decode(lines: string[], options: BpftraceTextOptions & { chunk?: number; stderr?: string } = {}) {
  const sink = new SinkLog();
  const dictionary = new TraceDictionary();
  const decoder = new BpftraceTextDecoder(sink, dictionary, options);
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
  const step = options.chunk ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) decoder.push(bytes.slice(at, at + step));
  if (options.stderr !== undefined) decoder.pushStderr(options.stderr);
  decoder.finish();
  return { sink, dictionary, decoder };
}

describe('BpftraceTextDecoder', () => {
  it('reads every kind of line', () => {
    const { sink, dictionary } = decode([
      ...header(),
      `S1 ${PATH}`,
      'N2 hold-pipes\\x00\\x00\\x00\\x00\\x00\\x00',
      'G3 dentry',
      `a${time(1)} ffff888100000040 1000000c8 200000000 4000000028`,
      `b${time(2)} ffff888100000080 1000000c8 200000003 c0000000b8`,
      `c${time(3)} 300000000001234 1000000c8 200000000`,
      `d${time(4)} 607f8e014a40 1000000c8 200000000 2000000018`,
      `e${time(5)} ffffc90000001000 1000000c8 200000000 5001`,
      `A${time(6)} ffff888100000040`,
      `F${time(7)} ffff888100000080`,
      `C${time(8)} 300000000001234`,
      `D${time(9)} 607f8e014a40`,
      `E${time(10)} ffffc90000001000`,
      `T${time(250)} 0        `,
      'X',
    ]);
    expect(sink.eventRows).toEqual([
      [1e6, 1, 0xffff8881, 0x40, 0x40, 0x28, 1, 200, 1, 0],
      [2e6, 2, 0xffff8881, 0x80, 0xc0, 0xb8, 1, 200, 1, 1],
      [3e6, 3, 0, 0x1234, 8, 0, 1, 200, 1, 0],
      [4e6, 4, 0x607f, 0x8e014a40, 0x20, 0x18, 1, 200, 1, 0],
      [5e6, 5, 0xffffc900, 0x1000, 6, 0, 1, 200, 1, 0],
      [6e6, 17, 0xffff8881, 0x40, 0, 0, 0, 0, 0, 0],
      [7e6, 18, 0xffff8881, 0x80, 0, 0, 0, 0, 0, 0],
      [8e6, 19, 0, 0x1234, 8, 0, 0, 0, 0, 0],
      [9e6, 20, 0x607f, 0x8e014a40, 0, 0, 0, 0, 0, 0],
      [10e6, 21, 0xffffc900, 0x1000, 0, 0, 0, 0, 0, 0],
    ]);
    expect(dumpDictionary(dictionary)).toMatchObject({
      stacks: [['0:1', '0:2', '0:3']],
      comms: ['hold-pipes'],
      caches: ['dentry'],
    });
    expect(sink.calls[0]).toMatchObject({ call: 'host', facts: { hostname: 'box', self: 'mark' } });
    expect(sink.lossRows).toEqual([]);
    expect(sink.ending).toEqual({ timeNs: 250e6, reason: 'stopped', detail: '' });
  });

  it('looks frames up, makes an address up where it cannot, and tells each once', () => {
    const { sink, dictionary } = decode(
      [
        ...header(),
        'S1 \n        leak_one+16 [leaky]\n        vfs_write+920\n        0xffffffffc0001234\n.',
        'S2 \n        vfs_write+920\n        nowhere+1\n.',
        'X',
      ],
      {
        lookup: (symbol, offset, module) =>
          symbol === 'nowhere'
            ? null
            : { addressHi: 0xffffffff, addressLo: (module === null ? 0x81000000 : 0xc0000000) + offset },
      },
    );
    expect(dumpDictionary(dictionary).stacks).toEqual([
      ['ffffffff:c0000010', 'ffffffff:81000398', 'ffffffff:c0001234'],
      ['ffffffff:81000398', '0:1'],
    ]);
    expect(sink.calls.filter((call) => call.call === 'symbol').map((call) => call.entry)).toEqual([
      { addressHi: 0xffffffff, addressLo: 0xc0000010, symbol: 'leak_one', offset: 16, module: 'leaky' },
      { addressHi: 0xffffffff, addressLo: 0x81000398, symbol: 'vfs_write', offset: 920, module: null },
      { addressHi: 0, addressLo: 1, symbol: 'nowhere', offset: 1, module: null },
    ]);
  });

  it('puts the events of two CPUs in order, a definition used before it is read among them', () => {
    const { sink } = decode([
      ...header(),
      // CPU 1 frees memory of CPU 0, on a call path that CPU 0 defines; CPU 1's buffer is read
      // first.
      `A${time(20, 1)} ffff888100000040`,
      `a${time(30, 1)} ffff888100000080 1000000c8 200000000 4000000028`,
      `S1 ${PATH}`,
      'N2 sh\\x00',
      `a${time(10, 0)} ffff888100000040 1000000c8 200000000 4000000028`,
      'X',
    ]);
    expect(sink.eventRows.map((row) => [row[0], row[1], row[6], row[8]])).toEqual([
      [10e6, 1, 1, 1],
      [20e6, 17, 0, 0],
      [30e6, 1, 1, 1],
    ]);
    expect(sink.lossRows).toEqual([]);
  });

  it('holds events back for ten seconds without a clock of the machine, and one with it', () => {
    const lines = [...header(), `A${time(0, 1)} ffff888100000040`, `T${time(1500)} 0`, `T${time(2000)} 0`];
    const passed = (elapsedNs: number) => {
      const sink = new SinkLog();
      const clocks = { start: () => 1_700_000_000_000, elapsedNs: () => elapsedNs };
      const decoder = new BpftraceTextDecoder(sink, new TraceDictionary(), { clocks });
      decoder.push(new TextEncoder().encode(`${lines.join('\n')}\n`));
      return sink;
    };
    expect(passed(2010e6).eventRows).toHaveLength(1);
    expect(passed(2010e6).calls.at(-1)).toEqual({ call: 'clock', timeNs: 1000e6 });
    expect(passed(2010e6).calls[0]).toMatchObject({ facts: { startUnixMs: 1_700_000_000_000 } });
    // bpftrace is 700 ms late here, and may be later on other CPUs.
    expect(passed(2700e6).eventRows).toHaveLength(0);
  });

  it('gives out a row that is later than ten seconds at once, at the time reached, and counts it', () => {
    const { sink } = decode(
      [...header(), `A${time(1000)} ffff888100000040`, `T${time(30_000)} 0`, `A${time(2000, 1)} ffff888100000080`, 'X'],
      { chunk: 1 },
    );
    expect(sink.eventRows.map((row) => row[0])).toEqual([1000e6, 20_000e6]);
    expect(sink.lossRows).toMatchObject([{ cause: 6, count: 1 }]);
  });

  it('counts what bpftrace says it lost, on either stream', () => {
    const { sink } = decode([...header(), 'Lost 3 events', 'Skipped 4 events.', 'X'], {
      stderr:
        "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace.\nLost 20 events\nWARNING: Lost 100 events\nLost 9 eve",
    });
    expect(sink.lossRows).toMatchObject([{ cause: 6, count: 127 }]);
  });

  it('keeps events whose call path or name was lost, without them', () => {
    const { sink } = decode([
      ...header(),
      'S4 .',
      `a${time(1)} ffff888100000040 9000000c8 900000000 4000000028`,
      `a${time(2)} ffff888100000080 4000000c8 900000000 4000000028`,
      'X',
    ]);
    expect(sink.eventRows.map((row) => [row[6], row[8]])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(sink.lossRows).toMatchObject([{ cause: 3, count: 2 }]);
  });

  it('marks the allocs of bpftrace and of its reader', () => {
    const { sink } = decode([
      ...header(),
      `S1 ${PATH}`,
      `a${time(1)} ffff888100000040 100000064 0 4000000028`,
      `a${time(2)} ffff888100000080 100000065 0 4000000028`,
      `a${time(3)} ffff8881000000c0 100000066 0 4000000028`,
      'X',
    ]);
    expect(sink.eventRows.map((row) => row[1])).toEqual([129, 129, 1]);
  });

  it('counts failed allocs from the clock lines', () => {
    const { sink } = decode([...header(), `T${time(250)} 2  `, `T${time(500)} 5  `, 'X']);
    expect(sink.lossRows).toMatchObject([{ cause: 8, count: 5 }]);
  });

  it('puts a sample of the counters between the events before it and those after', () => {
    const sink = new SinkLog();
    const decoder = new BpftraceTextDecoder(sink, new TraceDictionary());
    const push = (lines: string[]) => decoder.push(new TextEncoder().encode(`${lines.join('\n')}\n`));
    push([...header(), `A${time(10)} ffff888100000040`]);
    decoder.addCounters('meminfo', 'MemTotal: 1 kB\n');
    push([`A${time(20)} ffff888100000080`, 'X']);
    decoder.finish();
    expect(sink.calls.map((call) => call.call)).toEqual(['host', 'event', 'counters', 'event', 'clock', 'end']);
  });

  it('survives a process that names itself like an event', () => {
    const forged = String.raw`x\x0aA1 1\x0a\x1b[2J`;
    const { sink, dictionary } = decode([...header(), `N2 ${forged}\\x00\\x00`, 'N3 \\\\x\\xzz\\x4', 'X']);
    expect(sink.eventRows).toEqual([]);
    expect(dumpDictionary(dictionary).comms).toEqual(['x\nA1 1\n\u001b[2J', '\\\\x\\xzz\\x4']);
  });

  it('counts lines that are not ours, keeps the first, and goes on', () => {
    const { sink, decoder } = decode([
      ...header(),
      'Attaching 15 probes...',
      'rubbish',
      'a',
      `a${time(1)} ffff888100000040`,
      `A${time(1)} ffff888100000040 1`,
      `A${time(1)} 11112222333344445`,
      `c${time(1)} ff00000000001234 0 0`,
      'S0 .',
      'Nzz x',
      `A${time(2)} ffff888100000040`,
      'X',
      '@s[whatever]: 1',
    ]);
    expect(sink.eventRows).toHaveLength(1);
    expect(sink.lossRows).toMatchObject([{ cause: 7, count: 8 }]);
    expect(decoder.firstDamage).toBe('rubbish');
  });

  it('throws away a line without end and finds the next', () => {
    const { sink } = decode([...header(), 'z'.repeat(3 << 20), `A${time(2)} ffff888100000040`, 'X'], { chunk: 65536 });
    expect(sink.eventRows).toHaveLength(1);
    expect(sink.lossRows).toMatchObject([{ cause: 7, count: 1 }]);
  });

  it('says cut when the end line is missing', () => {
    expect(decode([...header(), `A${time(2)} ffff888100000040`]).sink.ending).toMatchObject({ reason: 'cut' });
  });

  it('gives the same whatever the cuts, and never throws on a cut text', () => {
    const lines = [
      ...header(),
      `S1 ${PATH}`,
      'N2 hold-pipes\\x00',
      `c${time(3)} 1234 1000000c8 200000000`,
      `T${time(250)} 1        `,
      `C${time(300)} 1234`,
      'X',
    ];
    const whole = decode(lines).sink;
    const text = lines.map((line) => `${line}\n`).join('');
    for (let cut = 1; cut < text.length; cut++) {
      expect(decode(lines, { chunk: cut }).sink.eventRows).toEqual(whole.eventRows);
      const sink = new SinkLog();
      const decoder = new BpftraceTextDecoder(sink, new TraceDictionary());
      decoder.push(new TextEncoder().encode(text.slice(0, cut)));
      decoder.finish();
      expect(sink.ending).not.toBeNull();
    }
  });

  it('tells times across the point where nsecs lose their top bits', () => {
    const start = (1n << 52n) - 1_000_000n;
    const at = (ns: bigint) => (((start + ns) << 12n) & 0xffffffffffffffffn).toString(16);
    const { sink } = decode([
      `B${start.toString(16)}`,
      `A${at(500_000n)} 100`,
      `A${at(3_000_000n)} 200`,
      `A${at(-5n)} 300`,
      'X',
    ]);
    expect(sink.eventRows.map((row) => [row[0], row[3]])).toEqual([
      [0, 0x300],
      [500_000, 0x100],
      [3_000_000, 0x200],
    ]);
  });
});
