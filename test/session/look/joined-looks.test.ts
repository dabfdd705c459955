/** Files of one machine: of different kinds they are one look, of one kind they give the pace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../src/collect/bundle/read-bundle.js';
import { timeOfName } from '../../../src/decode/look/file-name-time.js';
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

  it('of a tool that shows a part of meminfo stand behind the kernel, in any order', async () => {
    const names = ['top.txt', 'ps.txt', 'sar-r-all.txt', 'free-h.txt'];
    const tools = (await Promise.all(names.map((name) => readBundle(join(FOLDER, name))))).flat();
    const own = looks(meminfo(9e6), { timeMs: 1 });
    for (const all of [
      [...own, ...tools],
      [...tools, ...own],
    ]) {
      const { machine } = triageOf(all);
      expect(machine).toMatchObject({ looks: 1, totalBytes: 16 * GIB, meminfoBy: 'kernel', hostname: 'vm' });
    }
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

  it('may lie in a folder, each with the time of its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unfreed-looks-'));
    try {
      for (const [hour, free] of [
        ['10', 9e6],
        ['11', 8e6],
        ['13', 6e6],
      ] as const) {
        writeFileSync(join(folder, `meminfo-2026-03-02T${hour}:00`), meminfo(free));
        writeFileSync(
          join(folder, `slab.20260302-${hour}0000`),
          'slabinfo - version: 2.1\nkmalloc-64 9 9 64 9 1 : tunables 0 0 0 : slabdata 1 1 0\n',
        );
      }
      writeFileSync(join(folder, 'uname.txt'), 'Linux web-1 6.12.3 #1 SMP x86_64 GNU/Linux\n');
      const report = triageOf(await readBundle(folder));
      expect(report.machine).toMatchObject({
        hostname: 'web-1',
        kernel: '6.12.3',
        looks: 3,
        spanSeconds: 3 * 3600,
        source: folder,
      });
      expect(report.machine.timeMs).toBe(Date.UTC(2026, 2, 2, 13));
      expect(report.hoursLeft).toBeCloseTo(6, 1);
      expect(report.notRead.map(({ what }) => what)).not.toContain('proc/slabinfo');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['meminfo-2026-11-30T10:00', Date.UTC(2026, 10, 30, 10)],
    ['/a/2020-01-01T01:01/meminfo.20261130-1000', Date.UTC(2026, 10, 30, 10)],
    ['slab_2026-11-30_10.00.15.txt', Date.UTC(2026, 10, 30, 10, 0, 15)],
    ['sosreport-db-2026-11-30-abcdefg.tar.xz', null],
    ['meminfo-20261399-1000', null],
    ['99202611301000', null],
    ['meminfo', null],
  ])('%s was taken at %j', (path, timeMs) => expect(timeOfName(path)).toBe(timeMs));
});
