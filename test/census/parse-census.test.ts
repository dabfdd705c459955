import { describe, expect, it } from 'vitest';
import { judgeCensus } from '../../src/census/judge-census.js';
import { parseCensus } from '../../src/census/parse-census.js';
import { parseCensusReport } from '../../src/census/parse-report.js';
import { censusJson } from '../../src/export/census/census-json.js';
import { rawCensus } from '../helpers/raw-census.js';
import { seededRandom } from '../helpers/seeded-random.js';

describe('the text of a census', () => {
  it('is a census only in a version that is known', () => {
    expect(parseCensus(rawCensus())?.classes).toHaveLength(5);
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      rawCensus({ version: 2 }),
      rawCensus({ pageSize: 0 }),
      rawCensus().slice(0, -1),
    ]) {
      expect(parseCensus(text)).toBeNull();
    }
  });

  it('has no stage that did not run', () => {
    const census = parseCensus(rawCensus({ holders: undefined, types: undefined, orphans: undefined }));
    expect([census?.holders, census?.types, census?.orphans]).toEqual([null, null, null]);
  });

  it('takes any value anywhere without failing, and no number that is none', () => {
    const random = seededRandom(16);
    const odd = [null, -1, 1.5, 1e300, 'x', [], {}, true, [null], [[]], '__proto__'];
    const spoil = (value: unknown): unknown => {
      if (random() < 0.15) return odd[Math.floor(random() * odd.length)];
      if (Array.isArray(value)) return value.map(spoil);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spoil(inner)]));
    };
    let parsed = 0;
    for (let i = 0; i < 500; i++) {
      const document = JSON.parse(rawCensus()) as Record<string, unknown>;
      const spoiled = { ...(spoil(document) as object), format: document.format, version: 1, pageSize: 4096 };
      const census = parseCensus(JSON.stringify(spoiled));
      if (census === null) continue;
      parsed++;
      const report = judgeCensus({ source: '', timeMs: null, census, possessions: [] });
      for (const { pages } of report.classes) expect(Number.isSafeInteger(pages) && pages >= 0).toBe(true);
      const again = parseCensusReport(censusJson(report));
      expect(again).toEqual(report);
    }
    expect(parsed).toBeGreaterThan(400);
  });
});
