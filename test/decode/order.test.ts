/**
 * The order of time in texts: recorded texts that are taken apart and joined again as users do it,
 * and TextOrder with rows of its own.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextOrder } from '../../src/decode/order/text-order.js';
import { timeShapeOf } from '../../src/decode/order/time-shape.js';
import { EventBatch } from '../../src/event/event-batch.js';
import { readText } from '../helpers/text-import.js';

interface Event {
  comm: string;
  tid: number;
  cpu: number;
  /** us. */
  time: number;
  text: string;
}

/** Made events: pages allocated on any CPU and freed on any other, in order of time. */
const EVENTS: Event[] = Array.from({ length: 400 }, (_, i) => {
  const pfn = `0x${(4096 + (i >>> 1)).toString(16)}`;
  const isAlloc = i % 2 === 0 || i % 10 === 9;
  return {
    comm: `task${i % 7}`,
    tid: 700 + (i % 7),
    cpu: Math.imul(i + 1, 2654435761) >>> 30,
    time: 50_000_000 + i * 137,
    text: isAlloc
      ? `mm_page_alloc: page=1 pfn=${i % 2 === 0 ? pfn : `0x${(90_000 + i).toString(16)}`} order=0 migratetype=0 gfp_flags=GFP_KERNEL`
      : `mm_page_free: page=1 pfn=${pfn} order=0`,
  };
});

function traceText(events: readonly Event[]): string {
  const rows = events.map(({ comm, tid, cpu, time, text }) => {
    const at = `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, '0')}`;
    return `${comm.padStart(16)}-${String(tid).padEnd(7)} [${String(cpu).padStart(3, '0')}] .....  ${at}: ${text}\n`;
  });
  return `# tracer: nop\n#\n${rows.join('')}`;
}

function perfText(events: readonly (Event & { shown: number })[]): string {
  return events
    .map(({ comm, tid, cpu, shown, text }) => {
      const at = `${Math.floor(shown / 1e6)}.${String(shown % 1e6).padStart(6, '0')}`;
      return `${comm.padStart(16)} ${String(tid).padStart(5)} [${String(cpu).padStart(3, '0')}] ${at.padStart(12)}: kmem:${text}\n`;
    })
    .join('');
}

/** The first few, on one CPU from this time on, in us. */
function onOneCpu(time: number): Event[] {
  return EVENTS.slice(0, 6).map((event, i) => ({ ...event, cpu: 0, time: time + i }));
}

const byCpu = [0, 1, 2, 3].map((cpu) => EVENTS.filter((event) => event.cpu === cpu));
const WHOLE = readText(traceText(EVENTS));

describe('a text', () => {
  it('in order is read as it is', () => {
    expect(WHOLE.recognised.times).toBe('forward');
    expect(WHOLE.events).toHaveLength(EVENTS.length);
    expect(WHOLE.summary?.problems).toEqual([]);
  });

  it.each([1 << 18, 777, 50])(
    'of files of single CPUs, joined, is merged by time (chunks of %i bytes)',
    (chunkBytes) => {
      for (const order of [
        [0, 1, 2, 3],
        [3, 1, 0, 2],
      ]) {
        const read = readText(order.map((cpu) => traceText(byCpu[cpu])).join(''), chunkBytes);
        expect(read.events).toEqual(WHOLE.events);
        expect(read.summary?.problems).toEqual([]);
        expect(read.host.notes.join()).toContain('its 400 events were merged by time');
      }
    },
  );

  it('that was reversed or shuffled is sorted by time', () => {
    const place = (event: Event): number => Math.imul(EVENTS.indexOf(event) + 1, 2654435761) >>> 0;
    const shuffled = EVENTS.toSorted((a, b) => place(a) - place(b));
    for (const events of [EVENTS.toReversed(), shuffled]) {
      const read = readText(traceText(events));
      expect(read.events).toEqual(WHOLE.events);
      expect(read.host.notes.join()).toContain('out of order: its 400 events were sorted');
    }
  });

  it.each([1 << 18, 777])('with a second boot is read up to there, and says so (chunks of %i bytes)', (chunkBytes) => {
    const second = EVENTS.map((event) => ({ ...event, time: event.time - 45_000_000 }));
    const read = readText(traceText(EVENTS) + traceText(second), chunkBytes);
    expect(read.events).toEqual(WHOLE.events);
    expect(read.log.ending).toMatchObject({ timeNs: 399 * 137_000 });
    expect(read.summary?.problems).toHaveLength(1);
    expect(read.summary?.problems[0].what).toBe(
      'time goes back from 50.054663 s to 5.000000 s at line 405, as if another trace was appended: ' +
        'the 400 events from there on are left out',
    );
    expect(read.summary?.problems[0].details[0]).toContain('tail -n +405 FILE');
  });

  it('with a second trace that is later says where it begins, and joined files of CPUs do not', () => {
    const later = EVENTS.map((event) => ({ ...event, time: event.time + 45_000_000 }));
    const { summary } = readText(traceText(EVENTS) + traceText(later));
    expect(summary?.problems.map(({ what }) => what)).toEqual([
      'another trace begins at line 403: what happened before it and after the first one is missing',
    ]);
    expect(readText(`${traceText(EVENTS)}# tracer: nop\n`).summary?.problems).toEqual([]);
  });

  it('with a second boot on the one CPU of the first is not merged', () => {
    const read = readText(traceText(onOneCpu(5_000_000_000)) + traceText(onOneCpu(12_000_000)));
    expect(read.events).toHaveLength(6);
    expect(read.summary?.problems[0].what).toContain('time goes back from 5000.000005 s to 12.000000 s at line 11');
  });

  it('of one CPU on another machine is not merged with a trace that lies an hour back', () => {
    const apart = [...byCpu[0], ...byCpu[1].map((event) => ({ ...event, time: event.time + 3_600_000_000 }))];
    expect(
      readText(traceText(apart.toReversed().toSorted((a, b) => b.cpu - a.cpu || a.time - b.time))).summary?.problems,
    ).toHaveLength(1);
  });

  it('with losses has them behind the events that are held', () => {
    const read = readText(`${traceText(byCpu[0])}CPU:0 [LOST 12 EVENTS]\n${traceText(byCpu[1])}`);
    expect(read.losses.map(({ count, cpu }) => [count, cpu])).toEqual([[12, 0]]);
    const kinds = read.log.calls.map(({ call }) => call);
    expect(kinds.indexOf('losses')).toBeGreaterThan(kinds.lastIndexOf('event'));
  });

  it('whose times are differences has them summed up', () => {
    // The first lines hold rises and falls, as those of a busy machine.
    const steps = EVENTS.map((event, i) => ({ ...event, shown: i === 0 ? 0 : (Math.imul(i, 7919) % 97) + 1 }));
    const read = readText(perfText(steps));
    expect(read.recognised.times).toBe('differences');
    let sum = 0;
    expect(read.log.eventRows.map(([timeNs]) => timeNs)).toEqual(steps.map(({ shown }) => (sum += shown) * 1000));
    expect(read.host.notes.join()).toContain('times are differences');
  });

  it('whose times are since its start is read as it is', () => {
    const read = readText(perfText(EVENTS.map((event) => ({ ...event, shown: event.time - 50_000_000 }))));
    expect(read.recognised.times).toBe('forward');
    expect(read.log.eventRows.map(([timeNs]) => timeNs)).toEqual(WHOLE.log.eventRows.map(([timeNs]) => timeNs));
  });
});

/** The shape of times in ms. */
function shapeOf(times: number[], cpus: number[] = []): ReturnType<typeof timeShapeOf> {
  return timeShapeOf(
    times.map((time, i) => ({ time: time * 1e6, cpu: cpus[i] ?? 0, isCount: false })),
    false,
  );
}

describe('timeShapeOf', () => {
  it('tells differences from two traces in one text', () => {
    expect(shapeOf([5000, 5001, 12, 13, 14])).toBe('falling');
    expect(shapeOf([0, 3, 1, 2, 9, 1])).toBe('differences');
  });

  it('doubts a text of one CPU until another one is seen to come and go', () => {
    expect(shapeOf([1, 2, 3])).toBe('one-cpu');
    expect(shapeOf([1, 2, 3], [0, 1, 0])).toBe('forward');
    expect(shapeOf([1, 2, 3], [0, 0, 1])).toBe('one-cpu');
  });
});

describe('TextOrder', () => {
  const PLACE = { tid: 7, wholeTime: false };

  /** Passes rows of [ms, cpu] through, in batches of `rows`; `hold` as the first lines say. */
  function passed(rows: [ms: number, cpu: number][], options: { batch?: number; hold?: boolean; limit?: number } = {}) {
    const times: number[] = [];
    const order = new TextOrder((batch) => times.push(...batch.timeNs.subarray(0, batch.length)), options.limit);
    if (options.hold !== undefined) order.hold(options.hold);
    const size = options.batch ?? 3;
    for (let at = 0; at < rows.length; at += size) {
      const batch = new EventBatch(size);
      for (const [ms, cpu] of rows.slice(at, at + size)) {
        order.note(ms * 1e6, { ...PLACE, cpu }, at + batch.length + 1);
        batch.timeNs[batch.length++] = ms * 1e6;
      }
      order.events(batch);
    }
    order.end();
    return { order, times: times.map((ns) => ns / 1e6) };
  }

  it('passes a single row that lies back, and counts it', () => {
    for (const batch of [1, 2, 3, 9]) {
      const { order, times } = passed(
        [
          [1000, 0],
          [1001, 1],
          [3, 0],
          [1002, 1],
          [1003, 0],
        ],
        { batch },
      );
      expect(times).toEqual([1000, 1001, 3, 1002, 1003]);
      expect(order).toMatchObject({ late: 1, other: null });
    }
  });

  it('counts rows that lie back within the time that a trace may be late', () => {
    for (const batch of [1, 2, 9]) {
      const { order } = passed(
        [
          [1000, 0],
          [1040, 1],
          [1010, 0],
          [1039.5, 1],
          [1040, 0],
        ],
        { batch },
      );
      expect(order).toMatchObject({ late: 1, slightlyLate: 1, other: null });
    }
  });

  it('stops where two rows lie back', () => {
    for (const batch of [1, 2, 3, 9]) {
      const { order, times } = passed(
        [
          [1000, 0],
          [1001, 1],
          [3, 0],
          [4, 1],
          [2000, 0],
        ],
        { batch },
      );
      expect(times).toEqual([1000, 1001]);
      expect(order.other).toMatchObject({ events: 3, toNs: 3e6, fromNs: 1001e6 });
    }
  });

  it('passes on what it holds once the rows of CPUs alternate', () => {
    const { order, times } = passed(
      [
        [1, 0],
        [2, 0],
        [3, 1],
        [4, 0],
        [5, 1],
      ],
      { hold: false, batch: 2 },
    );
    expect(times).toEqual([1, 2, 3, 4, 5]);
    expect(order).toMatchObject({ merged: 0, sorted: 0 });
  });

  it('sorts what it can hold, and counts the rows after that which are late', () => {
    const rows: [number, number][] = [
      [50, 0],
      [51, 0],
      [52, 0],
      [10, 1],
      [11, 1],
      [400, 1],
      [12, 2],
      [13, 2],
    ];
    const { order, times } = passed(rows, { hold: true, limit: 6, batch: 4 });
    expect(times).toEqual([10, 11, 50, 51, 52, 400, 12, 13]);
    expect(order).toMatchObject({ isFull: true, late: 2 });
  });

  it('never loses a row, and never passes on one of another trace behind one of the first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5000), fc.nat(3)), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        fc.option(fc.boolean(), { nil: undefined }),
        (rows, batch, hold) => {
          const { order, times } = passed(rows, { batch, hold });
          expect(times.length + (order.other?.events ?? 0)).toBe(rows.length);
          // Whatever the batches.
          expect(passed(rows, { batch: 1, hold }).times).toEqual(times);
        },
      ),
      { numRuns: 300 },
    );
  });
});
