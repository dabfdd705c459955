import { describe, expect, it } from 'vitest';
import type { StartingStatus } from '../../src/session/trace-session.js';
import { attachingLines } from '../../src/view/attaching.js';
import { lineText, lineWidth } from '../../src/view/lines/styled-line.js';

const MACHINE = {
  hostname: 'vm',
  kernel: '6.18.44',
  totalBytes: 23.5 * 2 ** 30,
  availableBytes: 22.7 * 2 ** 30,
  gapBytes: 98 * 2 ** 20,
};
const STARTING: StartingStatus = {
  step: { name: 'hooks', done: 6, of: 10 },
  machine: MACHINE,
  firstLook: null,
  refused: [],
};

function texts(columns: number, starting: Partial<StartingStatus> = {}, rows = 20): string[] {
  return attachingLines({ ...STARTING, ...starting }, 1234, { columns, rows }).map((line) => lineText(line).trimEnd());
}

describe('the screen until all hooks are attached', () => {
  it('says on 80 columns what is done, what is being done, and for how long', () => {
    expect(texts(80)).toEqual([
      'unfreed  vm  Linux 6.18.44                                       attaching  1.2s',
      'RAM 23.5 GiB   available 22.7 GiB   not in meminfo 98.0 MiB',
      '  ✓ rights, kernel types   ▸ programs 6 of 10   · symbols   · first event',
    ]);
  });

  it('takes more lines where it is narrow, and never more columns than there are', () => {
    expect(texts(40).slice(2)).toEqual([
      '  ✓ rights, kernel types',
      '  ▸ programs 6 of 10   · symbols',
      '  · first event',
    ]);
    const long = { ...MACHINE, hostname: 'x'.repeat(300) };
    const told = {
      firstLook: { text: 'gone '.repeat(30), abnormal: true },
      refused: ['r'.repeat(200), 'This kernel refuses this and that.'],
    };
    const lines = attachingLines({ ...STARTING, ...told, machine: long }, 0, { columns: 40, rows: 20 });
    // The painter cuts the title and the memory; all others are broken.
    for (const line of lines.slice(2)) expect(lineWidth(line)).toBeLessThanOrEqual(40);
    expect(lines.length).toBeGreaterThan(8);
  });

  it('says what was gone before the steps, and behind them what this kernel refuses', () => {
    const text = '14.0 GiB (60% of RAM) is in no line of /proc/meminfo and was there before this trace began.';
    const firstLook = { text, abnormal: true };
    const refused = ['This kernel refuses function hooks: frees in bulk will be seen late.'];
    expect(texts(80, { firstLook, refused }).slice(2)).toEqual([
      '■ 14.0 GiB (60% of RAM) is in no line of /proc/meminfo and was there before this',
      '  trace began.',
      '  ✓ rights, kernel types   ▸ programs 6 of 10   · symbols   · first event',
      '  This kernel refuses function hooks: frees in bulk will be seen late.',
    ]);
    expect(texts(160, { firstLook, refused })).toHaveLength(5);
  });

  it('says that the first look found nothing, once it has come', () => {
    const firstLook = { text: 'First look, 0.3s: nothing abnormal before the trace.', abnormal: false };
    expect(texts(80, { firstLook })[2]).toBe('● First look, 0.3s: nothing abnormal before the trace.');
  });

  it('keeps to the rows that there are', () => expect(texts(80, {}, 2)).toHaveLength(2));

  it('says nothing of RAM that is not known, and nothing of a machine that is not', () => {
    expect(texts(80, { machine: { ...MACHINE, totalBytes: 0 } })).toHaveLength(2);
    expect(texts(80, { machine: null })[0]).toMatch(/^unfreed +attaching {2}1\.2s$/);
  });

  it('says nothing of a gap that is not known', () => {
    expect(texts(80, { machine: { ...MACHINE, gapBytes: null } })[1]).toBe('RAM 23.5 GiB   available 22.7 GiB');
  });

  it('lets no name act on the terminal', () => {
    expect(texts(80, { refused: ['a\x1b[2Jb'] }).join('')).not.toContain('\x1b');
    expect(texts(80, { firstLook: { text: 'a\x1b[2Jb', abnormal: true } }).join('')).not.toContain('\x1b');
    expect(texts(80, { machine: { ...MACHINE, hostname: 'a\x1b[2Jb' } })[0]).not.toContain('\x1b');
  });
});
