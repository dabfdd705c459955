import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { joined } from '../../../src/base/pieces.js';
import { safeText } from '../../../src/base/safe-text.js';
import { MARK_SHAPES } from '../../../src/event/marks/marks.js';
import { type EventsReport, eventsJsonPieces, markJson } from '../../../src/export/events/events-json.js';
import { EVENTS_HEAD, eventLine } from '../../../src/export/events/events-text.js';
import { fullMark, KINDS, OOM } from '../../helpers/marks.js';

const MIB = 2 ** 20;

it('aligns its columns, and lets nothing through to the terminal', () => {
  const hostile = { timeNs: 1.5e9, mark: fullMark('exec', { comm: 'a\x1b[2Jb', texts: ['/x\u202e\x07\n/y'] }) };
  const lines = [{ timeNs: 12e9, mark: OOM }, hostile].map(eventLine);
  const columns = ['TIME', 'EVENT', 'COMMAND', 'WHAT'].map((name) => EVENTS_HEAD.indexOf(name));
  expect(columns[1]).toBe(lines[0].indexOf('oom-kill'));
  expect(columns[3]).toBe(lines[0].indexOf('killed'));
  expect(lines[1].slice(0, 14)).toBe('    1.500000  ');
  for (const line of lines) expect(safeText(line)).toBe(line);
});

const validate = new Ajv().compile(
  JSON.parse(readFileSync('src/export/events/events.schema.json', 'utf8')) as Record<string, unknown>,
);

function report(marks: EventsReport['marks']): EventsReport {
  const machine = { hostname: 'box', kernel: '6.18' };
  return {
    machine,
    startUnixMs: null,
    durationNs: 5,
    marks,
    counts: [{ kind: 'exec', count: 3, leftOut: 1 }],
    lost: 0,
  };
}

it.each(KINDS)('the JSON of %s fits its schema, known in full or hardly at all', (kind) => {
  const marks = [fullMark(kind), fullMark(kind, { values: [], texts: [], pid: 0, comm: '' })];
  const json: unknown = JSON.parse(joined(eventsJsonPieces(report(marks.map((each) => ({ timeNs: 7, mark: each }))))));
  validate(json);
  expect(validate.errors).toBe(null);
});

it('the schema refuses what it does not name: it can fail', () => {
  const json = JSON.parse(joined(eventsJsonPieces(report([{ timeNs: 7, mark: OOM }])))) as { marks: object[] };
  expect(validate({ ...json, marks: [{ ...json.marks[0], more: 1 }] })).toBe(false);
});

it('names all that a mark tells; what is not known is null', () => {
  expect(markJson({ timeNs: 7, mark: { ...OOM, values: [...OOM.values.slice(0, 10), -1, -1, 1] } })).toMatchObject({
    kind: 'oom-kill',
    pid: 17321,
    victimPid: 17322,
    anonBytes: 38 * MIB,
    oomScoreAdj: -17,
    scope: 'cgroup',
    order: null,
    gfpFlags: null,
    wasExiting: true,
    limitedCgroup: '/a',
  });
});

it('no kind has more than a mark may carry, nor two values of one name', () => {
  for (const kind of KINDS) {
    const { values, texts } = MARK_SHAPES[kind];
    expect(values.length).toBeLessThanOrEqual(14);
    expect(new Set([...values, ...texts]).size).toBe(values.length + texts.length);
  }
});
