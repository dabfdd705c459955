/** Dumps of page_owner and allocinfo through the program: what was held, and what has grown. */
import { expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';

const file = scratch();

const STACKS = (pages: number): string =>
  ` post_alloc_hook+0x177/0x1a0\n my_dma_ring+0x18c/0x1000 [my_nic]\nnr_base_pages: ${pages}\n\n` +
  ' filemap_alloc_folio+0x1/0x2\n page_cache_ra_unbounded+0xd9/0x230\nnr_base_pages: 9643\n\n';

it('ranks, imports, replays as a recording, exports and compares dumps', async () => {
  const first = file('first.txt', STACKS(1000));
  const second = file('second.txt', STACKS(20824));
  const recording = file('first.unfreed');

  const top = await unfreed(['top', first]);
  expect(top.code).toBe(0);
  expect(top.stdout).toContain('a dump of page_owner_stacks, not a trace: what was held at one moment');
  expect(top.stdout).toContain('BEFORE   Module my_nic held 3.91 MiB of memory of my_dma_ring [my_nic]');
  expect(top.stdout).toMatch(/1 3\.91 MiB +- before +none +\[my_nic\]/);

  const imported = await unfreed(['import', first, '-o', recording]);
  expect(imported).toMatchObject({ code: 0, stdout: '' });
  expect(imported.stderr).toContain('2 sums of what was held, no events');
  expect((await unfreed(['top', recording])).stdout).toBe(top.stdout);
  expect((await unfreed(['info', recording])).stdout).toMatch(/before +41\.6 MiB in 2 call paths, held when it began/);

  const json = await unfreed(['export', recording, '--format', 'json']);
  const report = JSON.parse(json.stdout) as { events: unknown; stacks: { baseline: boolean; allocCount: number }[] };
  expect(report.events).toEqual({ total: 0, allocs: 0, frees: 0 });
  expect(report.stacks.map(({ baseline, allocCount }) => [baseline, allocCount])).toEqual([
    [true, 0],
    [true, 0],
  ]);

  const diff = await unfreed(['diff', recording, second]);
  expect(diff.code).toBe(0);
  expect(diff.stdout).toContain('what was held when each dump was made');
  expect(diff.stdout).toMatch(/1 \+77\.4 MiB +- 3\.91 MiB 81\.3 MiB grown .*\n +\+19,824 pages/);
});

it('reads a dump from standard input, and says what one without rows lacks', async () => {
  const top = await unfreed(['top', '-'], { stdin: STACKS(5) });
  expect(top.stdout).toContain('my_dma_ring');
  const empty = await unfreed(['top', '-'], { stdin: 'allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n' });
  expect(empty.code).toBe(1);
  expect(empty.stderr).toContain('holds no');
});

it('prints no name that moves the cursor', async () => {
  const name = `${String.fromCharCode(7, 155)}2J`;
  const text = `Page allocated via order 0, mask 0xcc0(GFP_KERNEL), pid 5, tgid 5 (${name}), ts 5 ns\nPFN 0x1000 type Unmovable Block 8 type Unmovable Flags 0x0(node=0)\n my_one+0x1/0x2\n\n`;
  for (const command of [
    ['top', '-'],
    ['top', '--group', 'comm', '-'],
    ['export', '--format', 'markdown', '-'],
  ]) {
    const { stdout } = await unfreed(command, { stdin: text });
    expect(stdout).toContain('my_one');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});
