/** A trace of processes from the collector's bytes to the report: rows, sentences, resident memory, selection. */
import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../src/decode/stream/stream-decoder.js';
import { encodeHtml } from '../../src/export/html.js';
import { encodeMarkdown } from '../../src/export/markdown.js';
import { encodeText } from '../../src/export/text.js';
import { processesOf } from '../../src/rank/breakdown/processes.js';
import { diffReports } from '../../src/rank/diff/diff.js';
import type { DiffInput } from '../../src/rank/report/diff-report.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../../src/session/pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../../src/session/pipeline/symbol-log.js';
import { KIND, ProcessStream, threadStacks } from '../helpers/process-stream.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1e9;

function pipelineOf(bytes: Uint8Array): Pipeline {
  const pipeline = new Pipeline('recording', { symbolLog: new SymbolLog() });
  const decoder = new StreamDecoder(pipeline, pipeline.dictionary);
  decoder.push(bytes);
  decoder.finish();
  return pipeline;
}

function reportOf(bytes: Uint8Array, selection: Partial<Selection> = {}): Report {
  return pipelineOf(bytes).report({ ...defaultSelection(50), ...selection });
}

const stacks = threadStacks(30);
const heap = threadStacks(30, true);

describe('a process that never unmaps the stacks of its threads', () => {
  const report = reportOf(stacks, { group: 'finding' });

  it('is told by the call path, its pace, and what is resident', () => {
    expect(report.conclusions.map(({ kind, text, detail }) => [kind, text, detail])).toEqual([
      [
        'growing',
        'server 4711 holds 2.34 MiB of mappings of spawn_worker and takes 4.69 MiB/min more.',
        'By spawn_worker < main. RSS 240 KiB of 2.34 MiB. Nothing of it was unmapped.',
      ],
      [
        'process',
        'server 4711: VmSize 4.79 MiB (+2.34 MiB), RSS 1.02 MiB (+240 KiB).',
        'The mappings seen explain VmSize to the page.',
      ],
    ]);
    expect(report.conclusions[0].next).toBe('unfreed top --grep spawn_worker --frames');
  });

  it('has a row of 60 stacks of 40 KiB, and what was there before in rows of its own', () => {
    const [first, ...before] = report.stacks;
    expect(first).toMatchObject({
      allocator: 'map',
      category: 'mapped',
      verdict: 'growing',
      bytes: 60 * 40 * KIB,
      count: 600,
      ranges: 60,
      resident: { bytes: 60 * 4 * KIB, ofBytes: 60 * 40 * KIB },
      holder: { kind: 'process', name: 'server', pid: 4711 },
    });
    expect(before.map(({ noun, bytes, meaning, category }) => [noun, bytes, meaning, category])).toEqual([
      ['[heap], from before the trace', MIB, 'before', 'heap'],
      ['libc.so.6, from before the trace', MIB, 'before', 'file mapping'],
      ['server, from before the trace', 324 * KIB, 'before', 'file mapping'],
      ['[stack], from before the trace', 132 * KIB, 'before', 'thread stack'],
    ]);
  });

  it('has its sizes and faults over time', () => {
    const [server] = report.processes ?? [];
    expect(server).toMatchObject({
      number: 1,
      pid: 4711,
      name: 'server',
      exe: '/srv/bin/server',
      why: 'first',
      endedNs: null,
    });
    expect(server.first?.vsz).toBe(2504 * KIB);
    expect(server.last?.vsz).toBe((2504 + 60 * 40) * KIB);
    expect(server.objects).toEqual({ mapped: (2504 + 60 * 40) * KIB, reserved: 0, heap: null });
    expect(server.series?.timesNs.at(-1)).toBe(30 * SECOND);
    expect(server.series?.minorPerSecond.slice(1)).toEqual(Array.from({ length: 30 }, () => 40));
    expect(server.series?.majorPerSecond.every((rate) => rate === 0)).toBe(true);
  });

  it('is the same after a checkpoint', () => {
    const pipeline = pipelineOf(stacks);
    const bytes = savePipeline(pipeline);
    if (bytes === null) throw new Error('this pipeline cannot be saved');
    const log = new SymbolLog();
    const decoder = new StreamDecoder(new Pipeline('recording', { symbolLog: log }), pipeline.dictionary);
    decoder.push(stacks);
    const restored = restorePipeline(bytes, 'recording', pipeline.dictionary, log);
    const selection = { ...defaultSelection(50), group: 'finding' as const };
    expect(restored.report(selection).processes).toEqual(pipeline.report(selection).processes);
    expect(restored.report(selection).conclusions).toEqual(pipeline.report(selection).conclusions);
  });
});

describe('no text of a trace of processes speaks of the machine', () => {
  const words = /meminfo|kernel's|unaccounted|slab|page cache|vmalloc|percpu/i;

  it.each([
    ['text', (report: Report) => encodeText(report, { columns: 100, frames: true })],
    ['markdown', encodeMarkdown],
    // The scripts of a page are the same for all.
    ['html', (report: Report) => encodeHtml(report).replaceAll(/<(script|style)\b.*?<\/\1>/gs, '')],
  ] as const)('%s', (_, encode) => {
    for (const group of ['finding', 'stack'] as const) {
      expect(words.exec(encode(reportOf(heap, { group })))?.[0]).toBeUndefined();
    }
  });
});

describe('a heap', () => {
  it('is named by the first function that is no allocator, with its share that came back', () => {
    const [row] = reportOf(heap, { allocators: ['heap'] }).stacks;
    expect(row).toMatchObject({ allocator: 'heap', category: 'heap', count: 480, allocCount: 960, freeCount: 480 });
    expect(row.frames[row.firstFrame].symbol).toBe('cache_add(char const*)');
    expect(row.noun).toBe('heap memory of cache_add');
  });

  it('counts no byte twice: what malloc() mapped for its blocks comes last, and is in no sum', () => {
    const stream = new ProcessStream().begin({ allocators: ['heap', 'map', 'reserved'] });
    const task = { pid: 9, number: 1, comm: stream.task('loader') };
    stream.process(0, 'first', task);
    const brk = 'brk@libc.so.6 < sbrk@libc.so.6 < sysmalloc@libc.so.6 < malloc@libc.so.6 < load@loader';
    stream.alloc(1e6, KIND.map, task, 0x10000000, 132 * KIB, stream.path(brk));
    stream.alloc(2e6, KIND.heapAlloc, task, 0x10000010, 100_000, stream.path('malloc@libc.so.6 < load@loader'));
    const report = reportOf(stream.end(1e9, 1, '').bytes());
    expect(report.stacks.map(({ allocator, category, noun }) => [allocator, category, noun])).toEqual([
      ['heap', 'heap', 'heap memory of load'],
      ['map', 'backing', 'pages under heap blocks of load'],
    ]);
    expect(report.outstanding.distinct.bytes).toBe(100_000);
    expect(report.outstanding.backing.bytes).toBe(132 * KIB);
  });

  it('has its blocks with addresses, pids and ages', () => {
    const pipeline = pipelineOf(heap);
    const selection = { ...defaultSelection(50), allocators: ['heap' as const] };
    const [row] = pipeline.report(selection).stacks;
    const detail = pipeline.detail(selection, row.stackId);
    expect(detail?.addresses).toHaveLength(32);
    expect(detail?.addresses[0]).toMatchObject({ address: '0x1011010', bytes: 4096, pid: 4711, comm: 'server' });
  });
});

const shown = (selection: Partial<Selection>): string[] => reportOf(heap, selection).stacks.map(({ noun }) => noun);

describe('a selection', () => {
  it.each<[Partial<Selection>, string[]]>([
    [{ pid: 1 }, []],
    [{ grep: 'cache_add' }, ['heap memory of cache_add']],
    [{ module: 'ld.so' }, []],
    [{ allocators: ['heap'] }, ['heap memory of cache_add']],
    [{ categories: ['mapped'] }, ['mappings of spawn_worker']],
    [{ categories: ['thread stack'] }, ['[stack], from before the trace']],
    [{ olderNs: 29 * SECOND, allocators: ['heap'] }, ['heap memory of cache_add']],
    [{ minSizeBytes: MIB }, ['[heap], from before the trace', 'libc.so.6, from before the trace']],
    [{ hide: 'spawn|before|server|libc|heap|stack' }, []],
  ])('%j', (selection, nouns) => {
    expect(shown(selection)).toEqual(nouns);
  });
});

describe('processes that fork, run another program and end', () => {
  const stream = new ProcessStream().begin();
  const comm = stream.task('worker');
  const parent = { pid: 10, number: 1, comm };
  stream.process(0, 'first', parent, { exe: '/bin/worker' });
  const path = stream.path('mmap@libc.so.6 < pool_new@worker < main@worker');
  stream.alloc(1e9, KIND.map, parent, 0x10000000, 2 * MIB, path);
  stream.process(2e9, 'fork', { pid: 11, number: 2, comm }, { parent: 1 });
  stream.process(3e9, 'exec', { pid: 11, number: 3, comm }, { parent: 2, exe: '/bin/other' });
  stream.spaces(3.5e9, [
    { number: 1, pid: 10, vm_size_kb: 2048, rss_kb: 8 },
    { number: 3, pid: 11, vm_size_kb: 12, rss_kb: 4 },
  ]);
  stream.process(4e9, 'exit', parent);
  const report = reportOf(stream.end(5e9, 1, '').bytes());

  it('are told apart, with when each began and ended', () => {
    expect(
      report.processes?.map(({ number, pid, why, parent: from, exe, endedNs }) => [
        number,
        pid,
        why,
        from,
        exe,
        endedNs,
      ]),
    ).toEqual([
      [1, 10, 'first', 0, '/bin/worker', 4e9],
      [2, 11, 'fork', 1, '/bin/worker', 3e9],
      [3, 11, 'exec', 2, '/bin/other', null],
    ]);
    expect(report.processes?.map(({ objects }) => objects?.mapped)).toEqual([2 * MIB, undefined, 0]);
  });

  it('hold nothing when they have ended', () => {
    expect(report.stacks).toEqual([]);
  });
});

it('code that is made anew while the program runs does not divide what grows', () => {
  const stream = new ProcessStream().begin({ allocators: ['heap'] });
  const task = { pid: 5, number: 1, comm: stream.task('node') };
  stream.process(0, 'first', task);
  // Each has its turn: interpreted, baseline, optimised.
  const paths = ['0x7f1200001000', '0x7f1200002000', '0x7f1200003000'].map((code) =>
    stream.path(`malloc@libc.so.6 < make_buffer@node < ${code} < main@node`),
  );
  for (let i = 0; i < 300; i++) {
    stream.alloc(i * 1e8, KIND.heapAlloc, task, 0x10000 + i * 8192, 8000, paths[Math.floor(i / 100)]);
    if (i % 10 === 9) stream.clock(i * 1e8);
  }
  const report = reportOf(stream.end(30e9, 1, '').bytes(), { group: 'finding' });
  expect(report.stacks.map(({ verdict, merged, bytes }) => [verdict, merged?.stacks, bytes])).toEqual([
    ['growing', 3, 300 * 8000],
  ]);
  expect(report.conclusions[0].text).toMatch(/^node 5 holds 2\.29 MiB of heap memory of make_buffer and takes /);
});

/** A trace of so many seconds, to be compared. */
function side(seconds: number): DiffInput {
  const pipeline = pipelineOf(threadStacks(seconds));
  const selection = defaultSelection(1000);
  return { name: `${seconds}`, report: pipeline.report(selection), processes: processesOf(pipeline, selection) };
}

it('a diff compares the sizes of processes, and says nothing of the machine', () => {
  const diff = diffReports(side(10), side(30), { sameTrace: false, sort: 'suspect', limit: 10 });
  expect(diff.processes).toMatchObject([
    {
      comm: 'server',
      pid: 4711,
      change: 'same',
      differenceBytes: 40 * 40 * KIB,
      sizes: {
        beforeVsz: (2504 + 20 * 40) * KIB,
        afterVsz: (2504 + 60 * 40) * KIB,
        beforeRss: (800 + 20 * 4) * KIB,
        afterRss: (800 + 60 * 4) * KIB,
      },
    },
  ]);
  expect(diff.conclusions[0].text).toMatch(
    /^server holds 2\.34 MiB of mappings of spawn_worker, which grew by 1\.56 MiB/,
  );
  expect(JSON.stringify(diff.conclusions)).not.toMatch(/meminfo|kernel/);
});
