/** The line above the heads: there exactly if something narrows, with the names of the parts and what they leave. */
import { describe, expect, it } from 'vitest';
import { isNarrowed, narrowLine, narrowParts } from '../../../src/view/lines/narrow-line.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureReport } from '../../helpers/report-fixture.js';

const report = fixtureReport();
const plain = report.selection;

/** The parts of a state that the line reads. */
function stateOf(change: Partial<typeof plain>, more: Partial<ViewState> = {}): ViewState {
  const selection = { ...plain, ...change };
  return {
    view: 'stacks',
    columns: 80,
    selection,
    report: { ...report, selection },
    trail: [],
    filterText: '',
    ...more,
  } as ViewState;
}

function step(change: Partial<typeof plain>, filterInside = ''): ViewState['trail'][number] {
  const place = { selected: null, selectedIndex: 0, listTop: 0 };
  return { view: 'processes', selection: { ...plain, ...change }, filterText: '', place, filterInside };
}

const says = (state: ViewState): boolean => lineText(narrowLine(state)).includes('Esc drops last');

describe('the line that narrows', () => {
  it('is not there when nothing narrows, nor over the kernel’s own figures', () => {
    expect(isNarrowed(stateOf({}))).toBe(false);
    expect(isNarrowed(stateOf({ sort: 'bytes', group: 'module', includeSelf: true }))).toBe(false);
    expect(isNarrowed(stateOf({ hideAccounted: true }))).toBe(true);
    expect(isNarrowed(stateOf({ hideAccounted: true }, { view: 'memory' }))).toBe(false);
  });

  it('names what was gone into first, and a typed filter last, which Esc drops first', () => {
    const state = stateOf(
      { comm: 'python3', pid: 18875, grep: 'pipe', hideAccounted: true },
      { trail: [step({})], filterText: 'pipe' },
    );
    expect(narrowParts(state)).toEqual(['python3 18875', 'not in meminfo', '/pipe/']);
    expect(lineText(narrowLine(state))).toMatch(
      /^only: python3 18875 › not in meminfo › \/pipe\/ {2}\S+ of \S+ MiB {3}Esc drops last *$/,
    );
  });

  it('keeps the order in which rows were gone into', () => {
    const trail = [step({}), step({ module: 'ext4' })];
    expect(narrowParts(stateOf({ comm: 'sshd', module: 'ext4' }, { trail }))).toEqual(['[ext4]', 'sshd']);
  });

  it('promises Esc only where Esc drops one part', () => {
    expect(says(stateOf({ allocators: ['slab'] }))).toBe(false);
    expect(says(stateOf({ allocators: ['slab'] }, { trail: [step({})] }))).toBe(true);
    expect(says(stateOf({ allocators: ['slab'], comm: 'x' }, { trail: [step({})] }))).toBe(false);
  });

  it('is as wide as the screen, whatever the names hold', () => {
    for (const name of HOSTILE_NAMES) {
      for (const columns of [40, 80, 160]) {
        const line = narrowLine(stateOf({ comm: name, cache: name, grep: 'a.b' }, { columns }));
        expect(lineWidth(line)).toBe(columns);
        // oxlint-disable-next-line no-control-regex
        expect(lineText(line)).not.toMatch(/[\x00-\x1f\x7f]/);
      }
    }
  });
});
