/** What the commands say and decide where a text does not cover all; --page-size. */
import { describe, expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { eventLine, leakText, perfHeader } from '../helpers/perf-text.js';
import { sampleRecording } from '../helpers/recording-bytes.js';
import { scratch } from '../helpers/scratch.js';

const place = scratch();
const NO_FREES = perfHeader({ cmdline: 'perf record -a -e kmem:kmalloc', events: [eventLine('kmem:kmalloc')] });

/** Made: one page, and one area of 128 KiB, on a machine whose page size the text does not tell. */
const PAGES = [
  'sh 101 [000] 7.000001: kmem:mm_page_alloc: page=0x1563d5 pfn=0x1563d5 order=0 migratetype=0 gfp_flags=GFP_KERNEL',
  'sh 102 [001] 7.000002: kmem:mm_page_free: page=0x1563ff pfn=0x1563ff order=0',
  'sh 102 [001] 7.000003: vmalloc:alloc_vmap_area: va_start: 140737488355328 size=131072 align=65536 vstart=0x0 vend=0xffff failed=0',
  '',
].join('\n');

interface Exported {
  source: { pageSize: number; coverage: { cause: string }[]; notes: string[] };
  outstanding: Record<'page' | 'vmalloc', { bytes: number }>;
  stacks: { verdict: string | null; meaning: string }[];
}

async function exported(file: string, ...options: string[]): Promise<Exported> {
  const { stdout, stderr, code } = await unfreed(['export', file, ...options]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Exported;
}

describe('a text whose frees were not traced', () => {
  const text = place('allocs.txt', NO_FREES + leakText({ frees: false }));

  it('is said to show what was allocated: on stdout above the table, and on stderr', async () => {
    const { stdout, stderr, code } = await unfreed(['top', text]);
    expect(code).toBe(0);
    expect(stderr).toBe('unfreed: frees of kmalloc were not traced; the notes say what follows.\n');
    const [head, table] = stdout.split('\n\n');
    expect(head).toContain('held     slab not known (1.56 MiB allocated, frees not traced)');
    expect(head).toContain('DOUBT    This trace has no frees');
    expect(stdout).toContain('note: frees of kmalloc (kfree) were not traced');
    expect(table).not.toContain('growing');
  });

  it('cannot tell --fail-if growing, and says why', async () => {
    const { stderr, code } = await unfreed(['top', text, '--fail-if', 'growing > 1k/h']);
    expect(code).toBe(1);
    expect(stderr).toContain("--fail-if 'growing > 1k/h' cannot be told: frees of kmalloc were not traced");
  });

  it('stays so as a recording, and in info', async () => {
    const recording = place('allocs.unfreed');
    const imported = await unfreed(['import', text, '-o', recording]);
    expect(imported.stderr).toContain('frees of kmalloc (kfree) were not traced');
    const [direct, recorded] = [await exported(text), await exported(recording)];
    expect(recorded).toEqual(direct);
    expect(recorded.source.coverage.map(({ cause }) => cause)).toEqual(['frees-not-traced']);
    expect(recorded.stacks.map(({ verdict, meaning }) => [verdict, meaning])).toEqual([
      [null, 'allocated'],
      [null, 'allocated'],
    ]);
    const info = await unfreed(['info', recording]);
    expect(info.stdout).toMatch(/^covers +frees of kmalloc \(kfree\) were not traced/m);
  });
});

describe('--page-size', () => {
  const text = place('pages.txt', PAGES);

  it('is asked for where the text does not tell', async () => {
    const { source, outstanding } = await exported(text);
    expect(source).toMatchObject({ pageSize: 4096, coverage: [{ cause: 'page-size' }] });
    expect(source.notes[0]).toContain('--page-size');
    expect(outstanding).toMatchObject({ page: { bytes: 4096 }, vmalloc: { bytes: 131072 } });
  });

  it('counts pages by it, in every command that reads a text', async () => {
    const { source, outstanding } = await exported(text, '--page-size', '64k');
    expect(source).toMatchObject({ pageSize: 65536, coverage: [] });
    expect(outstanding).toMatchObject({ page: { bytes: 65536 }, vmalloc: { bytes: 131072 } });
    expect((await unfreed(['top', text, '--page-size', '16k'])).stdout).toContain('page 16.0 KiB  vmalloc 128 KiB');
    expect((await unfreed(['info', text, '--page-size', '64k'])).stdout).toContain('pages of 64.0 KiB');
    const recording = place('pages.unfreed');
    expect((await unfreed(['import', text, '--page-size', '64k', '-o', recording])).code).toBe(0);
    expect(await exported(recording)).toMatchObject({ source: { pageSize: 65536 }, outstanding });
    const other = place('smaller.txt', PAGES.slice(0, PAGES.indexOf('\n') + 1));
    const diff = await unfreed(['diff', other, text, '--page-size', '64k', '--format', 'json']);
    expect(JSON.parse(diff.stdout)).toMatchObject({ before: { source: { pageSize: 65536 } } });
  });

  it('is refused where the input has its own, and for a live trace', async () => {
    const recording = place('own.unfreed', sampleRecording());
    for (const command of ['top', 'export', 'info']) {
      const { code, stderr, stdout } = await unfreed([command, recording, '--page-size', '64k']);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('has a page size of its own: --page-size is only for texts');
    }
    const live = await unfreed(['top', '--page-size', '64k']);
    expect([live.code, live.stderr]).toEqual([2, expect.stringContaining('--page-size describes a text')]);
  });

  it.each(['5k', '0', '4097', '1M', 'big'])('%s is no page size', async (size) => {
    const { code, stderr } = await unfreed(['top', text, '--page-size', size]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Give a page size such as 4k, 16k or 64k.')]);
  });
});
