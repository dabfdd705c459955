/** A live trace that begins with what the kernel's own account says, which stands in files in the shape of the kernel's. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { encodeText } from '../../src/export/text.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import { modeIt, prepareLive } from '../helpers/live-trace.js';
import { modeOptions } from '../helpers/modes.js';
import { replayedFile } from '../helpers/replayed.js';
import { sleep } from '../helpers/terminal.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

it('stands beside what is traced, live and in the recording', async () => {
  const root = join(directory, 'root');
  const stacks = join(root, 'sys/kernel/debug/page_owner_stacks/show_stacks');
  mkdirSync(dirname(stacks), { recursive: true });
  writeFileSync(stacks, ' get_page_from_freelist+0x12/0x34\n xring_fill+0x10/0x20 [xring]\nnr_base_pages: 65536\n\n');
  const path = join(directory, 'before.unfreed');
  const run = new LiveRun({
    collector: { ...modeOptions(), sampleOneIn: 1 },
    recordPath: path,
    force: true,
    heldRoot: root,
  });
  await run.start();
  // A process that lives on holds something that was traced, on a quiet machine too.
  const held = spawn('sleep', ['60'], { stdio: 'ignore' });
  await sleep(3000);
  await run.stop('stopped');
  held.kill();
  const { pipeline } = await replayedFile(path);
  for (const each of [run.pipeline, pipeline]) {
    const report = each.report(defaultSelection(1000));
    expect(report.events.total).toBeGreaterThan(0);
    expect(report.before).toEqual({ source: 'page_owner_stacks', bytes: 65_536 * 4096, stacks: 1 });
    const [row] = report.stacks.filter(({ baseline }) => baseline);
    expect(row).toMatchObject({ bytes: 65_536 * 4096, growthBytesPerSecond: null, verdict: null, meaning: 'before' });
    // What was traced has its own rows and its own meaning.
    expect(report.stacks.filter(({ baseline, meaning }) => baseline !== (meaning === 'before'))).toEqual([]);
    expect(report.conclusions.every(({ stackId }) => stackId === null || stackId !== row.stackId)).toBe(true);
    const text = encodeText(each.report({ ...defaultSelection(10), group: 'finding' }), {
      columns: 200,
      frames: false,
    });
    expect(text).toMatch(/together .* \(256 MiB of it from before the trace\)$/m);
    expect(text).toMatch(/256 MiB +- +before +none +\S/);
  }
});
