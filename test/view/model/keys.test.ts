import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { MARK_GROUPS } from '../../../src/event/marks/mark-groups.js';
import { helpLines } from '../../../src/view/lines/help-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import {
  bindingsAt,
  commandOf,
  footerEntries,
  KEY_TABLE,
  keyCap,
  keyTableMarkdown,
  type Place,
} from '../../../src/view/model/keys.js';
import { VIEW_NAMES, type ViewName } from '../../../src/view/model/view-names.js';

const PLACES: readonly Place[] = ['list', 'detail', 'page', 'help', 'filter', 'menu'];
const VIEWS: readonly ViewName[] = [...VIEW_NAMES, 'triage'];
const MODES = ['live', 'replay'] as const;

describe('the key table', () => {
  test('a key does one thing at one place', () => {
    for (const mode of MODES) {
      for (const place of PLACES) {
        for (const view of VIEWS) {
          const seen = new Map<string, string>();
          for (const binding of bindingsAt(place, mode, view)) {
            for (const key of binding.keys) {
              expect(seen.get(key), `${key} at ${place}, ${mode}, ${view}`).toBeUndefined();
              seen.set(key, binding.command);
            }
          }
        }
      }
    }
  });

  test('ctrl-c quits from anywhere', () => {
    for (const mode of MODES) {
      for (const place of PLACES) expect(commandOf('ctrl-c', place, mode, 'stacks')).toBe('quit');
    }
  });

  test('letters type in the filter line', () => {
    for (const letter of 'abcdefghijklmnopqrstuvwxyzGS?/<> ')
      expect(commandOf(letter, 'filter', 'live', 'stacks')).toBeNull();
    expect(commandOf('space', 'filter', 'live', 'stacks')).toBeNull();
  });

  test('time keys belong to a replay', () => {
    expect(commandOf('right', 'list', 'live', 'stacks')).toBeNull();
    expect(commandOf('right', 'list', 'replay', 'stacks')).toBe('seek-forward');
    expect(commandOf('home', 'list', 'live', 'stacks')).toBe('top');
    expect(commandOf('home', 'list', 'replay', 'stacks')).toBe('seek-start');
  });
});

describe('what is made from it', () => {
  test('the table of KEYS.md has a row for each binding, with its keys and its meaning', () => {
    const rows = keyTableMarkdown().trimEnd().split('\n');
    expect(rows.slice(0, 3)).toEqual([
      '| Key | Where | What it does |',
      '| --- | --- | --- |',
      '| `q` | all views, detail, page | quit |',
    ]);
    expect(rows).toHaveLength(2 + KEY_TABLE.length);
    for (const [index, binding] of KEY_TABLE.entries()) {
      const cells = rows[index + 2].split(' | ');
      expect(cells[0]).toBe(`| ${binding.keys.map((key) => `\`${keyCap(key)}\``).join(' ')}`);
      expect(cells[2]).toBe(`${binding.help} |`);
    }
  });

  test('the help has a line for each binding of the mode and fits in 80 columns', () => {
    for (const mode of MODES) {
      const lines = helpLines(mode);
      const text = lines.map(lineText).join('\n');
      for (const binding of KEY_TABLE) {
        if (binding.mode === 'any' || binding.mode === mode) expect(text).toContain(binding.help);
      }
      for (const { sign, help } of MARK_GROUPS) expect(text).toContain(`  ${sign.padEnd(16)}${help}`);
      for (const line of lines) expect(lineWidth(line), lineText(line)).toBeLessThanOrEqual(80);
    }
  });

  test('the footer begins with how to leave and how to learn, and joins keys of one label', () => {
    expect(footerEntries('list', 'live', 'stacks').slice(0, 3)).toEqual([
      { keys: 'q', label: 'quit' },
      { keys: '?', label: 'help' },
      { keys: 'Enter', label: 'open' },
    ]);
    expect(footerEntries('list', 'replay', 'stacks')).toContainEqual({ keys: '←→', label: 'seek' });
    expect(footerEntries('list', 'replay', 'diff')[2]).toEqual({ keys: 'm', label: 'mark' });
    expect(footerEntries('list', 'replay', 'diff').filter(({ label }) => label === 'mark')).toHaveLength(1);
    for (const place of PLACES) {
      for (const { keys } of footerEntries(place, 'live', 'stacks')) expect(textWidth(keys)).toBeGreaterThan(0);
    }
  });
});

test('the footer of a view leaves out what does nothing there', () => {
  const labels = footerEntries('list', 'live', 'memory').map(({ label }) => label);
  expect(labels).toEqual([
    'quit',
    'help',
    'holders',
    'pause',
    'next page',
    'mark',
    'record',
    'census',
    'export',
    'first look',
  ]);
  const look = footerEntries('list', 'live', 'triage').map(({ label }) => label);
  expect(look).toEqual(['quit', 'help', 'open', 'pause', 'terms', 'record', 'census']);
  expect(footerEntries('list', 'live', 'stacks').map(({ label }) => label)).not.toContain('census');
  expect(footerEntries('list', 'replay', 'memory').map(({ label }) => label)).not.toContain('census');
  expect(footerEntries('page', 'live', 'triage')).toContainEqual({ keys: 'Esc', label: 'back' });
  expect(footerEntries('page', 'live', 'memory')).toContainEqual({ keys: 'Enter', label: 'findings' });
});

test('KEYS.md has this table', () => {
  const document = readFileSync(new URL('../../../src/view/KEYS.md', import.meta.url), 'utf8');
  expect(document).toContain(keyTableMarkdown().trimEnd());
});
