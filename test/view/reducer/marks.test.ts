/** M: a mark with a text that the user types. */
import { expect, test } from 'vitest';
import { chromeOf } from '../../../src/view/chrome.js';
import { linePainter } from '../../../src/view/lines/styled-line.js';
import { viewReducer } from '../../../src/view/reducer/state.js';
import { press, start } from '../fixtures/lists.js';

test('M takes a text and Enter sets it', () => {
  const open = press(start(), 'M');
  expect([open.place, open.requests]).toEqual(['mark', []]);
  const typed = press(open, ...Array.from('deploy 43'), 'backspace', '2');
  expect(chromeOf(typed, linePainter(false)).panel).toEqual([expect.stringContaining('deploy 42') as string]);
  const set = press(typed, 'enter');
  expect(set.requests).toEqual([{ name: 'act', action: { name: 'mark', text: 'deploy 42' } }]);
  expect([set.place, set.markText]).toEqual(['list', '']);
});

test('keys that do something elsewhere are typed; Esc sets none, and so does erasing the empty line', () => {
  const typed = press(start(), 'M', ...Array.from('q?7{M/'));
  expect([typed.place, typed.markText, typed.view]).toEqual(['mark', 'q?7{M/', 'stacks']);
  expect(press(typed, 'ctrl-w').markText).toBe('');
  expect(press(typed, 'escape')).toMatchObject({ place: 'list', requests: [] });
  expect(press(start(), 'M', 'backspace').place).toBe('list');
  expect(press(start(), 'M', 'ctrl-c').ended).toBe(true);
});

test('a paste is one line of bounded length', () => {
  const text = `a\nb\x1b[2J${'x'.repeat(5000)}`;
  const pasted = viewReducer(press(start(), 'M'), { type: 'key', key: { name: 'paste', text } });
  expect(pasted.markText).toMatch(/^a b \[2Jx+$/);
  expect(pasted.markText).toHaveLength(200);
});

test('the line returns to what it was opened over', () => {
  expect(press(start(), 'enter', 'M', 'escape').place).toBe('detail');
});

test('a replay cannot be marked with a text', () => {
  expect(press({ ...start(), mode: 'replay' }, 'M').place).toBe('list');
});
