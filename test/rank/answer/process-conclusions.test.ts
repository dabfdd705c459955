import { describe, expect, it } from 'vitest';
import { processConclusions } from '../../../src/rank/answer/process-conclusions.js';
import { heapText, pathText, processSubject } from '../../../src/rank/answer/process-words.js';
import type { ProcessFigures, TracedProcess } from '../../../src/rank/report/report-memory.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { fixtureReport } from '../../helpers/report-fixture.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1e9;

function figures(timeNs: number, more: Partial<ProcessFigures>): ProcessFigures {
  return {
    timeNs,
    vsz: 0,
    rss: 0,
    anon: 0,
    file: 0,
    shmem: 0,
    swap: 0,
    peakRss: 0,
    minorFaults: 0,
    majorFaults: 0,
    heap: null,
    late: 0,
    gone: 0,
    ...more,
  };
}

function traced(more: Partial<TracedProcess> = {}): TracedProcess {
  return {
    number: 1,
    pid: 4711,
    name: 'server',
    exe: '/srv/bin/server',
    cmdline: 'server',
    cgroup: null,
    startNs: 5,
    why: 'first',
    parent: 0,
    sinceNs: 0,
    endedNs: null,
    stays: false,
    first: figures(0, { vsz: 2504 * KIB, rss: 800 * KIB }),
    last: figures(18 * SECOND, { vsz: 2664 * KIB, rss: 816 * KIB }),
    objects: { mapped: 2664 * KIB, reserved: 0, heap: null },
    heapBytes: null,
    otherResidentBytes: null,
    series: null,
    ...more,
  };
}

function frame(symbol: string, module: string): ReportStack['frames'][number] {
  return { symbol, offset: 16, module, address: '0x4000010000001000' };
}

function row(more: Partial<ReportStack> = {}): ReportStack {
  return {
    ...fixtureReport().stacks[0],
    allocator: 'map',
    category: 'mapped',
    noun: 'mappings of spawn_worker',
    bytes: 160 * KIB,
    count: 40,
    allocCount: 40,
    freeCount: 0,
    missedFrees: 0,
    estimate: null,
    verdict: 'growing',
    reliability: 'plausible',
    meaning: 'outstanding',
    baseline: false,
    cgroups: [],
    holder: { kind: 'process', name: 'server', pid: 4711, more: 0 },
    growth: {
      bytesPerHour: 29_491_200,
      lowBytesPerHour: 29_491_200,
      highBytesPerHour: 29_491_200,
      confidence: 1,
      sinceNs: 0,
    },
    frames: [frame('mmap', 'libc.so.6'), frame('spawn_worker', 'server'), frame('main', 'server')],
    firstFrame: 1,
    interruptedFrom: null,
    ...more,
  };
}

const REPORT = fixtureReport();

/** The sentences, a text and a detail each. */
function said(
  processes: TracedProcess[],
  growing: ReportStack[] = [],
  { isEarly = false, own = 0 } = {},
): [string, string | null][] {
  const self = { bytes: own, count: 0 };
  const report = { ...REPORT, durationNs: 18 * SECOND, processes, findings: growing, self };
  return processConclusions(report, { growing, floorBytesPerHour: 1200 * KIB, isEarly }).map(({ text, detail }) => [
    text,
    detail,
  ]);
}

/** The command behind the sentence on a row that grows. */
function next(more: Partial<ReportStack>): string | null {
  const report = { ...REPORT, processes: [], findings: [] };
  return processConclusions(report, { growing: [row(more)], floorBytesPerHour: 0, isEarly: false })[0].next;
}

describe('the sentences on a trace of processes', () => {
  it('say what grows, by which call path, and how large the process is', () => {
    expect(said([traced()], [row()])).toEqual([
      [
        'server 4711 holds 160 KiB of mappings of spawn_worker and takes 480 KiB/min more.',
        'By spawn_worker < main. Nothing of it was unmapped.',
      ],
      [
        'server 4711: VmSize 2.60 MiB (+160 KiB), RSS 816 KiB (+16.0 KiB).',
        'The mappings seen explain VmSize to the page.',
      ],
    ]);
  });

  it('read stacks of threads as such, and say what is resident', () => {
    const stack = row({ category: 'thread stack', resident: { bytes: 16 * KIB, ofBytes: 160 * KIB } });
    expect(said([], [stack])[0][1]).toBe(
      'By spawn_worker < main. RSS 16.0 KiB of 160 KiB. ' +
        'None of these stacks was unmapped: those of threads that have ended stay until they are joined or detached.',
    );
  });

  it('say how much comes back', () => {
    const heap = row({ allocator: 'heap', category: 'heap', allocCount: 100, freeCount: 20, missedFrees: 4 });
    expect(said([], [heap])[0][1]).toContain('24% of all that was taken so was freed.');
  });

  it('say what of VmSize no mapping explains', () => {
    const more = traced({ objects: { mapped: 2640 * KIB, reserved: 12 * KIB, heap: null } });
    const less = traced({ objects: { mapped: 2672 * KIB, reserved: 0, heap: null } });
    expect(said([more])[1][1]).toBe('Unexplained: 12.0 KiB of VmSize, in no mapping that was seen.');
    expect(said([less])[1][1]).toBe('Unexplained: the mappings seen exceed VmSize by 8.00 KiB.');
  });

  it('tell fragmentation, or what is older than the trace, from the heap', () => {
    const last = figures(18 * SECOND, { vsz: 700 * MIB, rss: 610 * MIB, anon: 600 * MIB });
    const first = figures(0, { vsz: 700 * MIB });
    const process = traced({ first, last, objects: { mapped: 600 * MIB, reserved: 100 * MIB, heap: 88 * MIB } });
    expect(said([process])[1][1]).toBe(
      'The mappings seen explain VmSize to the page. 100 MiB of it is reserved: no access is allowed. ' +
        'RssAnon 600 MiB, heap blocks held 88.0 MiB: fragmentation or from before the trace: 512 MiB. ' +
        'Its resident size rose within what it had mapped before.',
    );
    // What it mapped meanwhile may be what it touched.
    expect(said([traced({ last })])[1][1]).not.toContain('resident size rose');
    expect(
      heapText({
        last: figures(0, { anon: 90 * MIB }),
        objects: { mapped: 0, reserved: 0, heap: 88 * MIB },
        otherResidentBytes: null,
      }),
    ).toBe('RssAnon 90.0 MiB, heap blocks held 88.0 MiB.');
  });

  it('say that nothing grows, or that it is too early', () => {
    expect(said([traced()])[0]).toEqual([
      'Nothing grows. Address space changed by +160 KiB in 18.0s.',
      'A leak of 20.0 KiB/min or more would show by now; a slower one needs more time.',
    ]);
    expect(said([traced()], [], { isEarly: true })[0][0]).toBe(
      'Too early to say after 18.0s: growth shows from about 12.0s on.',
    );
  });

  it('leave out a program before an exec, and say of one that ended what it was', () => {
    const before = traced({ number: 1, endedNs: 3 * SECOND });
    const after = traced({ number: 2, why: 'exec', parent: 1, sinceNs: 3 * SECOND, endedNs: 9 * SECOND, stays: true });
    expect(said([before, after]).map(([text]) => text)).toEqual([
      'Nothing grows. Address space changed by +160 KiB in 18.0s.',
      'server 4711 ended 6.00s after it was first seen; at last VmSize 2.60 MiB (+160 KiB), RSS 816 KiB (+16.0 KiB).',
    ]);
  });

  it('name three of many processes, those that changed most first', () => {
    const many = Array.from({ length: 6 }, (_, i) =>
      traced({ number: i + 1, pid: 100 + i, first: figures(0, { vsz: 2664 * KIB - i * 4096 }) }),
    );
    const texts = said(many).map(([text]) => text);
    expect(texts.slice(1).map((text) => text.split(':')[0])).toEqual([
      'server 105',
      'server 104',
      'server 103',
      '3 more processes are traced.',
    ]);
  });

  it('name the command that shows more: the blocks of a heap of which only the pages are traced, or the call path', () => {
    expect(next({ category: 'heap' })).toBe('unfreed live -p 4711 --heap');
    expect(next({ allocator: 'heap', category: 'heap' })).toBe('unfreed top --grep spawn_worker --frames');
    expect(next({ frames: [{ symbol: '$(reboot)', offset: 0, module: 'x', address: '' }], firstFrame: 0 })).toBeNull();
  });

  it('say of a program that freed its heap as it ended when that was largest', () => {
    const ended = traced({ endedNs: 12 * SECOND, stays: true });
    const heap = { ...REPORT.outstanding.slab, bytes: MIB, peakBytes: 4 * MIB, peakNs: 11 * SECOND };
    const texts = (bytes: number, process: TracedProcess): string[] =>
      processConclusions(
        {
          ...REPORT,
          processes: [process],
          findings: [],
          outstanding: { ...REPORT.outstanding, heap: { ...heap, bytes } },
        },
        { growing: [], floorBytesPerHour: 0, isEarly: false },
      ).map(({ text }) => text);
    const sentence = 'Its heap was largest after 11.0s, 4.00 MiB: --at peak shows what was held then.';
    expect(texts(MIB, ended).at(-1)).toBe(sentence);
    expect(texts(3 * MIB, ended)).not.toContain(sentence);
    expect(texts(MIB, traced())).not.toContain(sentence);
  });

  it('say what of it is the tracer’s own', () => {
    expect(said([traced()], [], { own: 1 * MIB })[1][1]).toBe(
      "The mappings seen explain VmSize to the page. 1.00 MiB of it is unfreed's own.",
    );
  });

  it('have no word of the machine', () => {
    const all = said([traced({ heapBytes: 3 })], [row(), row({ category: 'heap', allocator: 'heap' })])
      .flat()
      .join(' ');
    expect(all).not.toMatch(/meminfo|kernel|gap|slab|page cache/i);
  });
});

it('names a process with its container, and cuts what is long', () => {
  expect(processSubject({ name: 'x'.repeat(40), pid: 7, cgroup: 'docker 3f2a9c0b1d2e' })).toBe(
    `${'x'.repeat(23)}… 7 (docker 3f2a9c0b1d2e)`,
  );
});

it('writes call paths without arguments, and at most four functions', () => {
  const frames = [
    'operator new(unsigned long)',
    '(anonymous namespace)::a(int)',
    'B::operator()(int)',
    'c',
    'd',
    'e',
  ].map((symbol) => ({
    symbol,
    offset: 0,
    module: 'p',
    address: '',
  }));
  expect(pathText({ frames, firstFrame: 1, baseline: false })).toBe('a < B::operator() < c < d …');
  expect(pathText({ frames: [], firstFrame: 0, baseline: false })).toBe('');
});
