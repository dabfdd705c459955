/** Files of one machine: of different kinds they are one look, of one kind they give the pace. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../src/collect/bundle/read-bundle.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import { looks, wide } from '../../helpers/single-text.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'triage', 'texts');
const GIB = 2 ** 30;

function meminfo(free: number): string {
  return `MemTotal: 16777216 kB\nMemFree: ${free} kB\nMemAvailable: ${free} kB\nBuffers: 0 kB\nCached: 0 kB\nAnonPages: ${16_000_000 - free} kB\nSlab: 700000 kB\nSUnreclaim: 600000 kB\n`;
}

describe('files of one machine', () => {
  it('of different kinds are one look, that is judged with all of them', async () => {
    const slab = await readBundle(join(FOLDER, 'kmem-s.txt'));
    const log = await readBundle(join(FOLDER, 'oom-of-cgroup.txt'));
    const report = triageOf([...looks(meminfo(9e6)), ...slab, ...log]);
    expect(report.machine).toMatchObject({ looks: 1, totalBytes: 16 * GIB });
    expect(report.findings.map(({ rule }) => rule)).toEqual(['R1', 'R20']);
    expect(report.notRead.map(({ what }) => what)).not.toContain('proc/slabinfo');
  });

  it('with one time give no pace, and it is said', () => {
    const same = triageOf([...looks(meminfo(9e6), { timeMs: 5e12 }), ...looks(meminfo(8e6), { timeMs: 5e12 })]);
    expect(same.notRead.find(({ what }) => what === 'pace')?.why).toMatch(/same time.*touch -d/);
    expect(wide(same)).toMatch(/^No pace: all looks have the same time/m);
    const hours = triageOf([...looks(meminfo(9e6), { timeMs: 5e12 }), ...looks(meminfo(8e6), { timeMs: 5e12 + 36e5 })]);
    expect(hours.notRead.some(({ what }) => what === 'pace')).toBe(false);
    expect(hours.hoursLeft).toBeCloseTo(8, 1);
  });

  it('of another machine are said', () => {
    const other = `MemTotal: 99 kB\nMemFree: 9 kB\n`;
    expect(wide(triageOf([...looks(meminfo(9e6)), ...looks(other, { timeMs: 1 })]))).toMatch(
      /No pace: 1 look is of another machine/,
    );
  });

  it('may be one file of many samples, with their dates', () => {
    const text = [0, 1, 2, 3].map((at) => `Mon Mar  2 1${at}:00:00 UTC 2026\n${meminfo(9e6 - at * 1e6)}`).join('');
    const report = triageOf(looks(text));
    expect(report.machine).toMatchObject({ looks: 4, spanSeconds: 3 * 3600 });
    expect(report.hoursLeft).toBeCloseTo(6, 1);
  });
});
