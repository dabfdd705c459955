import { beforeAll, describe, expect, it } from 'vitest';
import { rateUnitOf } from '../../../src/base/format.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import type { HistoryFacts } from '../../../src/rank/verdict/history-facts.js';
import { judge } from '../../../src/rank/verdict/verdict.js';
import { growthText } from '../../../src/rank/verdict/verdict-reasons.js';
import { HISTORY_DURATIONS_NS, HISTORY_KINDS, historyCore, historyReport } from '../../helpers/history-traces.js';
import { tableRows, verdictTable } from '../../helpers/verdict-table.js';

const SEEDS = 10;

function byName(name: string): number {
  return HISTORY_KINDS.findIndex((kind) => kind.name === name);
}

describe('traces of known truth', () => {
  const stacks: ReportStack[][] = HISTORY_KINDS.map(() => []);

  beforeAll(() => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      for (const durationNs of HISTORY_DURATIONS_NS) {
        for (const stack of historyReport(historyCore(seed, durationNs)).stacks) {
          stacks[Math.floor(stack.stackId / 4) - 1].push(stack);
        }
      }
    }
  });

  it('get the verdicts of the table in VERDICTS.md, no more and no fewer', () => {
    const rows = tableRows(HISTORY_KINDS, stacks);
    expect(verdictTable('Right and wrong, against truth')).toEqual(rows);
  });

  it('tell the growth of a leak within its interval', () => {
    // 300 objects of 256 bytes over the whole trace, give or take the noise.
    for (const [i, durationNs] of HISTORY_DURATIONS_NS.entries()) {
      const { growth } = stacks[byName('leak of all it takes')][i];
      const perHour = (300 * 256) / (durationNs / 3600e9);
      expect(growth?.bytesPerHour).toBeGreaterThan(perHour * 0.8);
      expect(growth?.bytesPerHour).toBeLessThan(perHour * 1.2);
      expect(growth?.sinceNs).toBeLessThan(durationNs / 10);
    }
    // The leak that begins half-way, in each trace.
    const late = stacks[byName('leak that begins half-way')];
    for (const [i, stack] of late.entries()) {
      const share = (stack.growth?.sinceNs ?? 0) / HISTORY_DURATIONS_NS[i % HISTORY_DURATIONS_NS.length];
      expect(share).toBeGreaterThan(0.35);
      expect(share).toBeLessThan(0.65);
    }
  });

  it('give each verdict a reason, and no reason without one', () => {
    for (const stack of stacks.flat()) {
      expect(stack.verdictReason === null).toBe(stack.verdict === null);
      expect(stack.verdictReason ?? '').not.toMatch(/NaN|Infinity|undefined/);
      expect(stack.growth).not.toBe(null);
    }
  });
});

const TIMES = { firstNs: 1e9, stepNs: 1e9 };
const FACTS: HistoryFacts = {
  nowNs: 40e9,
  allocBytes: 40 * 8192,
  allocCount: 40,
  freeCount: 0,
  lifetimes: null,
  oldestAgeNs: 39e9,
  medianAgeNs: 20e9,
  allocations: 40,
  unevenness: 0.01,
  ageBars: null,
  fewestPoints: 16,
  unreliable: null,
};
const LINE = Array.from({ length: 40 }, (_, i) => (i + 1) * 8192);

describe('judging a curve', () => {
  it('says nothing about a short history, or one of a few points', () => {
    const nothing = { verdict: null, reason: null, growth: null };
    expect(judge({ firstNs: 1e8, stepNs: 1e8, values: LINE }, FACTS)).toEqual(nothing);
    expect(judge({ ...TIMES, values: LINE.slice(0, 15) }, FACTS)).toEqual(nothing);
    expect(judge({ ...TIMES, values: [...LINE.map(() => 0), ...LINE.slice(0, 10)] }, FACTS)).toEqual(nothing);
    expect(judge({ ...TIMES, values: [] }, FACTS)).toEqual(nothing);
  });

  it('is the same for a sum of curves as for one', () => {
    const { verdict, growth, reason } = judge({ ...TIMES, values: LINE }, FACTS);
    expect(verdict).toBe('growing');
    expect(growth).toEqual({
      bytesPerHour: 8192 * 3600,
      lowBytesPerHour: 8192 * 3600,
      highBytesPerHour: 8192 * 3600,
      confidence: 1,
      sinceNs: 0,
    });
    expect(reason).toBe(
      'rises by 480 KiB/min (480..480) since the trace began, 0% of its allocations were freed; ' +
        'half of what is held is older than 20.0s',
    );
  });

  it('is unreliable whatever the curve when the counters contradict it, and tells the trend all the same', () => {
    const judged = judge({ ...TIMES, values: LINE }, { ...FACTS, unreliable: 'the counters say otherwise' });
    expect(judged).toMatchObject({ verdict: 'unreliable', reason: 'the counters say otherwise' });
    expect(judged.growth?.bytesPerHour).toBe(8192 * 3600);
    expect(judge({ ...TIMES, values: [] }, { ...FACTS, unreliable: 'no' }).verdict).toBe('unreliable');
  });

  it('does not call growing what is renewed all the time', () => {
    const judged = judge({ ...TIMES, values: LINE }, { ...FACTS, oldestAgeNs: 1e9, medianAgeNs: 5e8 });
    expect(judged.verdict).toBe('churning');
    expect(judged.reason).toContain('nothing that is held is older than 1.00s');
  });

  it('calls a leak so whose work has ended by the ages of what is left, if those are even', () => {
    // Ten are in flight at any time until the work is over; then only the leaked memory is held.
    const curve = LINE.map((value, i) => (i < 37 ? value + 10 * 8192 : LINE[36]));
    const facts = { ...FACTS, allocBytes: 4e6, allocCount: 400, freeCount: 363, allocations: 37, unevenness: 0.08 };
    const lifetimes = Array.from({ length: 40 }, (_, bar) => (bar === 22 ? 363 : 0));
    const judged = judge({ ...TIMES, values: curve }, { ...facts, lifetimes });
    expect(judged.verdict).toBe('growing');
    expect(judged.growth?.bytesPerHour).toBe(8192 * 3600);
    expect(judged.reason).toMatch(/it came evenly, and hardly anything that was freed had lived long$/);
    // All at once; too few; none old; partly freed when old; ages not known.
    for (const other of [
      { unevenness: 0.5 },
      { allocations: 11 },
      { oldestAgeNs: 20e9 },
      { lifetimes: Array.from({ length: 40 }, (_, bar) => (bar === 30 ? 363 : 0)) },
      { allocations: null, unevenness: null },
    ]) {
      expect(
        judge({ ...TIMES, values: curve }, { ...facts, lifetimes, ...other }).verdict,
        JSON.stringify(other),
      ).not.toBe('growing');
    }
  });

  it('calls a rise that stays one-time by the ages of what is held, however much else came and went', () => {
    const curve = LINE.map((_, i) => (i < 10 ? 0 : 8e6));
    const facts = { ...FACTS, allocBytes: 9e8, allocCount: 9e4, freeCount: 8e4 };
    expect(judge({ ...TIMES, values: curve }, { ...facts, medianAgeNs: 29e9 }).verdict).toBe('one-time');
    expect(judge({ ...TIMES, values: curve }, { ...facts, medianAgeNs: 1e8 }).verdict).toBe('churning');
    expect(judge({ ...TIMES, values: curve }, { ...facts, medianAgeNs: null }).verdict).toBe('churning');
  });
});

describe('a short history', () => {
  // Born 10 points ago: 10 s, of which each has brought 8 KiB.
  const values = [...LINE.map(() => 0), ...LINE.slice(0, 10)];
  const facts = { ...FACTS, oldestAgeNs: 9.5e9, medianAgeNs: 5e9, allocations: 40, unevenness: 0.05 };

  it('is enough if the counters agree, for growth that the ages show too', () => {
    const judged = judge({ ...TIMES, values }, { ...facts, nowNs: 50e9, fewestPoints: 8 });
    expect(judged.verdict).toBe('growing');
    expect(judged.reason).toMatch(/it came evenly/);
    for (const other of [
      { fewestPoints: 16 },
      { fewestPoints: 12 },
      { allocations: 31 },
      { unevenness: 0.3 },
      { oldestAgeNs: 5e9 },
    ]) {
      const part = { ...facts, nowNs: 50e9, fewestPoints: 8, ...other };
      expect(judge({ ...TIMES, values }, part).verdict, JSON.stringify(other)).toBe(null);
    }
  });

  it('is enough for memory taken once, and for no other verdict', () => {
    const held = { ...facts, nowNs: 50e9, fewestPoints: 8, oldestAgeNs: 10e9, medianAgeNs: 10e9, unevenness: 0.9 };
    const once = [...LINE.map(() => 0), ...LINE.slice(0, 10).map(() => 5e5)];
    expect(judge({ ...TIMES, values: once }, held).verdict).toBe('one-time');
    const saw = once.map((value, i) => value * (1 + (i % 3)));
    expect(judge({ ...TIMES, values: saw }, { ...held, medianAgeNs: 1e9 }).verdict).toBe(null);
  });

  it('of less than 2 s is never enough', () => {
    const times = { firstNs: 125e6, stepNs: 125e6 };
    const part = { ...facts, nowNs: 6.25e9, fewestPoints: 8, oldestAgeNs: 1.2e9, medianAgeNs: 0.6e9 };
    expect(judge({ ...times, values }, part).verdict).toBe(null);
    expect(judge({ firstNs: 25e7, stepNs: 25e7, values }, { ...part, nowNs: 12.5e9, oldestAgeNs: 2.4e9 }).verdict).toBe(
      'growing',
    );
  });
});

it('writes a growth and its interval in the unit of the report', () => {
  const rate = { confidence: 1, sinceNs: 0 };
  const growth = {
    bytesPerHour: 3.1 * 2 ** 20,
    lowBytesPerHour: 2.8 * 2 ** 20,
    highBytesPerHour: 3.4 * 2 ** 20,
    ...rate,
  };
  const [second, minute, hour, day] = [1e9, 60e9, 3600e9, 86_400e9].map(rateUnitOf);
  expect(growthText(growth, hour)).toBe('3.10 MiB/h (2.80..3.40)');
  expect(growthText(growth, minute)).toBe('52.9 KiB/min (47.8..58.0)');
  expect(growthText(growth, second)).toBe('903 B/s (816..990)');
  const slow = { bytesPerHour: 200, lowBytesPerHour: -10, highBytesPerHour: 400, ...rate };
  expect(growthText(slow, day)).toBe('4.69 KiB/day (-0.23..9.38)');
  expect(growthText(slow, second)).toBe('0.06 B/s (0.00..0.11)');
  expect(growthText(slow, hour, 1024)).toBe('200 KiB/h (-10..400)');
});
