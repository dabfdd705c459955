/** Marks and lives in recordings: written, read back, moved with a cut, without names, damaged. */
import { expect, it } from 'vitest';
import { unknownHost } from '../../src/event/host-facts.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { unfreed } from '../../src/recording/format/generated/schema.js';
import { factItem, readItem } from '../../src/recording/format/items.js';
import { Anonymiser } from '../../src/recording/rewrite/anonymiser.js';
import { Cutter } from '../../src/recording/rewrite/cutter.js';
import { LateRecorder } from '../../src/recording/rewrite/late-recorder.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { fullMark, KINDS } from '../helpers/marks.js';
import { readRecording } from '../helpers/recording-bytes.js';
import { batchOf, internPath } from '../helpers/sample-trace.js';
import { joined } from '../helpers/stream-bytes.js';

const LIVES: TraceFact = {
  type: 'lives',
  timeNs: 3e9,
  lives: {
    rows: [
      { agoNs: 5e8, what: 'start', pid: 70, parent: 1 },
      { agoNs: 0, what: 'exit', pid: 70, parent: 0 },
    ],
    lostRows: 2,
    lostMarks: 9,
  },
};
const MARKS: TraceFact[] = KINDS.map((kind, i) => ({ type: 'mark', timeNs: i * 1e9, mark: fullMark(kind) }));
const HOST: TraceFact = { type: 'host', facts: unknownHost() };
const END: TraceFact = { type: 'end', timeNs: 30e9, reason: 'stopped', detail: '' };

function factsInto(): { sink: TraceSink; facts: TraceFact[] } {
  const facts: TraceFact[] = [];
  return { sink: { events: () => undefined, fact: (fact) => facts.push(fact) }, facts };
}

const secret = (text: string): string => `SECRET-${text}`;

const isHappening = ({ type }: TraceFact): boolean => type === 'mark' || type === 'lives';

it('a recording gives back marks of every kind, and lives', () => {
  const pieces: Uint8Array[] = [];
  const writer = new RecordingWriter(new TraceDictionary(), (bytes) => pieces.push(bytes));
  for (const fact of [HOST, ...MARKS, LIVES, END]) writer.fact(fact);
  writer.flush();
  const { log, reader } = readRecording(joined(pieces));
  const told = [...MARKS, LIVES].map(({ type, ...rest }) => ({ call: type, ...rest }));
  expect(log.calls.filter(({ call }) => call === 'mark' || call === 'lives')).toEqual(told);
  expect(reader.damageCount).toBe(0);
});

it('a cut has the marks of its span, moved with it', () => {
  const { sink, facts } = factsInto();
  const cutter = new Cutter(new TraceDictionary(), { fromNs: 2e9, toNs: 5e9 });
  cutter.connect(sink);
  for (const fact of [HOST, ...MARKS, LIVES, END]) cutter.fact(fact);
  expect(facts.filter(isHappening).map((fact) => [fact.type, 'timeNs' in fact ? fact.timeNs : -1])).toEqual([
    ['mark', 0],
    ['mark', 1e9],
    ['mark', 2e9],
    ['lives', 1e9],
  ]);
  // A row is as long before its fact as it was.
  expect(facts.find(({ type }) => type === 'lives')).toEqual({ ...LIVES, timeNs: 1e9 });
});

it('anonymize leaves no name in any mark, and gives a process the name that it has in events', () => {
  const source = new TraceDictionary();
  const { sink, facts } = factsInto();
  const anonymiser = new Anonymiser(source, { keep: new Set(['kept']) });
  anonymiser.connect(sink);
  const comms = ['SECRET-eat', 'kept'].map((name) => source.comms.intern(name));
  anonymiser.events(batchOf(comms.map((id, i) => [i, 1, 1, 64 * i, 8, 8, internPath(source, [1n]), 1, id, 0])));
  for (const kind of KINDS) {
    const mark = fullMark(kind);
    const texts = kind.startsWith('module') ? ['nf_tables'] : mark.texts.map(secret);
    anonymiser.fact({ type: 'mark', timeNs: 1, mark: { ...mark, comm: 'SECRET-eat', texts } });
  }
  anonymiser.fact({ type: 'mark', timeNs: 1, mark: fullMark('exec', { comm: 'kept', texts: ['/SECRET/kept'] }) });
  anonymiser.fact({ type: 'mark', timeNs: 1, mark: fullMark('exec', { comm: 'SECRET-new', texts: ['/SECRET/kept'] }) });
  const marks = facts.flatMap((fact) => (fact.type === 'mark' ? [fact.mark] : []));
  expect(marks.length).toBe(KINDS.length + 2);
  expect(JSON.stringify(marks)).not.toMatch(/SECRET/);
  expect(marks.slice(0, KINDS.length).map(({ comm }) => comm)).toEqual(KINDS.map(() => '#1'));
  expect(marks.at(-2)?.comm).toBe('kept');
  // The same path has the same name everywhere.
  expect(marks.at(-1)?.texts).toEqual(marks.at(-2)?.texts);
  expect(marks.find(({ kind }) => kind === 'module-loaded')?.texts).toEqual(['nf_tables']);
  expect(marks.map(({ values }) => values).slice(0, KINDS.length)).toEqual(KINDS.map((kind) => fullMark(kind).values));
});

it.each([
  ['a time that is none', { timeNs: -1 }, {}],
  ['values that end within one', { values: new Uint8Array([255]) }, {}],
  ['rows that are not there', {}, { count: 9 }],
  ['a count beyond what one may have', {}, { count: 70_000, rows: new Uint8Array(280_000) }],
  ['bytes behind the rows', {}, { rows: new Uint8Array(9), count: 2 }],
  ['a number of losses that is none', {}, { lostRows: 0.5 }],
])('an item with %s is damage', (_, mark, lives) => {
  const { sink, facts } = factsInto();
  const item =
    Object.keys(mark).length > 0
      ? { mark: { ...factItem(0, MARKS[1]).mark, ...mark } }
      : { lives: { ...factItem(0, LIVES).lives, ...lives } };
  expect(readItem(item, sink)).toBe(false);
  expect(facts).toEqual([]);
});

it('an item of an unknown kind of mark is passed over', () => {
  const { sink, facts } = factsInto();
  expect(readItem({ mark: { ...factItem(0, MARKS[1]).mark, kind: 99 } }, sink)).toBe(true);
  expect(facts).toEqual([]);
});

it('a mark of 10,000 values and texts is read in bounds', () => {
  const { sink, facts } = factsInto();
  const texts = Array.from({ length: 10_000 }, () => new Uint8Array(10_000).fill(120));
  const bytes = unfreed.Item.encode({ mark: { kind: 1, values: new Uint8Array(0), texts } }).finish();
  expect(readItem(unfreed.Item.decode(bytes), sink)).toBe(true);
  const [fact] = facts;
  expect(fact.type === 'mark' && fact.mark.texts.map(({ length }) => length)).toEqual([4096, 4096, 4096, 4096]);
});

it('a recording that begins later has no mark from before', () => {
  const { sink, facts } = factsInto();
  const recorder = new LateRecorder(new TraceDictionary(), { find: () => null }, 3e9);
  recorder.connect(sink);
  for (const fact of [HOST, ...MARKS.slice(0, 6), LIVES]) recorder.fact(fact);
  expect(facts.filter(isHappening).map((fact) => [fact.type, 'timeNs' in fact ? fact.timeNs : -1])).toEqual([
    ['mark', 0],
    ['mark', 1e9],
    ['mark', 2e9],
    ['lives', 0],
  ]);
});
