/** Reports of texts that do not cover all frees: what is said, and which verdicts are not given. */
import { describe, expect, it } from 'vitest';
import { createTextDecoder } from '../../../src/decode/text-decoders.js';
import { encodeCsv } from '../../../src/export/csv.js';
import { encodeFolded } from '../../../src/export/folded.js';
import { encodeHtml } from '../../../src/export/html.js';
import { encodeMarkdown } from '../../../src/export/markdown.js';
import { encodeSpeedscope } from '../../../src/export/speedscope.js';
import { encodeText } from '../../../src/export/text.js';
import { parseCondition } from '../../../src/rank/conditions/conditions.js';
import { REPORT_CONDITIONS, verifyReport } from '../../../src/rank/conditions/report-conditions.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { eventLine, inOrderOfTime, leakText, perfHeader, WITH_PERIOD } from '../../helpers/perf-text.js';

function pipelineOf(text: string): Pipeline {
  const pipeline = new Pipeline('recording');
  const decoder = createTextDecoder('perf-script', pipeline, pipeline.dictionary, { userFrames: false });
  decoder.push(new TextEncoder().encode(text));
  decoder.finish();
  return pipeline;
}

function reportOf(text: string, selection: Partial<Selection> = {}): Report {
  return pipelineOf(text).report({ ...defaultSelection(100), ...selection });
}

const row = ({ stacks }: Report, symbol: string): ReportStack => {
  const found = stacks.find(({ frames }) => frames.some((frame) => frame.symbol === symbol));
  if (found === undefined) throw new Error(`no row of ${symbol}`);
  return found;
};

/** The result of a condition: 'holds', 'no', or the reason why it cannot be told. */
function verdictOf(text: string, report: Report): string {
  const { ok } = parseCondition(text, REPORT_CONDITIONS);
  if (ok === null) throw new Error(text);
  const { finding, untold } = verifyReport(ok, report);
  return untold ?? (finding === null ? 'no' : 'holds');
}

const LISTED = [eventLine('kmem:kmalloc'), eventLine('kmem:kfree')];
const WHOLE = perfHeader({ cmdline: 'perf record -a -e kmem:* -- sleep 20', events: LISTED }) + leakText();
const ALLOCS = leakText({ frees: false });
const OF_COMMAND = perfHeader({ cmdline: 'perf record -e kmem:* -- ./load', events: LISTED }) + leakText();
const SAMPLED =
  perfHeader({
    cmdline: 'perf record -a -F 99 -e kmem:*',
    events: LISTED.map((line) => line.replace(WITH_PERIOD, `${WITH_PERIOD}, freq = 1`)),
  }) + leakText();

describe('a text that covers all', () => {
  const report = reportOf(WHOLE);

  it('gets its verdict, and is outstanding', () => {
    expect(row(report, 'leak_step')).toMatchObject({ meaning: 'outstanding', verdict: 'growing' });
    expect(report.outstanding.slab).toMatchObject({ meaning: 'outstanding', allocBytes: 400 * 4096 });
    expect(report.source.coverage).toEqual([]);
    expect(verdictOf('growing', report)).toBe('holds');
  });
});

describe('a text of allocs alone', () => {
  const report = reportOf(ALLOCS);

  it('has no verdict, no growth and no trust to speak of', () => {
    for (const stack of report.stacks) {
      expect(stack).toMatchObject({ meaning: 'allocated', verdict: null, verdictReason: null, growth: null });
      expect(stack.reliability).toBe('plausible');
      expect(stack.evidence.reason).toBe('no free of kmalloc was seen');
    }
    expect(report.stacks).toHaveLength(2);
  });

  it('does not call missed frees what was never traced', () => {
    // Every address is used ten times.
    const again = ALLOCS.replaceAll(/ptr=(0xffff888[12])[0-9a-f]{4}/g, 'ptr=$10100');
    for (const stack of reportOf(again).stacks) {
      expect(stack.missedFrees).toBeGreaterThan(3);
      expect(stack).toMatchObject({ reliability: 'plausible', verdict: null });
    }
  });

  it('is allocated, not outstanding, wherever totals are printed', () => {
    const text = encodeText(report, { columns: 10_000, frames: false });
    expect(text).toContain('outstanding slab not known (1.56 MiB allocated, frees not traced)\n');
    expect(text).not.toContain('together');
    expect(text).toContain('the text has allocations by kmalloc and no kfree');
    expect(text).toContain('frees not traced: allocated 800 KiB in 19.9s, 40.2 KiB/s');
    expect(text).not.toContain('freed 0 %');
    expect(encodeMarkdown(report)).toContain('## Kernel memory allocated (frees not traced), by call path');
    expect(encodeFolded(report)).toContain('\n[allocated (frees not traced)] 0\n');
    expect(encodeCsv(report).split('\r\n')[1]).toMatch(/,allocated,/);
    expect(encodeSpeedscope(report)).toContain('"allocated (frees not traced) bytes"');
    expect(encodeHtml(report)).toContain('<h2>Kernel memory allocated (frees not traced), by call path</h2>');
  });

  it.each(['growing', 'growing > 1k/h including unreliable', 'total bytes > 1k', 'any count > 2', 'age > 1s'])(
    '%s cannot be told',
    (condition) => {
      expect(verdictOf(condition, report)).toBe('no free of kmalloc was seen');
    },
  );

  it('decides what needs no frees, and what no figure reaches', () => {
    expect(verdictOf('allocs > 100', report)).toBe('holds');
    expect(verdictOf('bytes > 1G', report)).toBe('no');
    expect(verdictOf('total bytes > 1k including unreliable', report)).toBe('holds');
    expect(verdictOf('lost > 0', report)).toBe('no');
  });

  it.each(['path', 'site', 'comm', 'cache', 'category'] as const)('rows by %s have no verdict either', (group) => {
    for (const stack of reportOf(ALLOCS, { group }).stacks) {
      expect(stack).toMatchObject({ meaning: 'allocated', verdict: null, growth: null, reliability: 'plausible' });
    }
  });
});

describe('a text in which one kind has no frees', () => {
  const report = reportOf(inOrderOfTime(leakText(), leakText({ frees: false, name: 'kmem_cache_alloc' })));

  it('judges the other kind', () => {
    const rows = report.stacks.map(({ kind, meaning, verdict }) => [kind, meaning, verdict]);
    expect(rows).toContainEqual(['kmalloc', 'outstanding', 'growing']);
    expect(rows.filter(([kind]) => kind === 'kmem_cache_alloc')).toEqual([
      ['kmem_cache_alloc', 'allocated', null],
      ['kmem_cache_alloc', 'allocated', null],
    ]);
    expect(report.outstanding.slab.meaning).toBe('at-most');
    expect(verdictOf('growing', report)).toBe('holds');
    expect(verdictOf('bytes > 1G', report)).toBe('no');
  });

  it('says why it cannot tell, if only the uncertain rows could exceed', () => {
    const only = { ...report, stacks: report.stacks.filter(({ kind }) => kind === 'kmem_cache_alloc') };
    expect(verdictOf('bytes > 100k', only)).toBe('no free of kmem_cache_alloc was seen');
    expect(verdictOf('growing', only)).toBe('no free of kmem_cache_alloc was seen');
  });
});

describe('a text of one command', () => {
  const report = reportOf(OF_COMMAND);

  it('gives an upper bound, and no verdict that says what is held', () => {
    expect(row(report, 'leak_step')).toMatchObject({ meaning: 'at-most', verdict: null, growth: null });
    expect(row(report, 'leak_step').evidence.reason).toContain('only some processes were traced');
    const text = encodeText(report, { columns: 10_000, frames: false });
    expect(text).toContain('outstanding slab at most 800 KiB  together at most 800 KiB');
    expect(verdictOf('growing', report)).toContain('only some processes were traced');
    expect(encodeMarkdown(report)).toContain('## Kernel memory outstanding at most, by call path');
  });
});

describe('a sample', () => {
  const report = reportOf(SAMPLED);

  it('is neither a total nor a bound', () => {
    expect(report.stacks.map(({ meaning, verdict, growth }) => [meaning, verdict, growth])).toEqual([
      ['sample', null, null],
    ]);
    const text = encodeText(report, { columns: 10_000, frames: false });
    expect(text).toContain('outstanding slab not known (800 KiB seen in a sample)\n');
    expect(verdictOf('any bytes > 1k', report)).toBe('the events are a sample, and frees are missing');
  });
});

describe('a replay', () => {
  it('knows at every time what the end of the text has shown', () => {
    const pipeline = pipelineOf(ALLOCS);
    const earlier = new Pipeline('recording');
    const decoder = createTextDecoder('perf-script', earlier, earlier.dictionary, { userFrames: false });
    earlier.takeCoverage(pipeline.facts.coverage);
    decoder.push(new TextEncoder().encode(ALLOCS.slice(0, ALLOCS.length / 2)));
    const { stacks, source } = earlier.report(defaultSelection(10));
    expect(source.coverage).toEqual(pipeline.facts.coverage);
    expect(stacks.map(({ meaning, verdict }) => [meaning, verdict])).toEqual([
      ['allocated', null],
      ['allocated', null],
    ]);
  });
});
