import { describe, expect, it } from 'vitest';
import { carriedLook, keptLook } from '../../src/proc/kept-look.js';
import type { Look } from '../../src/proc/look.js';
import { type LookTable, tableRows, tableText } from '../../src/proc/look-tables.js';
import { parseVmallocinfo } from '../../src/proc/machine/vmalloc-areas.js';
import { parseZones } from '../../src/proc/machine/zones.js';
import { parseZoneinfo } from '../../src/proc/zoneinfo.js';

const MIB = 2 ** 20;

function lookWith(texts: Record<string, string>): Look {
  return { timeMs: 1000, origin: 'live', source: 'this machine', texts: new Map(Object.entries(texts)), notRead: [] };
}

function sizeOf(texts: ReadonlyMap<string, string>): number {
  return [...texts].reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);
}

/** Rows of a table, each with the given cells; the others are empty. */
function tableOf(table: LookTable, rows: Record<string, string | number>[], columns: readonly string[]): string {
  return tableText(
    table,
    rows.map((row) => columns.map((column) => row[column] ?? null)),
  );
}

describe('a look in a recording', () => {
  it('is the look itself where it is small', () => {
    const texts = { 'proc/meminfo': 'MemTotal: 1 kB\n', 'table/rings': 'device\n', 'log/kernel': 'a\nb' };
    const { texts: kept, notRead, unixMs } = keptLook(lookWith(texts));
    expect(Object.fromEntries(kept)).toEqual(texts);
    expect([notRead, unixMs]).toEqual([[], 1000]);
    const back = carriedLook({ unixMs, texts: kept, notRead }, 'a.unfreed');
    expect(back).toMatchObject({ timeMs: 1000, origin: 'recording', source: 'a.unfreed' });
    expect(carriedLook({ unixMs: 0, texts: kept, notRead }, '').timeMs).toBeNull();
  });

  it.each(['x', 'ä', '中', '😀'])('never takes more than 1 MiB, of %s', (letter) => {
    const line = `${letter.repeat(300)}\n`;
    const texts = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`proc/${i}`, line.repeat(2000)]));
    const { texts: kept, notRead } = keptLook(lookWith({ ...texts, 'log/kernel': line.repeat(5000) }));
    expect(sizeOf(kept)).toBeLessThanOrEqual(MIB);
    expect(sizeOf(kept)).toBeGreaterThan(MIB / 4);
    expect(
      [...kept.values()].every((text) =>
        text
          .split('\n')
          .slice(0, -1)
          .every((each) => `${each}\n` === line),
      ),
    ).toBe(true);
    expect(notRead.length).toBeGreaterThanOrEqual(40);
  });

  it('keeps what the equation needs before all else', () => {
    const long = 'x\n'.repeat(MIB);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`sys/${i}`, long]));
    const { texts } = keptLook(
      lookWith({ ...many, 'proc/meminfo': 'MemTotal: 1 kB\n', 'table/machine': 'hostname\nh\n' }),
    );
    expect(texts.get('proc/meminfo')).toBe('MemTotal: 1 kB\n');
    expect(texts.get('table/machine')).toBe('hostname\nh\n');
  });

  it('keeps the end of the log', () => {
    const log = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join('');
    const kept = keptLook(lookWith({ 'log/kernel': log })).texts.get('log/kernel') ?? '';
    expect(log.endsWith(kept)).toBe(true);
    expect(kept).toMatch(/^line \d+\n/);
  });

  it('keeps the largest processes, and those with most threads', () => {
    const columns = ['pid', 'parent', 'name', 'startSeconds', 'threads', 'virtual', 'rssAnon', 'rssFile', 'rssShmem'];
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      pid: i + 1,
      threads: 1,
      virtual: 1,
      rssAnon: i,
      rssFile: i,
    }));
    rows[3].threads = 9000;
    const { texts, notRead } = keptLook(lookWith({ 'table/processes': tableOf('table/processes', rows, columns) }));
    const pids = tableRows('table/processes', texts.get('table/processes')).map(({ pid }) => Number(pid));
    expect(pids).toContain(4);
    expect(pids.filter((pid) => pid > 4800)).toHaveLength(200);
    expect(pids.length).toBeLessThanOrEqual(240);
    expect(notRead).toEqual([{ what: 'table/processes', why: 'the 200 largest alone are in the recording' }]);
  });

  it('keeps the root of the cgroups, the largest, and small ones at their limit', () => {
    const columns = ['path', 'version', 'current', 'max', 'swap'];
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      path: `/${i}`,
      version: 2,
      current: i * MIB,
      max: 2 ** 50,
    }));
    rows[7].max = 7 * MIB;
    rows[0].path = '/';
    const { texts } = keptLook(lookWith({ 'table/cgroups': tableOf('table/cgroups', rows, columns) }));
    const paths = tableRows('table/cgroups', texts.get('table/cgroups')).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/', '/7', '/2999', '/2800']));
    expect(paths.length).toBeLessThanOrEqual(281);
  });

  it('sums the per-CPU lists of a long zoneinfo, and loses no zone', () => {
    const cpus = Array.from({ length: 600 }, (_, i) => {
      const lists = ['count:    3', 'high:     90', 'batch:    63', 'high_min: 1', 'high_max: 2'];
      return `    cpu: ${i}\n${lists.map((each) => `              ${each}\n`).join('')}  vm stats threshold: 12\n`;
    }).join('');
    const zone = (node: number): string =>
      `Node ${node}, zone   Normal\n  pages free     100\n        min      1\n        managed  1000\n` +
      `      nr_free_pages 100\n  pagesets\n${cpus}  node_unreclaimable:  0\n`;
    const text = zone(0) + zone(1);
    const kept = keptLook(lookWith({ 'proc/zoneinfo': text }));
    const short = kept.texts.get('proc/zoneinfo') ?? '';
    expect(short.length).toBeLessThan(2000);
    expect(kept.notRead).toEqual([]);
    expect(parseZones(short)).toEqual(parseZones(text));
    expect(parseZoneinfo(short)).toEqual(parseZoneinfo(text));
    expect(parseZoneinfo(short)?.perCpuFree).toBe(3600);
  });
});

describe('a long vmallocinfo in a recording', () => {
  const lines = Array.from(
    { length: 2000 },
    (_, i) =>
      `0x${i.toString(16).padStart(16, '0')}-0x${(i + 1).toString(16).padStart(16, '0')}   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4\n`,
  );
  const text = `${lines.join('')}0x0000000000000001-0x0000000000000002 1052672 nv_alloc+0x12/0x90 [nvidia] pages=256 vmalloc vpages N0=256
0x0000000000000003-0x0000000000000004    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0xa0000 ioremap
0x0000000000000005-0x0000000000000006  131072 unpurged vm_area
`;

  it('is short, and gives the same facts', () => {
    const { texts, notRead } = keptLook(lookWith({ 'proc/vmallocinfo': text }));
    const short = texts.get('proc/vmallocinfo') ?? '';
    expect(short.length).toBeLessThan(400);
    expect(parseVmallocinfo(short, 4096)).toEqual(parseVmallocinfo(text, 4096));
    expect(notRead).toEqual([]);
  });
});
