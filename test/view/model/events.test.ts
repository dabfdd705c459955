/** Events as rows, their filter, and the bursts that the keys jump along. */
import { describe, expect, test } from 'vitest';
import { groupOf, MARK_GROUPS } from '../../../src/event/marks/mark-groups.js';
import type { LoggedMark, MarkKind } from '../../../src/event/marks/marks.js';
import { allEvents, burstsOf, eventSentence, eventsOf } from '../../../src/view/model/events.js';
import { KINDS } from '../../helpers/marks.js';
import { eventMark, marksOf, shownMarks } from '../fixtures/events.js';

const NO_FILTER = { text: '', grep: null, error: null };

function at(timeNs: number, kind: MarkKind, pid = 1): LoggedMark {
  return { timeNs, mark: eventMark(kind, {}, { pid, comm: 'eat' }) };
}

describe('groups', () => {
  test('each kind is in one, and each has a sign of its own on the track', () => {
    for (const kind of KINDS) expect(Object.keys(groupOf(kind).kinds), kind).toContain(kind);
    const kinds = MARK_GROUPS.flatMap((group) => Object.keys(group.kinds));
    expect(new Set(kinds).size).toBe(kinds.length);
    const signs = MARK_GROUPS.map(({ sign }) => sign);
    expect(new Set([...signs, 'x', 'm']).size).toBe(signs.length + 2);
    for (const { title } of MARK_GROUPS) expect(title.length).toBeLessThanOrEqual(8);
  });
});

describe('rows', () => {
  test('have keys of their own, also where two events are the same', () => {
    const marks = marksOf([at(5, 'compaction'), at(5, 'compaction'), at(5, 'compaction'), at(6, 'compaction')]);
    const keys = allEvents({ marks }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    expect(allEvents({ marks })).toBe(allEvents({ marks }));
    expect(allEvents({ marks: null })).toEqual([]);
  });

  test('are filtered by any of their words, by kind, name and pid', () => {
    const marks = shownMarks();
    const found = (grep: string): string[] =>
      eventsOf({ marks, eventFilter: { ...NO_FILTER, grep } }).map(({ mark }) => mark.kind);
    expect(found('DEPLOY')).toEqual(['user']);
    expect(found('oom-kill')).toEqual(['oom-kill']);
    expect(found('postgres 11')).toEqual(['shmget']);
    expect(found('^(swap|user)')).toEqual(['user', 'swap-on']);
    expect(found('nothing like it')).toEqual([]);
    expect(eventsOf({ marks, eventFilter: NO_FILTER })).toBe(allEvents({ marks }));
  });

  test('a process that asked for memory and was killed for it is named once', () => {
    const kill = { victimPid: 7, victimComm: 'eat' };
    const sentence = (pid: number): string => {
      const marks = marksOf([
        { timeNs: 1, mark: eventMark('oom-kill', kill, { pid, comm: pid === 7 ? 'eat' : 'other' }) },
      ]);
      return eventSentence(allEvents({ marks })[0]);
    };
    expect(sentence(7)).toContain('OOM kill of eat (7)');
    expect(sentence(7)).not.toContain('eat 7');
    expect(sentence(8)).toContain('other 8');
  });
});

describe('bursts', () => {
  const SECOND = 1e9;

  test('stalls that come soon after each other are one, as long as they go on', () => {
    const stalls = Array.from({ length: 50 }, (_, i) => at(i * 0.1 * SECOND, 'memcg-reclaim'));
    const later = at(20 * SECOND, 'reclaim');
    const rows = allEvents({ marks: marksOf([...stalls, later]) });
    expect(burstsOf(rows, 100 * SECOND).map((burst) => burst.rows.length)).toEqual([50, 1]);
    // A gap is a share of the trace: in a short one they stand alone, in a long one no gap is longer than 10 s.
    expect(burstsOf(rows, SECOND)).toHaveLength(51);
    expect(burstsOf(rows, 100_000 * SECOND)).toHaveLength(2);
  });

  test('of two groups do not part each other, and what matters is never in one', () => {
    const rows = allEvents({
      marks: marksOf([
        at(1, 'cgroup-made'),
        at(2, 'reclaim'),
        at(3, 'cgroup-removed'),
        at(4, 'oom-kill'),
        at(5, 'oom-kill'),
        at(6, 'compaction'),
        at(7, 'user'),
        at(8, 'user'),
      ]),
    });
    const bursts = burstsOf(rows, 100 * SECOND);
    expect(bursts.map((burst) => burst.rows.map(({ timeNs }) => timeNs))).toEqual([[1, 3], [2, 6], [4], [5], [7], [8]]);
  });
});
