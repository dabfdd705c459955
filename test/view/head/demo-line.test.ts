import { expect, it } from 'vitest';
import { demoLine } from '../../../src/view/head/demo-line.js';
import { linePainter, lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';

const START = Date.UTC(2026, 10, 30, 6, 44);

/** A state as far as the line reads it. */
function state(columns: number, demo: string | null, startUnixMs: number | null = START): ViewState {
  const report = startUnixMs === null ? null : { source: { startUnixMs } };
  return { columns, demo, snapshot: { report } } as unknown as ViewState;
}

it('says when the recording was made, that it is not of this machine, and what to type', () => {
  const line = demoLine(state(80, 'sudo unfreed live'));
  expect(lineText(line ?? [])).toBe(' DEMO  recorded 2026-11-30, not on this machine         here: sudo unfreed live ');
});

it('fills the line in inverse video, at every width', () => {
  for (const columns of [40, 60, 80, 160]) {
    const line = demoLine(state(columns, 'sudo unfreed live')) ?? [];
    expect(lineWidth(line)).toBe(columns);
    expect(line.every(([, tone]) => tone === 'inverse')).toBe(true);
    expect(lineText(line)).toMatch(/^ DEMO {2}.*here: sudo unfreed live $/);
  }
  expect(linePainter(false)(demoLine(state(80, 'unfreed doctor')) ?? [], 80)).toContain('\x1b[7m');
});

it('needs no report, and no date in one', () => {
  for (const startUnixMs of [null, 0]) {
    expect(lineText(demoLine(state(80, 'unfreed doctor', startUnixMs)) ?? [])).toContain(
      ' DEMO  recorded, not on this machine ',
    );
  }
});

it('is not there in any other replay', () => {
  expect(demoLine(state(80, null))).toBeNull();
});
