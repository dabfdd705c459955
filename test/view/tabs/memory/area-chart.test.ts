/** The chart of memory over time: what happened on the machine stands below it, on the same scale. */
import { expect, test } from 'vitest';
import type { MarksView } from '../../../../src/session/trace-session.js';
import type { MemoryView, ViewData } from '../../../../src/session/view-data.js';
import { layoutOf } from '../../../../src/view/head/layout.js';
import { lineText, lineWidth } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { viewReducer } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { eventMark, marksOf } from '../../fixtures/events.js';
import { press, start } from '../../fixtures/lists.js';

/** 100 samples, one each 12 s: the 20 minutes of the live fixture. */
const MEMORY: MemoryView = {
  firstNs: 0,
  stepNs: 12e9,
  totalBytes: 4 << 30,
  parts: (['unaccounted', 'free'] as const).map((name) => ({
    name,
    bytes: Array.from({ length: 100 }, () => 1 << 30),
  })),
};

function chart(marks: MarksView | undefined, columns: number): { state: ViewState; lines: string[] } {
  const state = press(start(columns, 30), '5', 'v');
  const view: ViewData = { kind: 'memory', memory: MEMORY };
  const snapshot = { ...state.snapshot, view, viewRequest: state.asked, marks };
  const shown = viewReducer(state, { type: 'snapshot', snapshot });
  const { lines } = viewOf(shown).body(shown);
  for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
  return { state: shown, lines: lines.map(lineText) };
}

test('events stand below the axis at their times, live too', () => {
  const marks = marksOf([
    { timeNs: 0, mark: eventMark('user', { text: 'begin' }) },
    { timeNs: 600e9, mark: eventMark('oom-kill') },
    { timeNs: 1199e9, mark: eventMark('reclaim') },
  ]);
  const { state, lines } = chart(marks, 120);
  expect(lines).toHaveLength(layoutOf(state).bodyRows);
  const axis = lines.findIndex((line) => line.includes('└'));
  const signs = lines[axis + 1].slice(0, lines[axis].search(/┴/) + 1);
  expect(signs).toMatch(/^ +events u +K +s$/);
  const width = signs.length - signs.indexOf('u');
  expect(signs.indexOf('K') - signs.indexOf('u')).toBe(Math.floor(width / 2));
});

test('without events the chart has that line for itself', () => {
  const [with0, none] = [chart(marksOf([]), 80), chart(undefined, 80)];
  expect(with0.lines).toEqual(none.lines);
  expect(none.lines.join('\n')).not.toContain('events');
});
