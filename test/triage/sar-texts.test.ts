/** What sar printed of memory is judged: the last readings as a meminfo, the rows as the pace of hours. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/collect/bundle/read-bundle.js';
import type { Look } from '../../src/proc/look.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageReport } from '../../src/triage/report.js';
import { looks, wide } from '../helpers/single-text.js';

const FOLDER = join(import.meta.dirname, 'texts');
const MIB = 2 ** 20;

async function reportOf(file: string): Promise<TriageReport> {
  return triageOf(await readBundle(join(FOLDER, file)));
}

const HEAD = 'Linux 5.14.0-570.el9 (db-17)  03/02/26  _x86_64_  (64 CPU)\n\n';

/** Rows each ten minutes; `row` gives the cells of one. */
function sarText(header: string, count: number, row: (at: number) => (number | string)[]): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const minutes = at * 10;
    const clock = [Math.floor(minutes / 60), minutes % 60, 1].map((part) => String(part).padStart(2, '0')).join(':');
    return `${clock} ${row(at).join(' ')}`;
  });
  return `${HEAD}00:00:01 ${header}\n${lines.join('\n')}\nAverage: ${row(0).join(' ')}\n`;
}

describe('a text of sar', () => {
  it('tells MemTotal by its percentage, of each sysstat', async () => {
    // The machine has 24,684,084 KiB.
    for (const [file, near] of [
      ['sar-r.txt', 0.01],
      ['sar-r-all.txt', 0.0001],
      ['sar-human.txt', 0.02],
    ] as const) {
      const { totalBytes } = (await reportOf(file)).machine;
      expect(Math.abs(totalBytes / (24_684_084 * 1024) - 1)).toBeLessThan(near);
    }
    const old = 'kbmemfree kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit';
    const [look] = looks(`${HEAD}01:19:22 PM ${old}\n01:19:23 PM 3098636 947980 23.43 0 707840 369648 6.02\n`);
    expect(triageOf([look]).machine.totalBytes).toBe((3_098_636 + 947_980) * 1024);
  });

  it('names the machine', async () => {
    expect((await reportOf('sar-B.txt')).machine).toMatchObject({ hostname: 'vm', cpus: 2, arch: 'x86_64' });
  });

  it('of a day gives growth, and the hours until MemAvailable is used up', () => {
    const columns = 'kbmemfree kbavail kbmemused %memused kbbuffers kbcached';
    // 16 GiB; 60 MiB go each ten minutes, and 2,000 MiB are left.
    const [look] = looks(
      sarText(columns, 48, (at) => {
        const available = (2000 + (47 - at) * 60) * 1024;
        const used = 16_777_216 - available - 200_000;
        return [available - 100_000, available, used, ((used / 16_777_216) * 100).toFixed(2), 100_000, 200_000];
      }),
    );
    const report = triageOf([look]);
    expect(report.hoursLeft).toBeCloseTo(2000 / 360, 1);
    const growth = report.findings.find(({ rule }) => rule === 'R22');
    expect(growth?.severity).toBe('growing');
    expect((growth?.growthBytesPerHour ?? 0) / (-360 * MIB)).toBeCloseTo(1, 2);
    expect(report.findings.some(({ severity }) => severity === 'fine')).toBe(false);
    expect(wide(report)).toMatch(/At this pace MemAvailable is used up in 5\.6h/);
  });

  it('says what grows where its columns tell it', () => {
    const columns = 'kbmemfree kbavail kbmemused %memused kbbuffers kbcached kbanonpg kbslab kbkstack kbpgtbl kbvmused';
    const [look] = looks(
      sarText(columns, 48, (at) => {
        const slab = 2_000_000 + at * 60_000;
        const used = 16_777_216 - 6_000_000 - 500_000 - slab;
        return [
          6e6 - at * 6e4,
          6e6,
          used,
          ((used / 16_777_216) * 100).toFixed(2),
          100_000,
          400_000,
          3e6,
          slab,
          9000,
          20_000,
          30_000,
        ];
      }),
    );
    const { findings } = triageOf([look]);
    const growing = findings.filter(({ severity }) => severity === 'growing');
    expect(growing.map(({ item }) => item)).toContain('slab');
    expect(growing.find(({ item }) => item === 'slab')?.growthBytesPerHour).toBeCloseTo(360_000 * 1024, -6);
  });

  it('begins anew where the machine did', () => {
    const text = sarText('kbmemfree kbavail kbmemused %memused kbbuffers kbcached', 12, (at) => [
      8e6 - at * 1e5,
      9e6 - at * 1e5,
      7e6,
      '43.75',
      1e5,
      1e6,
    ]).replace(/^01:00:01/m, '00:55:01       LINUX RESTART\t(64 CPU)\n\n01:00:01');
    const table = looks(text)[0].texts.get('table/history') ?? '';
    const times = table.split('\n').flatMap((line) => /^(\d+)\tavailable/.exec(line)?.[1] ?? []);
    expect(times).toHaveLength(6);
  });

  it.each([
    [
      'B',
      'pgpgin/s pgpgout/s fault/s majflt/s pgfree/s pgscank/s pgscand/s pgsteal/s %vmeff',
      'R1',
      /3,?\d* of|12 of 24/,
    ],
    ['W', 'pswpin/s pswpout/s', 'R18', /read back from swap/],
  ])('-%s tells of the time when memory was short', (option, columns, rule, says) => {
    const busy = option === 'B' ? [1, 1, 1, 1, 1, 900, 4000, 10, 1] : [3000, 2500];
    const quiet = busy.map(() => '0.00');
    const [look] = looks(sarText(columns, 24, (at) => (at % 2 === 0 ? busy : quiet)));
    const [finding] = triageOf([look]).findings;
    expect(finding).toMatchObject({ rule, severity: 'limit' });
    expect(finding.text).toMatch(says);
    const [calm] = looks(sarText(columns, 24, () => quiet));
    expect(triageOf([calm]).findings).toEqual([]);
  });

  it('-S tells of swap that is used', () => {
    const [look] = looks(sarText('kbswpfree kbswpused %swpused kbswpcad %swpcad', 6, () => [1e6, 3e6, 75, 0, 0]));
    expect(triageOf([look]).findings).toMatchObject([{ rule: 'R18', bytes: 3e6 * 1024 }]);
  });

  it('of two days, each in a file, is one history', () => {
    const columns = 'kbmemfree kbavail kbmemused %memused kbbuffers kbcached';
    // Each day has its swing, and each is 1 GiB below the day before.
    const day = (date: string, lessKiB: number): Look[] =>
      looks(
        sarText(columns, 144, (at) => {
          const available = 9_000_000 - lessKiB - at * 7282 + Math.round(Math.sin(at / 9) * 20_000);
          const used = 16_777_216 - available;
          return [available, available, used, ((used / 16_777_216) * 100).toFixed(2), 0, 0];
        }).replace('03/02/26', date),
        { name: date },
      );
    const report = triageOf([...day('03/02/26', 0), ...day('03/03/26', 1_048_576)]);
    expect(report.machine.looks).toBe(2);
    const growth = report.findings.find(({ rule }) => rule === 'R22');
    expect((growth?.growthBytesPerHour ?? 0) / ((-1024 * MIB) / 24)).toBeCloseTo(1, 1);
  });
});
