import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { joined } from '../../../src/base/pieces.js';
import { safeText } from '../../../src/base/safe-text.js';
import { MARK_SHAPES, type Mark } from '../../../src/event/marks/marks.js';
import { type EventsReport, eventsJsonPieces, markJson } from '../../../src/export/events/events-json.js';
import { EVENTS_HEAD, eventLine } from '../../../src/export/events/events-text.js';
import { markWords } from '../../../src/export/events/mark-words.js';
import { fullMark, KINDS } from '../../helpers/marks.js';

const MIB = 2 ** 20;
const OOM: Mark = {
  kind: 'oom-kill',
  pid: 17321,
  comm: 'eat',
  values: [17322, 50 * MIB, 38 * MIB, 6 * MIB, 0, 0, 135168, 1000, -17, 4, 0, 0xcc0, 0],
  texts: ['victim', '/a', '/a/b'],
};
const mark = (kind: Mark['kind'], values: number[], texts: string[] = []): Mark => fullMark(kind, { values, texts });

it.each<[Mark, string]>([
  [
    OOM,
    'killed victim (17322); 38.0 MiB anon, 6.00 MiB file, 0 B shmem, 0 B swapped, 132 KiB page tables; ' +
      'limit of cgroup /a; for a page; it was in /a/b; uid 1000; oom_score_adj -17',
  ],
  [
    { ...OOM, values: [17322, -1, -1, -1, -1, -1, -1, -1, -1001, 1, 9, 0, 1], texts: [''] },
    'killed (name not known) (17322); what it held is not known; the machine was out of memory; for 512 pages; it was exiting already',
  ],
  [{ ...OOM, values: [17322], texts: ['x'] }, 'killed x (17322); what it held is not known'],
  [mark('reclaim', [2_563_000, 1, 2_563_000, 32, 3, 7]), '2.563 ms, 32 pages freed, order 3'],
  [
    mark('memcg-reclaim', [210_000, 37, 9000, 1000]),
    '37 stalls, 0.210 ms in all, the longest 0.009 ms, 1,000 pages freed',
  ],
  [mark('compaction', [1_000_000, 1, 1_000_000, 0, -1, 0, 8]), '1.000 ms, success'],
  [mark('compaction', [1_000_000, 1, 1_000_000, 0, -1, 0, 77]), '1.000 ms'],
  [mark('shmget', [-1_643_251_416, 40_960, 0o1644, 62]), 'key 0x9e0df928, 40.0 KiB, flags 0644|IPC_CREAT = id 62'],
  [mark('shmget', [0, 4096, 0o3600, -17]), 'key 0x0, 4.00 KiB, flags 0600|IPC_CREAT|IPC_EXCL = EEXIST'],
  [mark('shmat', [62, 0, 0o10000, 0x7f0012345000]), 'id 62, address 0x0, flags 010000 = 0x7f0012345000'],
  [mark('shmat', [62, 0, 0, -22]), 'id 62, address 0x0, flags 0 = EINVAL'],
  [mark('shmdt', [0x7f0012345000, 0]), 'address 0x7f0012345000 = 0'],
  [mark('shmctl', [62, 0, 0]), 'id 62, IPC_RMID = 0'],
  [mark('shmctl', [62, 0x102, -4000]), 'id 62, IPC_STAT = error 4000'],
  [mark('cgroup-made', [44, 0], ['/a']), '/a (id 44)'],
  [mark('cgroup-removed', [44, 4], ['/a']), '/a (id 44, hierarchy 4)'],
  [mark('module-loaded', [65_536], ['nf_tables']), 'nf_tables, 64.0 KiB'],
  [mark('swap-on', [-1], ['/swap']), '/swap = EPERM'],
  [mark('drop-caches', [1, 2]), 'dropped the page cache and reclaimable slabs 2 times'],
  [mark('exit', [3, 0, MIB]), 'status 3, at most 1.00 MiB resident'],
  [mark('exit', [0, 9, MIB]), 'signal 9, at most 1.00 MiB resident'],
])('%j is said in words', (given, words) => {
  expect(markWords(given)).toBe(words);
});

it('has words for every kind, however little is known of it', () => {
  for (const kind of KINDS) {
    expect(markWords(fullMark(kind)), kind).not.toBe('');
    expect(() => markWords(fullMark(kind, { values: [], texts: [] })), kind).not.toThrow();
  }
});

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
