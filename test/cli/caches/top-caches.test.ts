/** top --caches over recordings, and what it refuses; test/live/slabtop.test.ts reads this machine. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildProgram } from '../../../src/cli/program.js';
import { HELD_PIPES } from '../../helpers/real-report.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `unfreed top` and returns the lines of its standard output. */
async function top(...args: string[]): Promise<string[]> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += Buffer.from(part).toString('utf8');
    return true;
  });
  await buildProgram('1.2.3').parseAsync(['top', ...args], { from: 'user' });
  vi.restoreAllMocks();
  return text.trimEnd().split('\n');
}

const HEAD =
  '     HELD   OBJECTS    ACTIVE  AT START      GREW     TOTAL  USE     SIZE   SLABS PER SLAB CACHE SIZE     SLABINFO  CACHE';

/** The first two names in an order. */
const names = async (sort: string): Promise<string[]> =>
  (await top(HELD_PIPES, '--caches', '-n', '2', '--sort', sort))
    .slice(4, 6)
    .map((line) => line.split('  ').at(-1) ?? '');

describe('top --caches of a recording', () => {
  it('has what is held first, beside the figures of its slabinfo', async () => {
    expect(await top(HELD_PIPES, '--caches', '-n', '3')).toEqual([
      'recording host, Linux 6.18.44, traced 7.01s; by bytes',
      expect.stringMatching(/^\d+ caches, \d+ with objects; in use /),
      '',
      HEAD,
      '  101 KiB       101       695       695         0       736  94% 1.00 KiB      46       16    736 KiB    uncertain  kmalloc-1k',
      ' 69.0 KiB     1,261     8,548     8,786      -238    10,658  80%     56 B     146       73    584 KiB    uncertain  ftrace_event_field',
      ' 61.5 KiB       101     2,028     1,977       +51     2,028 100%    624 B     156       13   1.22 MiB    uncertain  inode_cache',
      expect.stringMatching(/^… \d+ more caches, .* held$/),
    ]);
  });

  it('has the orders of the tab, by name or by the letter of slabtop', async () => {
    expect(await names('cache-size')).toEqual(['ext4_inode_cache', 'dentry']);
    expect(await names('c')).toEqual(await names('cache-size'));
    expect(await names('grew')).toEqual(['dentry', 'lsm_inode_cache']);
    expect(await names('bytes')).toEqual(['kmalloc-1k', 'ftrace_event_field']);
  });

  it('is of a moment, or of several', async () => {
    const [at] = await top(HELD_PIPES, '--caches', '--at', '2s', '-n', '1');
    expect(at).toContain('traced 2.00s; all figures are of the moment');
    const lines = await top(HELD_PIPES, '--caches', '--interval', '3s', '--count', '2', '-n', '1');
    expect(lines.filter((line) => line.startsWith('== '))).toEqual([
      '== 00:00:03.0 of the trace, 2026-11-21T12:18:07Z ==',
      '== 00:00:06.0 of the trace, 2026-11-21T12:18:10Z ==',
    ]);
    expect(lines.filter((line) => line === HEAD)).toHaveLength(2);
  });

  it('obeys the filters', async () => {
    const lines = await top(HELD_PIPES, '--caches', '--grep', '^dentry$');
    expect(lines.at(-1)).toMatch(/ dentry$/);
    expect(lines[1]).toMatch(/^1 cache, 1 with/);
  });
});

describe('top --caches refuses', () => {
  it.each([
    [['--caches', '--sort', 'growth'], '--sort growth orders the ranking, and --caches lists caches'],
    [['--sort', 'slabs', HELD_PIPES], '--sort slabs orders the list of caches'],
    [['--caches', '-q'], '--quiet is of findings, and --caches lists caches'],
    [['--caches', '--frames'], '--frames is of findings, and --caches lists caches'],
    [['--caches', '--fail-if', 'growing'], '--fail-if is of findings, and --caches lists caches'],
    [['--caches', '--at', '3s'], '--at is a moment of a recording, and none is given'],
    [['--caches', '--count', '3'], '--count is the number of rankings with --interval'],
    [
      ['--caches', '--pid', '1'],
      'only a trace tells by whom and when memory was taken, and --caches alone reads slabinfo',
    ],
    [['--caches', '--duration', '3s', HELD_PIPES], `--duration is for tracing this machine, and ${HELD_PIPES} is read`],
  ])('%j', async (args, message) => {
    await expect(top(...args)).rejects.toThrow(message);
  });
});
