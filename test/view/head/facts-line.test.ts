import { describe, expect, it } from 'vitest';
import { factsLine } from '../../../src/view/head/facts-line.js';
import { lineText } from '../../../src/view/lines/styled-line.js';
import { fixtureReport } from '../../helpers/report-fixture.js';

const STATUS = { eventRates: [135_000] };

describe('the facts of a trace', () => {
  it('are one quiet line', () => {
    const line = factsLine(fixtureReport({ lost: 0 }), STATUS);
    expect(lineText(line)).toBe("20m 00s, 386M events, 135k/s; lost 0; unfreed's own 24.1 MiB left out");
    expect(line.every(([, tone]) => tone === 'dim')).toBe(true);
  });

  it('say quietly what was lost while the answer holds, and loudly once it does not', () => {
    const report = fixtureReport({ lost: 12 });
    const quiet = factsLine(report, STATUS);
    expect(lineText(quiet)).toContain('lost 12, answer holds');
    expect(quiet.every(([, tone]) => tone === 'dim')).toBe(true);
    const doubt = { kind: 'doubt', text: 'lost', detail: null, stackId: null, next: null } as const;
    const loud = factsLine({ ...report, conclusions: [doubt] }, STATUS);
    expect(lineText(loud)).not.toContain('answer holds');
    expect(loud.find(([text]) => text === 'lost 12')?.[1]).toBe('bad');
  });
});
