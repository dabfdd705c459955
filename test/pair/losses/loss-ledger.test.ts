import { expect, it } from 'vitest';
import {
  FAILED_ALLOC,
  FILTERED,
  LOSS_NO_STACK,
  LOSS_RECURSION,
  LOSS_RING_FULL,
  NULL_FREE,
  YOUNG_DIRECT,
  YOUNG_LEFT,
  YOUNG_MISSED,
  YOUNG_PAIR,
} from '../../../src/event/losses.js';
import { LossLedger } from '../../../src/pair/losses/loss-ledger.js';

function row(cause: number, count: number, cpu = 0, kind = 1): Parameters<LossLedger['add']>[0][number] {
  return { cause, kind, cpu, count, bytes: count * 10, countWithBytes: count };
}

it('losses add up by cause, kind and CPU', () => {
  const ledger = new LossLedger();
  ledger.add([
    row(LOSS_RECURSION, 5, 1),
    row(LOSS_RING_FULL, 1, 3),
    row(LOSS_RING_FULL, 2, 0),
    row(LOSS_RING_FULL, 4, 3),
  ]);
  expect(ledger.rows().map((r) => [r.cause, r.cpu, r.count, r.bytes])).toEqual([
    [LOSS_RING_FULL, 0, 2, 20],
    [LOSS_RING_FULL, 3, 5, 50],
    [LOSS_RECURSION, 1, 5, 50],
  ]);
  expect(ledger.lostEvents).toBe(12);
});

it('what is no loss is counted apart, and an event without a call path was seen', () => {
  const ledger = new LossLedger();
  ledger.add([row(FAILED_ALLOC, 1), row(NULL_FREE, 2), row(FILTERED, 3), row(LOSS_NO_STACK, 4), row(99, 5), row(0, 6)]);
  expect(ledger).toMatchObject({ failedAllocs: 1, nullFrees: 2, filtered: 3, unknown: 11, lostEvents: 0 });
  expect(ledger.rows()).toHaveLength(1);
});

it('counts that are none change nothing', () => {
  const ledger = new LossLedger();
  ledger.add([row(LOSS_RING_FULL, 0), row(LOSS_RING_FULL, -5), row(LOSS_RING_FULL, Number.NaN)]);
  expect(ledger.rows()).toEqual([]);
});

it('a trace with endless CPUs stays small and loses no count', () => {
  const ledger = new LossLedger();
  for (let cpu = 0; cpu < 20_000; cpu++) ledger.add([row(LOSS_RING_FULL, 1, cpu, cpu)]);
  expect(ledger.rows().length).toBeLessThan(4500);
  expect(ledger.rows().reduce((sum, r) => sum + r.count, 0)).toBe(20_000);
});

it('what was matched in the kernel is no loss: pairs, their bytes, and which were pages', () => {
  const ledger = new LossLedger();
  ledger.add([row(YOUNG_PAIR, 5, 0, 17), row(YOUNG_PAIR, 7, 1, 19), row(YOUNG_MISSED, 2)]);
  ledger.add([row(YOUNG_DIRECT, 3), row(YOUNG_LEFT, 4), row(15, 9), row(YOUNG_PAIR, Number.NaN), row(YOUNG_PAIR, -1)]);
  expect(ledger).toMatchObject({ youngPairs: 12, youngBytes: 120, youngPages: 7, youngMissed: 2, youngDirect: 3 });
  expect(ledger).toMatchObject({ youngLeft: 4, unknown: 9, lostEvents: 0 });
  expect(ledger.rows()).toEqual([]);
});
