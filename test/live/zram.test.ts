/** zram: its pages are counted by nr_zspages, so they are not in the gap, and their category is theirs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import { expectMode, modeIt, prepareLive } from '../helpers/live-trace.js';
import { modeName, modeOptions } from '../helpers/modes.js';
import { until } from '../helpers/patience.js';

const it = modeIt(import.meta.url);
const MIB = 2 ** 20;
const STORED_MIB = 96;
const CONTROL = '/sys/class/zram-control';

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

/** A zram disk of its own for the test, as a device node in the test's directory. */
class ZramDisk {
  readonly path: string;
  private readonly number: string;

  constructor() {
    this.number = readFileSync(`${CONTROL}/hot_add`, 'utf8').trim();
    writeFileSync(this.setting('disksize'), `${STORED_MIB * 2}M`);
    this.path = join(directory, `zram${this.number}`);
    const [major, minor] = readFileSync(this.setting('dev'), 'utf8').trim().split(':');
    expect(spawnSync('mknod', [this.path, 'b', major, minor]).status).toBe(0);
  }

  /** Stores noise, which does not shrink: a page of zsmalloc for each page. */
  fill(): void {
    const options = ['bs=1M', `count=${STORED_MIB}`, 'oflag=direct', 'status=none'];
    expect(spawnSync('dd', ['if=/dev/urandom', `of=${this.path}`, ...options]).status).toBe(0);
  }

  remove(): void {
    writeFileSync(this.setting('reset'), '1');
    writeFileSync(`${CONTROL}/hot_remove`, this.number);
    rmSync(this.path, { force: true });
  }

  private setting(name: string): string {
    return `/sys/block/zram${this.number}/${name}`;
  }
}

function zramOf(report: Report): number {
  return report.meminfo?.terms.find(({ name }) => name === 'zram')?.bytes ?? 0;
}

function gapOf(report: Report): number {
  return report.meminfo?.unaccountedBytes ?? 0;
}

it('what zram stores is zram, not unaccounted', { retry: 2 }, async (context) => {
  if (!existsSync(CONTROL)) spawnSync('modprobe', ['zram']);
  if (!existsSync(CONTROL)) {
    console.error(
      '\nNOT TESTED: zram. This kernel has no zram (no /sys/class/zram-control, and modprobe zram gave none).\n',
    );
    context.skip();
    return;
  }
  const run = new LiveRun({ collector: modeOptions(), recordPath: null, force: false });
  await run.start();
  expectMode(run.pipeline.facts);
  const later = async (): Promise<Report> => {
    const from = run.pipeline.core.nowNs;
    await until('2.5 s of trace', () => run.pipeline.core.nowNs > from + 2.5e9);
    return run.pipeline.report(defaultSelection(10_000));
  };
  const disk = new ZramDisk();
  try {
    const before = await later();
    disk.fill();
    const during = await later();
    const bytes = STORED_MIB * MIB;
    expect(Math.abs(zramOf(during) - zramOf(before) - bytes)).toBeLessThan(bytes / 100);
    expect(gapOf(during) - gapOf(before)).toBeLessThan(16 * MIB);
    if (modeName !== 'sample') {
      const rows = during.stacks.filter(({ category }) => category === 'zram');
      const held = rows.reduce((sum, row) => sum + row.bytes, 0);
      expect(Math.abs(held - bytes)).toBeLessThan(bytes / 50);
    }
    const hidden = run.pipeline.report({ ...defaultSelection(10_000), hideAccounted: true });
    expect(hidden.stacks.some(({ frames }) => frames.some(({ symbol }) => symbol.includes('zspage')))).toBe(false);
  } finally {
    disk.remove();
    await run.stop();
    await run.finished;
  }
});
