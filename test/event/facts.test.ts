import { expect, test } from 'vitest';
import { shifted, timeOf } from '../../src/event/facts.js';
import { unknownHost } from '../../src/event/host-facts.js';
import { LimitedSink } from '../../src/event/limited-sink.js';
import { NO_SINK, PassingSink } from '../../src/event/passing-sink.js';
import { TeeSink } from '../../src/event/tee-sink.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { FactOf, TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { TraceTally } from '../../src/event/trace-tally.js';
import { Anonymiser } from '../../src/recording/rewrite/anonymiser.js';
import { Cutter } from '../../src/recording/rewrite/cutter.js';
import { LateRecorder } from '../../src/recording/rewrite/late-recorder.js';
import { Repairer } from '../../src/recording/rewrite/repairer.js';
import { PartJoiner } from '../../src/recording/trace/part-joiner.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { TimeGate } from '../../src/session/replay/time-gate.js';

const SYMBOL: FactOf<'symbol'> = {
  type: 'symbol',
  entry: { addressHi: 0, addressLo: 1, symbol: 'f', offset: 0, module: null },
};

function host(startUnixMs: number): FactOf<'host'> {
  return { type: 'host', facts: { ...unknownHost(), startUnixMs } };
}

test('a fact with a time moves, but not below 0; the given fact stays as it is', () => {
  const clock: FactOf<'clock'> = { type: 'clock', timeNs: 7e6 };
  expect(shifted(clock, 3e6)).toEqual({ type: 'clock', timeNs: 10e6 });
  expect(shifted(clock, -3e6)).toEqual({ type: 'clock', timeNs: 4e6 });
  expect(shifted(clock, -8e6)).toEqual({ type: 'clock', timeNs: 0 });
  expect(clock.timeNs).toBe(7e6);
  expect(shifted(SYMBOL, 3e6)).toBe(SYMBOL);
});

test('wall clock time stays where a trace begins later, unless it is unknown', () => {
  expect(shifted(host(1_763_719_200_123), -2.5e9)).toEqual(host(1_763_719_202_623));
  expect(shifted(host(0), -2.5e9)).toEqual(host(0));
});

test('host facts and symbols have no time', () => {
  expect(timeOf({ type: 'host', facts: unknownHost() })).toBeNull();
  expect(timeOf(SYMBOL)).toBeNull();
  expect(timeOf({ type: 'end', timeNs: 4, reason: 'stopped', detail: '' })).toBe(4);
});

/** A fact of a type that no sink handles. */
const NEW_FACT = { type: 'new', timeNs: 500, text: 'from a later version' } as unknown as TraceFact;

const SINKS: [name: string, connected: (sink: TraceSink) => TraceSink][] = [
  ['PassingSink', (sink) => new PassingSink(sink)],
  ['TraceTally', (sink) => new TraceTally(sink)],
  ['TeeSink', (sink) => new TeeSink(sink)],
  ['TeeSink, to its recorder', (sink) => Object.assign(new TeeSink(NO_SINK), { recorder: sink })],
  ['LimitedSink', (sink) => new LimitedSink({ sink, bytes: 0, chunkRoom: 9 }, 1, () => undefined)],
  ['TimeGate', (sink) => new TimeGate(sink)],
  ['Pipeline, to its recorder', (sink) => Object.assign(new Pipeline('live'), { recorder: sink })],
  ['PartJoiner', (sink) => new PartJoiner(sink)],
  ['Anonymiser', (sink) => connected(new Anonymiser(new TraceDictionary(), { keep: new Set() }), sink)],
  ['Repairer', (sink) => connected(new Repairer(new TraceDictionary(), () => null), sink)],
  ['Cutter', (sink) => connected(new Cutter(new TraceDictionary(), { fromNs: 0, toNs: 1000 }), sink)],
  ['LateRecorder', (sink) => connected(new LateRecorder(new TraceDictionary(), { find: () => null }, 0), sink)],
];

function connected(stage: PassingSink, sink: TraceSink): TraceSink {
  stage.connect(sink);
  return stage;
}

test.each(SINKS)('%s passes a fact of an unknown type on', (_name, open) => {
  const facts: TraceFact[] = [];
  open({ events() {}, fact: (fact) => facts.push(fact) }).fact(NEW_FACT);
  expect(facts).toEqual([NEW_FACT]);
});
