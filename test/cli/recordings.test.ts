import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRing } from '../../src/recording/files/recording-ring.js';
import { CHUNK_HEADER_BYTES } from '../../src/recording/format/chunk-header.js';
import { unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';
import { secondsRecording, tellSeconds } from '../helpers/seconds-trace.js';
import { joined } from '../helpers/stream-bytes.js';

const place = scratch();

interface Exported {
  source: { notes: string[]; startUnixMs: number; hostname: string };
  durationNs: number;
  events: { total: number };
  anomalies: { orphanFrees: number; lostEvents: number };
  outstanding: { slab: { count: number } };
  stacks: { comms: { comm: string }[] }[];
}

async function exported(path: string): Promise<Exported> {
  const ran = await unfreed(['export', path]);
  // 1 if a part of the file could not be read; then a message must say so.
  expect(ran.code, ran.stderr).toBe(ran.stderr.includes('could be read of it') ? 1 : 0);
  return JSON.parse(ran.stdout) as Exported;
}

/** Returns a report without the names of the machine and of processes. */
function bare(report: Exported): string {
  const stacks = report.stacks.map((stack) => ({ ...stack, comms: [], holder: null }));
  // Sentences and findings name the holders.
  return JSON.stringify({ ...report, source: null, conclusions: null, findings: null, stacks });
}

function write(name: string, options: { maxBytes: number; keep: number; seconds?: number; force?: boolean }): string {
  const path = place(name);
  tellSeconds(options.seconds ?? 30, (dictionary) => createRing(path, { dictionary, ...options }));
  return path;
}
const parts = (path: string): string[] =>
  readdirSync(place('.'))
    .filter((name) => place(name).startsWith(path))
    .toSorted();

/**
 * A recording of ten seconds, a chunk each, 100 events a second; the fourth chunk is damaged and
 * the last one is cut off.
 */
function damaged(): Uint8Array {
  const pieces = secondsRecording(10);
  pieces[4][CHUNK_HEADER_BYTES + 9] ^= 0xff;
  return joined(pieces).slice(0, -10);
}

describe('a damaged recording', () => {
  it('is ranked with what is lost, of which time, in words', async () => {
    const ran = await unfreed(['top', place('hurt.unfreed', damaged())]);
    // The readable rest is printed; the exit status shows that it is not all.
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('the above is what could be read of it');
    expect(ran.stdout).toMatch(/^lost \d+ of .* events .*damaged\)$/m);
    expect(ran.stderr).toContain('damaged in');
    expect(ran.stderr).toContain('from 00:00:03.000 to 00:00:03.990: 100 events, chunk 3: its checksum does not match');
    expect(ran.stderr).toContain('it is cut off (byte ');
    const info = await unfreed(['info', place('hurt.unfreed')]);
    expect(info.stdout).toMatch(/damage {7} *damaged in \d places, \d+ events lost/);
    const facts = JSON.parse((await unfreed(['info', '--json', place('hurt.unfreed')])).stdout) as {
      damages: { fromNs: number; toNs: number; events: number }[];
      end: { reason: string };
    };
    expect(facts.damages[0]).toMatchObject({ fromNs: 3e9, toNs: 3.99e9, events: 100 });
    expect(facts.end.reason).toBe('cut');
  });

  it('is repaired into a whole one with the same totals, which says what it lost', async () => {
    const input = place('torn.unfreed', damaged());
    const ran = await unfreed(['repair', input, '-o', place('mended.unfreed')]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('100 events, chunk 3: its checksum does not match (byte ');
    expect(ran.stderr).toContain('it is cut off (byte ');
    expect(readFileSync(input)).toEqual(Buffer.from(damaged()));
    const before = await exported(input);
    const after = await exported(place('mended.unfreed'));
    expect({ ...after, source: { ...after.source, notes: [] } }).toEqual(before);
    expect(after.source.notes.join()).toContain('repaired: the original was damaged in');
    const again = await unfreed(['top', place('mended.unfreed')]);
    expect(again.stderr).not.toContain('damaged in');
    expect((await unfreed(['repair', place('mended.unfreed'), '-o', place('m2')])).stderr).toContain('is whole');
  });

  it('is repaired without its own header', async () => {
    const bytes = damaged();
    bytes.fill(0, 0, 16);
    const ran = await unfreed(['repair', place('headless', bytes), '-o', place('head.unfreed')]);
    expect(ran.code).toBe(0);
    expect((await exported(place('head.unfreed'))).events.total).toBe(
      (await exported(place('hurt.unfreed'))).events.total,
    );
  });
});

describe('cut', () => {
  it('holds the events of [from, to) with what they need, on a clock that begins at 0', async () => {
    const whole = place('whole.unfreed', joined(secondsRecording(10)));
    const ran = await unfreed(['cut', whole, '--from', '2s', '--to', '5s', '-o', place('cut.unfreed')]);
    expect(ran.code).toBe(0);
    const original = await exported(whole);
    const cut = await exported(place('cut.unfreed'));
    expect(cut.events.total).toBe(300);
    expect(cut.durationNs).toBe(3e9);
    expect(cut.source.startUnixMs).toBe(original.source.startUnixMs + 2000);
    expect(cut.source.notes.join()).toContain('cut out of a recording, from 00:00:02.000 to 00:00:05.000');
    // Each second frees 40 of the 60 objects of the second before.
    expect(cut.anomalies.orphanFrees).toBe(40);
    expect(original.anomalies.orphanFrees).toBe(0);
    const frames = await unfreed(['top', place('cut.unfreed')]);
    expect(frames.stdout).toContain('second_4');
    expect(frames.stdout).not.toContain('second_5');
    const rest = await unfreed(['cut', whole, '--from', '9s', '-o', place('rest.unfreed')]);
    expect(rest.stderr).toContain('100 events');
  });

  it('says what is wrong with a span', async () => {
    const whole = place('span.unfreed', joined(secondsRecording(3)));
    const empty = await unfreed(['cut', whole, '--from', '1m', '-o', place('none')]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toMatch(/has no events from 00:01:00.000 on\n {2}it was read up to 00:00:0/);
    expect((await unfreed(['cut', whole, '--from', '5s', '--to', '5s', '-o', place('none')])).code).toBe(2);
    expect((await unfreed(['cut', whole, '--from', 'soon', '-o', place('none')])).code).toBe(2);
  });
});

describe('anonymize', () => {
  it('hides the host and the processes, and nothing else', async () => {
    const input = place('named.unfreed', joined(secondsRecording(5)));
    const ran = await unfreed(['anonymize', input, '-o', place('anon.unfreed'), '--keep', 'worker-1']);
    expect(ran.code).toBe(0);
    const before = await exported(input);
    const after = await exported(place('anon.unfreed'));
    expect(after.source.hostname).toBe('host');
    const names = new Set(after.stacks.flatMap((stack) => stack.comms.map(({ comm }) => comm)));
    expect([...names].toSorted()).toEqual(['#1', '#3', '#4', '#5', 'worker-1']);
    expect(bare(after)).toBe(bare(before));
    const bytes = (await unfreed(['export', place('anon.unfreed')])).stdout;
    for (const hidden of ['worker-0', 'worker-2', 'seconds-box']) expect(bytes).not.toContain(hidden);
  });
});

describe('a ring of files', () => {
  it('replays as the one recording that it would have been', async () => {
    const ring = write('ring.unfreed', { maxBytes: 1000, keep: 1000 });
    expect(parts(ring).length).toBeGreaterThan(4);
    const one = place('one.unfreed', joined(secondsRecording(30)));
    expect((await unfreed(['export', ring])).stdout).toBe((await unfreed(['export', one])).stdout);
  });

  it('keeps the newest files, and says from where on it replays', async () => {
    const ring = write('few.unfreed', { maxBytes: 1000, keep: 3 });
    expect(parts(ring)).toHaveLength(3);
    expect(parts(ring)[0]).toBe('few.unfreed');
    const report = await exported(ring);
    expect(report.source.notes.join()).toMatch(/the first \d+ files are not here: time 0 is .* after its start/);
    expect(report.events.total).toBeLessThan(3000);
    expect(report.anomalies).toMatchObject({ orphanFrees: 40, lostEvents: 0 });
    expect((await unfreed(['top', ring])).stdout).toContain('second_29');
    const info = await unfreed(['info', ring]);
    expect(info.stdout).toMatch(/few\.unfreed, 3 files, /);
    expect(info.stdout).toMatch(/part \d+, from \d+\.\d+s on/);
  });

  it('has parts that can each be read alone', async () => {
    const ring = write('alone.unfreed', { maxBytes: 1000, keep: 1000 });
    const names = parts(ring).slice(1);
    for (const name of [names[0], names[1], names[names.length - 1]]) {
      const report = await exported(place(name));
      expect(report.events.total).toBeGreaterThan(99);
      expect(report.durationNs).toBeLessThan(10e9);
      expect((await unfreed(['top', place(name)])).stdout).toMatch(/second_\d+ < seconds_main/);
    }
  });

  it('tells a part that is missing from the middle as lost events, and one that is damaged', async () => {
    const ring = write('hole.unfreed', { maxBytes: 1000, keep: 1000 });
    const whole = (await exported(ring)).events.total;
    const { rmSync, writeFileSync } = await import('node:fs');
    rmSync(`${ring}.000002`);
    const holed = await exported(ring);
    expect(holed.anomalies.lostEvents).toBe(whole - holed.events.total);
    const ran = await unfreed(['top', ring]);
    expect(ran.stderr).toMatch(/\d+ events, events before part 3 that are in no file/);
    writeFileSync(`${ring}.000003`, Buffer.alloc(1000));
    const hurt = await exported(ring);
    expect(hurt.events.total + hurt.anomalies.lostEvents).toBe(whole);
  });

  it('is found by its name also when the newest file is not there yet', async () => {
    const ring = write('gone.unfreed', { maxBytes: 1000, keep: 1000 });
    const { rmSync } = await import('node:fs');
    rmSync(ring);
    const ran = await unfreed(['top', ring]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('second_1');
  });

  it('does not mix with an earlier one of its name', async () => {
    const path = write('again.unfreed', { maxBytes: 1000, keep: 1000 });
    expect(() => write('again.unfreed', { maxBytes: 1000, keep: 10 })).toThrow('exists already');
    write('again.unfreed', { maxBytes: 1000, keep: 4, force: true });
    expect(parts(path)).toHaveLength(4);
    expect((await exported(path)).anomalies.lostEvents).toBe(0);
    // A recording in one file, beside parts of another one, is read alone.
    const alone = place('beside.unfreed', joined(secondsRecording(2)));
    place('beside.unfreed.000001', joined(secondsRecording(3)));
    expect((await exported(alone)).events.total).toBe(200);
    expect(statSync(alone).size).toBeGreaterThan(0);
  });
});

describe('record', () => {
  it('refuses sizes and counts that make no sense', async () => {
    for (const flags of [
      ['--keep', '3'],
      ['--max-size', '1k'],
      ['--max-size', '1G', '--keep', '1'],
      ['--max-size', 'x'],
    ]) {
      const ran = await unfreed(['record', '-o', place('never'), ...flags]);
      expect(ran.code, flags.join(' ')).toBe(2);
    }
  });
});
