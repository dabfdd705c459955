/** top --interval over recordings; test/live/intervals.test.ts traces. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildProgram } from '../../src/cli/program.js';
import { HELD_PIPES } from '../helpers/real-report.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `unfreed top` and returns what it writes to standard output, write by write. */
async function writes(...args: string[]): Promise<string[]> {
  const parts: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    parts.push(Buffer.from(part).toString('utf8'));
    return true;
  });
  await buildProgram('1.2.3').parseAsync(['top', ...args], { from: 'user' });
  vi.restoreAllMocks();
  return parts;
}

/** A ranking without its head line and without the note about its moment. */
const body = (text: string): string => text.replace(/^==.*\n/, '').replace(/^note: all figures.*\n/m, '');

describe('top --interval', () => {
  it('prints the ranking at each of these times of the trace and at its end, each in one write', async () => {
    const blocks = await writes(HELD_PIPES, '--interval', '2s');
    expect(blocks.map((block) => block.split('\n')[0])).toEqual([
      '== 00:00:02.0 of the trace, 2026-11-21T12:18:06Z ==',
      '== 00:00:04.0 of the trace, 2026-11-21T12:18:08Z ==',
      '== 00:00:06.0 of the trace, 2026-11-21T12:18:10Z ==',
      '== 00:00:07.0 of the trace, 2026-11-21T12:18:11Z ==',
    ]);
    const [at4s] = await writes(HELD_PIPES, '--at', '4s');
    expect(body(blocks[1])).toBe(body(at4s));
    const [atEnd] = await writes(HELD_PIPES);
    expect(body(blocks[3])).toBe(atEnd);
  });

  it('ends after --count rankings', async () => {
    const blocks = await writes(HELD_PIPES, '--interval', '500ms', '--count', '3');
    expect(blocks.map((block) => block.slice(0, 13))).toEqual(['== 00:00:00.5', '== 00:00:01.0', '== 00:00:01.5']);
  });

  it('an interval longer than the trace prints its end', async () => {
    const blocks = await writes(HELD_PIPES, '--interval', '1h');
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatch(/^== 00:00:07\.0 /);
  });

  it('refuses a count without an interval, an interval with a moment, and intervals of no time', async () => {
    await expect(writes(HELD_PIPES, '--count', '3')).rejects.toThrow('--interval');
    await expect(writes(HELD_PIPES, '--interval', '1s', '--at', 'peak')).rejects.toThrow('--at is one moment');
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    for (const time of ['0', '99ms', 'soon']) {
      await expect(writes(HELD_PIPES, '--interval', time)).rejects.toThrow('100ms or more');
    }
  });
});
