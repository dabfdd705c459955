/** top and export --at: a recording as it stood at a moment. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildProgram } from '../../src/cli/program.js';
import type { Report } from '../../src/rank/report/report.js';
import { HELD_PIPES } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';

const RELEASED = new URL('../../recordings/ftrace/6.18-hold-pipes-released/trace.txt.gz', import.meta.url).pathname;

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs unfreed; returns what it writes to standard output and standard error. */
async function run(...args: string[]): Promise<{ out: string; err: string }> {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err') => (part: string | Uint8Array) => {
    texts[name] += Buffer.from(part).toString('utf8');
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  await buildProgram('1.2.3').parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return texts;
}

async function at(path: string, moment: string | null): Promise<Report> {
  const asked = moment === null ? [] : ['--at', moment];
  const { out } = await run('export', path, '--format', 'json', '--include-self', ...asked);
  return JSON.parse(out) as Report;
}

const heldBytes = ({ outstanding, self }: Report): number => outstanding.distinct.bytes - self.bytes;

describe('--at', () => {
  it('peak is the moment at which most was held: no other holds more, and what was freed later is there', async () => {
    const [peak, end] = [await at(RELEASED, 'peak'), await at(RELEASED, null)];
    expect(heldBytes(peak)).toBeGreaterThan(heldBytes(end));
    expect(peak.durationNs).toBeLessThan(end.durationNs);
    for (let i = 1; i <= 40; i++) {
      const other = await at(RELEASED, `${Math.round((end.durationNs * i) / 40)}ns`);
      // To the step of 5 ms at which it is looked for.
      expect(heldBytes(other) * 0.98).toBeLessThanOrEqual(heldBytes(peak));
    }
    expect(peak.source.notes[0]).toMatch(
      /^all figures are of the moment 00:00:0\d\.\d{3} of the trace, when most was held/,
    );
  }, 60_000);

  it('a time is that moment, to the nanosecond, in every format', async () => {
    const report = await at(HELD_PIPES, '3s');
    expect(report.durationNs).toBe(3e9);
    const end = await at(HELD_PIPES, null);
    expect(report.events.total).toBeLessThan(end.events.total);
    const top = await run('top', HELD_PIPES, '--at', '3s');
    expect(top.out).toContain('note: all figures are of the moment 00:00:03.000 of the trace\n');
    for (const format of ['markdown', 'html', 'svg', 'csv', 'firefox', 'pprof', 'folded', 'speedscope']) {
      const one = await run('export', HELD_PIPES, '--at', '3s', '--format', format, '-n', '3');
      expect(one.out.length).toBeGreaterThan(100);
    }
    const { out } = await run('export', HELD_PIPES, '--at', '3s', '--format', 'markdown');
    expect(out).toContain('the moment 00:00:03.000 of the trace');
  });

  it('a time beyond the end is the end, and that is said; one before the first event is wrong usage', async () => {
    const { out, err } = await run('export', HELD_PIPES, '--at', '1h', '--format', 'json');
    expect((JSON.parse(out) as Report).events.total).toBe((await at(HELD_PIPES, null)).events.total);
    expect(err).toContain('ends at 00:00:07.005, before --at 01:00:00.000');
    await expect(run('top', HELD_PIPES, '--at', '0')).rejects.toThrow('comes after --at 00:00:00.000');
  });

  it('is of a recording, not of a run; the peak is of what can be read twice', async () => {
    await expect(run('top', '--at', 'peak')).rejects.toThrow('this machine is traced');
    await expect(run('top', '-', '--at', 'peak')).rejects.toThrow('standard input can be read only once');
    const fifo = file('fifo', '');
    spawnSync('rm', [fifo]);
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    await expect(run('top', fifo, '--at', 'peak')).rejects.toThrow('can be read only once');
    await expect(run('top', file('none', '').replace('none', 'nothing'), '--at', 'peak')).rejects.toThrow('nothing');
  });

  it('damage is said once, though the peak takes two readings', async () => {
    const cut = file('cut.unfreed', '');
    copyFileSync(HELD_PIPES, cut);
    truncateSync(cut, Math.floor(readFileSync(HELD_PIPES).length * 0.7));
    let err = '';
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
      err += Buffer.from(part).toString('utf8');
      return true;
    });
    const command = buildProgram('1.2.3').parseAsync(['top', cut, '--at', 'peak'], { from: 'user' });
    await expect(command).rejects.toThrow('is damaged or cut off');
    expect(err.split('\n').filter((line) => line.includes(': damaged in'))).toHaveLength(1);
  });
});
