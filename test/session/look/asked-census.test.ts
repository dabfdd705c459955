/** Which census a first look asks for. */
import { expect, it } from 'vitest';
import { askedCensus, CENSUS_RULES, GAP_RULES } from '../../../src/session/look/asked-census.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import type { TriageFinding, TriageReport } from '../../../src/triage/report.js';
import { lookAt } from '../../helpers/look.js';

const ABNORMAL = triageOf([lookAt({ gap: 5 })]);
const QUIET = triageOf([lookAt({})]);

function finding(rule: string, holders: TriageFinding['holders'] = []): TriageFinding {
  return {
    rule,
    severity: 'abnormal',
    item: '',
    bytes: 1,
    growthBytesPerHour: null,
    holders,
    text: '',
    details: [],
    next: [],
  };
}

function withSlab(report: TriageReport, bytes: number): TriageReport {
  return { ...report, equation: [{ term: 'Slab', bytes, source: '' }] };
}

it('an abnormal gap asks who holds it; a quiet machine asks nothing', () => {
  expect(askedCensus(ABNORMAL, GAP_RULES)).toEqual({ holders: true, caches: [] });
  expect(askedCensus(QUIET, CENSUS_RULES)).toBeNull();
});

it('much slab is not read for that', () => {
  expect(askedCensus(withSlab(ABNORMAL, 16 * 2 ** 30), GAP_RULES)?.holders).toBe(true);
  expect(askedCensus(withSlab(ABNORMAL, 17 * 2 ** 30), GAP_RULES)).toEqual({ holders: false, caches: [] });
});

it('abnormal slab asks what the objects of two caches are, where it may', () => {
  const caches = ['a', 'b', 'c'].map((name) => ({ kind: 'cache', name, bytes: 1 }));
  const report = { ...QUIET, findings: [finding('R5', [...caches, { kind: 'module', name: 'm', bytes: 1 }])] };
  expect(askedCensus(report, CENSUS_RULES)).toEqual({ holders: true, caches: ['a', 'b'] });
  expect(askedCensus(report, GAP_RULES)).toBeNull();
  expect(askedCensus({ ...report, findings: [{ ...finding('R3'), severity: 'note' }] }, GAP_RULES)).toBeNull();
});
