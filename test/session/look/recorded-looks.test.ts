import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { RecordedLooks } from '../../../src/session/look/recorded-looks.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';

const GIB_KB = 2 ** 20;
const START_MS = 1_700_000_000_000;

function meminfo(freeKb: number): string {
  const lines = { MemTotal: 8 * GIB_KB, MemFree: freeKb, MemAvailable: freeKb, Cached: GIB_KB, Slab: GIB_KB / 4 };
  return Object.entries({ ...lines, SUnreclaim: GIB_KB / 4, AnonPages: 0 })
    .map(([name, kb]) => `${name}: ${kb} kB\n`)
    .join('');
}

const ZONEINFO = `managed ${2 * GIB_KB}\nnr_free_pages 1000\ncount 10\n`;

/** Samples each second, of a machine that loses 10 MiB of free memory a second to no line of meminfo. */
function recorded(seconds: number, carried: boolean): RecordedLooks {
  const looks = new RecordedLooks();
  const host = { hostname: 'db-17', kernel: '6.12.1', arch: 'x86_64', pageSize: 4096, cpus: 4, startUnixMs: START_MS };
  looks.fact({ type: 'host', facts: { ...unknownHost(), ...host } });
  const texts = new Map([
    ['proc/meminfo', meminfo(6 * GIB_KB)],
    ['table/machine', 'hostname\tpageSize\ndb-17\t4096\n'],
  ]);
  if (carried) looks.fact({ type: 'look', timeNs: 0, look: { unixMs: START_MS, texts, notRead: [] } });
  if (carried) looks.fact({ type: 'look', timeNs: 5, look: { unixMs: START_MS, texts, notRead: [] } });
  for (let second = 1; second <= seconds; second++) {
    const timeNs = second * 1e9;
    looks.fact({ type: 'counters', timeNs, source: 'zoneinfo', text: ZONEINFO });
    const text = meminfo(6 * GIB_KB - second * 10 * 1024);
    looks.fact({ type: 'counters', timeNs: timeNs + 1e6, source: 'meminfo', text });
    if (second === 3)
      looks.fact({ type: 'counters', timeNs: timeNs + 2e6, source: 'vmstat', text: 'nr_free_pages 1\n' });
    looks.fact({ type: 'counters', timeNs: timeNs + 2e6, source: 'processes', text: 'x' });
  }
  return looks;
}

it('judges the end of a recording without looks, and has its pace from all of it', () => {
  const looks = recorded(120, false).looks('a.unfreed');
  expect(looks.map(({ timeMs }) => timeMs)).toEqual([START_MS + 1000, START_MS + 120_000]);
  expect(looks[0].texts.get('proc/vmstat')).toBe('nr_free_pages 1\n');
  expect([...looks[0].texts.keys()].filter((name) => name.includes('#'))).toHaveLength(10);
  expect([...looks[1].texts.keys()]).toEqual(['table/machine', 'proc/zoneinfo', 'proc/meminfo', 'proc/vmstat']);
  const report = triageOf(looks);
  expect(report.machine).toMatchObject({ hostname: 'db-17', kernel: '6.12.1', cpus: 4, looks: 2, spanSeconds: 119 });
  const gap = report.findings.find(({ rule }) => rule === 'R3');
  expect(gap?.severity).toBe('growing');
  expect(gap?.bytes).toBe((8 - 6 - 1 - 1 / 4) * 2 ** 30 + (120 * 10 - (10 * 4) / 1024) * 2 ** 20);
  expect(gap?.growthBytesPerHour).toBeCloseTo(10 * 2 ** 20 * 3600, -3);
});

it('judges the look that a recording carries, with the pace of its samples', () => {
  const looks = recorded(120, true).looks('a.unfreed');
  expect(looks).toHaveLength(2);
  const report = triageOf(looks);
  expect(report.machine).toMatchObject({ timeMs: START_MS, looks: 2, spanSeconds: 120, source: 'a.unfreed' });
  const gap = report.findings.find(({ rule }) => rule === 'R3');
  expect([gap?.severity, gap?.bytes]).toEqual(['growing', 0.75 * 2 ** 30]);
});

it('has no look where there is nothing of memory', () => {
  expect(new RecordedLooks().looks('a.unfreed')).toEqual([]);
  const looks = new RecordedLooks();
  looks.fact({ type: 'counters', timeNs: 5, source: 'slabinfo', text: 'slabinfo - version: 2.1\n' });
  looks.fact({ type: 'counters', timeNs: 5, source: 'zoneinfo', text: ZONEINFO });
  expect(looks.looks('a.unfreed')).toEqual([]);
});
