/** Texts of which a part cannot be read: the result is printed, the reason given, and the status is 1. */
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';

const place = scratch();

/** A made event of tracefs at this second. */
function event(seconds: number, fields: string): string {
  return `            made-42      [00${seconds % 2}] .....  ${seconds}.000001: ${fields}\n`;
}

const HEAD = '# tracer: nop\n#\n';
const alloc = (i: number): string =>
  event(
    50 + i,
    `kmalloc: call_site=made_alloc+0x10/0x20 ptr=ffff888100${(4096 + i).toString(16)}00 bytes_req=100 bytes_alloc=128 gfp_flags=GFP_KERNEL node=-1 accounted=false`,
  );
const GOOD = Array.from({ length: 10 }, (_, i) => alloc(i)).join('');
/** One line of each of four kinds, and a second of the first. */
const BAD =
  event(70, 'kmalloc: call_site=made_alloc+0x10/0x20 bytes_req=100') +
  event(71, 'kfree: call_site=made_free+0x10/0x20') +
  event(72, 'mm_page_alloc: page=1 order=0') +
  event(73, 'mm_page_free: page=1 order=0') +
  event(74, 'kmalloc: call_site=made_other+0x10/0x20 bytes_req=100');

const SAID =
  /5 of 15 event lines \(33 %\) were not understood: the above is the rest of it\n {2}line 13: made-42 .*kmalloc: .*\(and 1 like it\)\n {2}line 14: .*kfree: .*\n {2}line 15: .*mm_page_alloc: .*\n$/;

describe('a text of which more than 5 % of the event lines are not understood', () => {
  it.each([
    ['top', []],
    ['export', []],
    ['export', ['--format', 'csv']],
    ['info', []],
    ['diff', ['--from', '1s', '--to', '9s']],
  ])('%s %j prints the result, the first three kinds of such lines, and status 1', async (command, args) => {
    const ran = await unfreed([command, place('bad.txt', HEAD + GOOD + BAD), ...args]);
    expect(ran.code).toBe(1);
    if (command !== 'diff') expect(ran.stdout).toMatch(/made_alloc|15 events|10/);
    else expect(ran.stdout).not.toBe('');
    if (command !== 'diff') expect(ran.stderr).toMatch(SAID);
  });

  it('diff of two texts, a gzipped text, and import say so too', async () => {
    const good = place('good.txt', HEAD + GOOD);
    const bad = place('bad.txt.gz', gzipSync(HEAD + GOOD + BAD));
    const diff = await unfreed(['diff', good, bad]);
    expect(diff).toMatchObject({ code: 1, stderr: expect.stringMatching(SAID) as unknown });
    const output = place('bad.unfreed');
    const imported = await unfreed(['import', bad, '-o', output]);
    expect(imported).toMatchObject({ code: 1, stderr: expect.stringMatching(SAID) as unknown });
    expect(existsSync(output)).toBe(true);
    expect((await unfreed(['top', output])).code).toBe(0);
  });

  it('with 5 % of them, or with any number of other lines, has status 0', async () => {
    const many = Array.from({ length: 19 }, (_, i) => alloc(i)).join('');
    const one = event(70, 'kfree: call_site=made_free+0x10/0x20');
    expect(await unfreed(['top', place('few.txt', HEAD + many + one)])).toMatchObject({ code: 0 });
    const prose = 'as you see, the machine loses memory.\n'.repeat(40);
    expect(await unfreed(['top', place('prose.txt', HEAD + GOOD + prose)])).toMatchObject({ code: 0 });
  });

  it('with no event at all that is understood, does not ask for the allocator', async () => {
    const ran = await unfreed(['top', place('none.txt', HEAD + BAD)]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/holds no events that can be read\n {2}line 3: /);
    expect(ran.stderr).not.toContain('--allocator');
  });

  it('with other events alone, says which, and not that nothing was recorded', async () => {
    const other = 'made 42 [000]  5000.100000: sched:sched_switch: prev_comm=made prev_pid=42\n';
    const ran = await unfreed(['top', place('other.txt', other + other)]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(
      'holds no events of allocations and frees\n  events that say nothing about pairing were skipped: sched:sched_switch 2\n',
    );
    expect(ran.stderr).toContain("perf record -e 'kmem:*' -g");
  });

  it('never shows the lines raw', async () => {
    const hostile = BAD.replaceAll('made-42', '\u001b]0;x\u0007');
    const ran = await unfreed([
      'top',
      place('hostile.txt', HEAD + GOOD + BAD.replaceAll('bytes_req', '\u0085\u009b31mbytes') + hostile),
    ]);
    expect(ran.code).toBe(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('a text with two traces', () => {
  it('is read up to the second, which is named with its line, and has status 1', async () => {
    const second = Array.from({ length: 4 }, (_, i) =>
      event(5 + i, 'kfree: call_site=made_free+0x1/0x2 ptr=ffff888100100000'),
    ).join('');
    const path = place('boots.txt', HEAD + GOOD + HEAD + second);
    const ran = await unfreed(['top', path, '--group', 'stack']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('events 10 ');
    expect(ran.stdout).toContain('orphan frees 0');
    expect(ran.stderr).toContain('time goes back from 59.000001 s to 5.000001 s at line 15');
    expect(ran.stderr).toContain('tail -n +15 FILE > second.txt');
    expect(await unfreed(['info', path])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('time goes back') as unknown,
    });
  });
});

describe('the advice for lost events', () => {
  const LOST = `${HEAD}${GOOD}CPU:1 [LOST 500 EVENTS]\n${alloc(11)}`;
  const PERF =
    '  made 42 [001] 50.000001: kmem:kfree: call_site=a ptr=0xffff888100000100\n  made 42 [001] 50.000002: PERF_RECORD_LOST lost 12\n';
  const REPORT = `cpus=2\n${GOOD}CPU:1 [12 EVENTS DROPPED]\n`;

  it.each([
    ['ftrace', LOST, 'buffer_size_kb'],
    ['perf', PERF, 'perf record -m'],
    ['trace-cmd', REPORT, 'trace-cmd record -b'],
  ])('is that for %s', async (name, text, advice) => {
    const { stderr } = await unfreed(['top', place(`lost-${name}.txt`, text)]);
    expect(stderr).toMatch(/events were lost/);
    expect(stderr).toContain(advice);
    expect(stderr).not.toMatch(/bpf/);
  });
});

/** A made event with a time in jiffies. */
function jiffies(time: number, fields: string): string {
  return `            made-42      [000] .....       ${time}: ${fields}\n`;
}

describe('a text whose clock has no known unit', () => {
  const TEXT =
    HEAD +
    Array.from({ length: 200 }, (_, i) =>
      jiffies(
        106_510 + Math.floor(i / 3),
        `mm_page_alloc: page=1 pfn=0x${(4096 + i).toString(16)} order=0 migratetype=0 gfp_flags=GFP_KERNEL`,
      ),
    ).join('');

  it('has no rate, no growth and no verdict in any output', async () => {
    const path = place('jiffies.txt', TEXT);
    const imported = place('jiffies.unfreed');
    expect(await unfreed(['import', path, '-o', imported])).toMatchObject({ code: 0 });
    for (const file of [path, imported]) {
      const { stdout } = await unfreed(['export', file]);
      expect(JSON.parse(stdout)).toMatchObject({
        source: { timesAreCounts: true },
        stacks: [{ bytes: 819_200, growthBytesPerSecond: null, growth: null, verdict: null }],
      });
      for (const args of [
        ['top', file],
        ['export', file, '--format', 'markdown'],
        ['export', file, '--format', 'csv'],
        ['info', file],
        ['diff', file, file],
      ]) {
        const ran = await unfreed(args);
        expect(ran.code).toBe(0);
        expect(ran.stdout).not.toMatch(/\d[kMG]?i?B?\/(?:s|h|day)\b/);
      }
      const checked = await unfreed(['top', file, '--fail-if', 'growing > 1M/h']);
      expect(checked.stderr).toContain('the unit of the times in the trace is not known');
      expect((await unfreed(['top', file])).stdout).toContain('no verdicts: the unit of time is not known');
    }
  });
});
