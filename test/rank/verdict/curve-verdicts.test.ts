import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { historyCore, historyReport } from '../../helpers/history-traces.js';
import { pairText } from '../../helpers/text-trace.js';

/** An object of 8 KiB a second; every fourth is the tracer's own. */
const OWN = Array.from(
  { length: 40 },
  (_, i) => `${i * 1e9} alloc a${i} 8192 ${i % 4 === 3 ? 'self ' : ''}kmalloc < taker`,
).join('\n');

it('the curve leaves out what the tracer holds itself; where that is shown too, there is no curve', () => {
  const { report } = pairText(`${OWN}\n40000000000 clock`);
  const [stack] = report().stacks;
  expect(report().curve).toEqual({ firstNs: 1e9, stepNs: 1e9, points: 40 });
  // Of the 40 at the end, 10 are the tracer's own.
  expect(stack.curve[39]).toBe(30 * 8192);
  expect(stack.curve[0]).toBe(8192);
  expect(stack).toMatchObject({ verdict: 'growing', bytes: 30 * 8192 });
  expect(report({ includeSelf: true }).stacks[0]).toMatchObject({ verdict: null, growth: null, curve: [] });
});

it('a part of a call path by age has neither curve nor verdict; a selection that takes all of it has both', () => {
  const { report } = pairText(`${OWN}\n40000000000 clock`);
  const part = report({ olderNs: 20e9 }).stacks[0];
  expect(part.bytes).toBe(16 * 8192);
  expect(part).toMatchObject({ curve: [], verdict: null, verdictReason: null, growth: null });
  const [whole] = report().stacks;
  expect(report({ minSizeBytes: 4096 }).stacks[0]).toEqual(whole);
  expect(whole.verdict).toBe('growing');
});

it('a history begins anew where another share of the addresses is traced', () => {
  const core = historyCore(1, 15e9);
  const before = historyReport(core);
  expect(before.curve?.points).toBeGreaterThan(32);
  expect(before.stacks.some((stack) => stack.verdict === 'growing')).toBe(true);
  core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 1 } });
  core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 4 } });
  const after = historyReport(core);
  expect(after.curve).toBe(null);
  expect(after.stacks.every((stack) => stack.verdict === null && stack.curve.length === 0)).toBe(true);
  core.fact({ type: 'clock', timeNs: 23e9 });
  const later = historyReport(core);
  expect(later.curve?.firstNs).toBeGreaterThan(15e9);
  expect(later.stacks.some((stack) => stack.verdict === 'growing')).toBe(false);
});
