/**
 * A process that left 184 MiB behind and died, while another one keeps what pins them: `record`, `top` and JSON say
 * that the holder is gone, to the page, live and from the recording.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import type { Selection } from '../../src/rank/report/selection.js';
import { unfreed } from '../helpers/cli.js';
import { Load, type LoadName } from '../helpers/live.js';
import { ALL, modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { replayedFile } from '../helpers/replayed.js';

const it = modeIt(import.meta.url);
const MIB = 184;
const PAGES = 47_104;
const BYTES = MIB * 2 ** 20;
const PIPES = PAGES / 16;
const LIVING_PIPES = 8;

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

interface Case {
  how: string;
  load: LoadName;
  args: string[];
  /** The call path of the pages. */
  symbol: string;
}

const CASES: Case[] = [
  { how: 'filled pipes', load: 'hold-pipes', args: [String(PIPES), '--left'], symbol: 'pipe_write' },
  {
    how: 'gave pages to pipes and unmapped them',
    load: 'hold-unmapped',
    args: [String(MIB), '--by', 'vmsplice', '--child'],
    symbol: 'do_anonymous_page',
  },
  {
    how: 'gave buffers to an io_uring and unmapped them',
    load: 'hold-unmapped',
    args: [String(MIB), '--by', 'io_uring', '--child'],
    symbol: 'do_anonymous_page',
  },
];

const ONE_GONE = { processes: 1, gone: 1, bytes: BYTES, count: PAGES };

/** Of the load's own pages on that path, the row of the most. */
function rowOf(report: Report): ReportStack {
  const [row] = report.stacks;
  if (row === undefined) throw new Error('no row');
  return row;
}

describe('a process that is gone', () => {
  for (const { how, load: name, args, symbol } of CASES) {
    it(`${how}, and left 184 MiB: named as gone, live, from the recording and in words`, async () => {
      const path = join(directory, `${symbol}-${args.at(-2)}.unfreed`);
      const wanted: Selection = { ...ALL, comm: name, grep: symbol, allocators: ['page'] };
      const { run, settleHeld, stop } = await startTrace(path);
      const load = await Load.start(name, ...args);
      const { taker, pid } = await load.hold();
      expect(taker).not.toBe(pid);
      await settleHeld();
      const held = rowOf(run.pipeline.report({ ...wanted, gone: true }));
      expect(held).toMatchObject({ count: PAGES, bytes: BYTES, gone: ONE_GONE });
      // Whom it names is the one that died, although the one that keeps the reference has the same name.
      expect(rowOf(run.pipeline.report({ ...wanted, gone: true, pid: taker ?? 0 })).count).toBe(PAGES);
      expect(run.pipeline.report({ ...wanted, gone: true, pid }).stacks).toEqual([]);
      await stop();
      // The trace ended while it was held: the recording says the same as the live trace.
      const { pipeline } = await replayedFile(path);
      expect(rowOf(pipeline.report({ ...wanted, gone: true }))).toMatchObject({ count: PAGES, gone: ONE_GONE });
      await load.release();
      await load.stop();

      const options = ['--gone', '--comm', name, '--grep', symbol, '--allocator', 'page'];
      const top = await unfreed(['top', path, ...options, '-n', '1']);
      expect(top.code).toBe(0);
      expect(top.stdout).toMatch(/\b184 MiB +47,104 pages/);
      expect(top.stdout).toContain('held by a process that is gone');
      const json = await unfreed(['export', path, ...options, '--format', 'json']);
      const { stacks } = JSON.parse(json.stdout) as { stacks: unknown[] };
      expect(stacks[0]).toMatchObject({ count: PAGES, bytes: BYTES, gone: ONE_GONE });
    });
  }

  it('beside one that lives and took the same: one of two, and --gone leaves out what the living one took', async () => {
    const wanted: Selection = { ...ALL, comm: 'hold-pipes', grep: 'pipe_write', allocators: ['page'] };
    const { run, settle, settleHeld, stop } = await startTrace();
    const left = await Load.start('hold-pipes', String(PIPES), '--left');
    const living = await Load.start('hold-pipes', String(LIVING_PIPES));
    await left.go();
    await living.go();
    await settleHeld();
    const more = LIVING_PIPES * 16;
    const both = { count: PAGES + more, gone: { ...ONE_GONE, processes: 2 } };
    expect(rowOf(run.pipeline.report(wanted))).toMatchObject(both);
    expect(rowOf(run.pipeline.report({ ...wanted, gone: true }))).toMatchObject({ count: PAGES, gone: ONE_GONE });
    // Once what it left is freed, nobody that is gone holds anything.
    await left.release();
    await settle();
    expect(run.pipeline.report({ ...wanted, gone: true }).stacks).toEqual([]);
    expect(rowOf(run.pipeline.report(wanted))).toMatchObject({ count: more, gone: { processes: 1, gone: 0 } });
    // The living one dies with its pipes: they are freed with it.
    await living.end();
    await left.stop();
    await settle();
    expect(run.pipeline.report(wanted).stacks).toEqual([]);
    await stop();
  });
});
