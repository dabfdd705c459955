import { expect, it } from 'vitest';
import { EndGate } from '../../../src/session/live/end-gate.js';
import { SinkLog } from '../../helpers/sink-log.js';

it('keeps the end back while it is closed, and passes on all else', () => {
  const log = new SinkLog();
  const gate = new EndGate(log);
  const kinds = (): string[] => log.calls.map(({ call }) => call);
  gate.close();
  gate.fact({ type: 'end', timeNs: 2, reason: 'stopped', detail: 'x' });
  gate.fact({ type: 'clock', timeNs: 1 });
  expect(kinds()).toEqual(['clock']);
  gate.open();
  gate.open();
  expect(kinds()).toEqual(['clock', 'end']);
  expect(log.ending).toEqual({ timeNs: 2, reason: 'stopped', detail: 'x' });
});

it('passes on an end at once where nothing is to come', () => {
  const log = new SinkLog();
  const gate = new EndGate(log);
  gate.open();
  gate.fact({ type: 'end', timeNs: 2, reason: 'duration', detail: '' });
  expect(log.ending?.reason).toBe('duration');
});
