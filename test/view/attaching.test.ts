import { describe, expect, it } from 'vitest';
import type { StartStep } from '../../src/base/start-steps.js';
import type { StartingStatus } from '../../src/session/trace-session.js';
import { attachingLines } from '../../src/view/attaching.js';
import { lineText, lineWidth } from '../../src/view/lines/styled-line.js';

const MACHINE = { hostname: 'vm', kernel: '6.18.44', totalBytes: 23.5 * 2 ** 30, availableBytes: 22.7 * 2 ** 30 };
const PROGRAMS: StartStep = { name: 'hooks', done: 6, of: 10 };

function texts(columns: number, starting: Partial<StartingStatus> = {}, rows = 20): string[] {
  return attachingLines({ step: PROGRAMS, machine: MACHINE, ...starting }, 1234, { columns, rows }).map((line) =>
    lineText(line).trimEnd(),
  );
}

describe('the screen until all hooks are attached', () => {
  it('says on 80 columns what is done, what is being done, and for how long', () => {
    expect(texts(80)).toEqual([
      'unfreed  vm  Linux 6.18.44                                       attaching  1.2s',
      'RAM 23.5 GiB   available 22.7 GiB',
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
    for (const line of attachingLines({ step: PROGRAMS, machine: long }, 0, { columns: 40, rows: 20 }).slice(1)) {
      expect(lineWidth(line)).toBeLessThanOrEqual(40);
    }
  });

  it('keeps to the rows that there are', () => expect(texts(80, {}, 2)).toHaveLength(2));

  it('says nothing of RAM that is not known, and nothing of a machine that is not', () => {
    expect(texts(80, { machine: { ...MACHINE, totalBytes: 0 } })).toHaveLength(2);
    expect(texts(80, { machine: null })[0]).toMatch(/^unfreed +attaching {2}1\.2s$/);
  });

  it('lets no name act on the terminal', () => {
    expect(texts(80, { machine: { ...MACHINE, hostname: 'a\x1b[2Jb' } })[0]).not.toContain('\x1b');
  });
});
