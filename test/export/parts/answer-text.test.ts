import { describe, expect, it } from 'vitest';
import { growthPhrase } from '../../../src/export/parts/answer-text.js';
import type { Conclusion, ConclusionKind } from '../../../src/rank/report/conclusion.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';

const conclusion = (kind: ConclusionKind, stackId: number | null = null): Conclusion => ({
  kind,
  text: '',
  detail: null,
  stackId,
  next: null,
});
const finding = (stackId: number, noun: string, name: string): ReportStack =>
  ({ stackId, noun, holder: { kind: 'process', name, pid: 7, more: 0 } }) as Partial<ReportStack> as ReportStack;

describe('what grows, in a few words', () => {
  const findings = [finding(1, 'pages', 'a'), finding(2, 'pipe buffers', 'leak.py')];

  it('is the noun and the holder of the first finding that grows', () => {
    expect(growthPhrase({ conclusions: [conclusion('growing', 2)], findings })).toBe(
      'growing: pipe buffers of leak.py 7',
    );
    const two = [conclusion('growing', 2), conclusion('growing', 1)];
    expect(growthPhrase({ conclusions: two, findings })).toBe('growing: pipe buffers of leak.py 7, and more');
  });

  it('is nothing yet, also as long as it is too early', () => {
    for (const kind of ['quiet', 'early', 'before', 'once'] as const) {
      expect(growthPhrase({ conclusions: [conclusion(kind)], findings })).toBe('nothing grows yet');
    }
  });

  it('cannot be told where too much is lost', () => {
    const conclusions = [conclusion('doubt'), conclusion('growing', 2)];
    expect(growthPhrase({ conclusions, findings })).toBe('too much is lost to tell what grows');
  });

  it('keeps a long name short', () => {
    const long = [finding(1, 'pages', 'x'.repeat(300))];
    expect(growthPhrase({ conclusions: [conclusion('growing', 1)], findings: long }).length).toBeLessThan(50);
  });

  it('says of a recorded leak of pipes what it is, for a ranking of one row too', async () => {
    const report = (await replayed('bpf/6.12-demo/demo.unfreed')).report(defaultSelection(1));
    expect(growthPhrase(report)).toMatch(/^growing: pipe buffers of grow-pipes \d+(?:, and more)?$/);
  });
});
