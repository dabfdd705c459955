import { expect, it } from 'vitest';
import type { Report } from '../../../src/rank/report/report.js';
import { isBeforeFirstEvent } from '../../../src/session/screen/worker-session.js';
import type { SessionState } from '../../../src/session/trace-session.js';
import { fixtureStatus } from '../../helpers/fake-session.js';

function isBefore(state: SessionState, events: number | null, durationNs = 0): boolean {
  const report = events === null ? null : ({ events: { total: events }, durationNs } as Partial<Report> as Report);
  return isBeforeFirstEvent({ status: fixtureStatus({ state }), report });
}

it('a start is over with the first event or the first second, not with the first report', () => {
  expect(isBefore('starting', null)).toBe(true);
  expect(isBefore('tracing', null)).toBe(true);
  expect(isBefore('tracing', 0)).toBe(true);
  expect(isBefore('tracing', 1)).toBe(false);
  expect(isBefore('tracing', 0, 1e9)).toBe(false);
});

it('nothing is still to come of a trace that has ended or failed', () => {
  expect(isBefore('ended', 0)).toBe(false);
  expect(isBefore('failed', null)).toBe(false);
});
