/** Reports and diffs of traces that carry a census: each format says what it says, with names that stay harmless. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import type { CensusReport } from '../../../src/census/report.js';
import { encodeDiffHtml } from '../../../src/export/diff/diff-html.js';
import { encodeDiffJson } from '../../../src/export/diff/diff-json.js';
import { encodeDiffMarkdown } from '../../../src/export/diff/diff-markdown.js';
import { encodeDiffText } from '../../../src/export/diff/diff-text.js';
import { encodeHtml } from '../../../src/export/html.js';
import { encodeJson } from '../../../src/export/json.js';
import { encodeMarkdown } from '../../../src/export/markdown.js';
import { parseReport } from '../../../src/export/report-json.js';
import { encodeText } from '../../../src/export/text.js';
import { diffReports } from '../../../src/rank/diff/diff.js';
import type { DiffReport } from '../../../src/rank/report/diff-report.js';
import type { Report } from '../../../src/rank/report/report.js';
import { exportReport } from '../../helpers/export-report.js';
import { outsideFences } from '../../helpers/markdown.js';
import { firstCensus, shownCensus, TAME } from '../../view/fixtures/census.js';

const HOSTILE = '\x1b[2J\u202e=cmd|evil\n```\n</script><img src=x>';
const HOSTILE_NAMES = { process: HOSTILE, cgroup: HOSTILE, cache: HOSTILE, symbol: HOSTILE };
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/;

function withCensus(census: CensusReport | null): Report {
  return { ...exportReport(), census };
}

const input = (name: string, census: CensusReport | null) => ({ name, report: withCensus(census), processes: null });

function diffOf(before: CensusReport | null, after: CensusReport | null): DiffReport {
  return diffReports(input('a', before), input('b', after), { sameTrace: false, sort: 'suspect', limit: 5 });
}

function validatorOf(name: string): ReturnType<Ajv['compile']> {
  const schema = new URL(`../../../src/export/${name}`, import.meta.url);
  return new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(schema, 'utf8')) as object,
  );
}

const textOf = (report: Report, group: 'finding' | 'stack'): string =>
  encodeText({ ...report, selection: { ...report.selection, group } }, { columns: 100, frames: false });
const DIFF_TEXT = { columns: 100, frames: false, quiet: false, processes: 3 };

const LINES = `\
census   14.1 GiB (59%) are in pages that no line of /proc/meminfo counts. 1 removed cgroup keeps
         40.0 MiB, most of it tmpfs and shared memory. Nothing was found that refers to 116 KiB of
         objects.
         14.0 GiB  rings of packet sockets: 112 packet sockets of suricata (pid 2211); kmalloc-1k <
         kmalloc-2k{sock_def_readable}
         62.5 MiB  pages of files or processes that were moved into pipes (splice, vmsplice): 1,000
         pipes of python3 (pid 411); kmalloc-cg-1k{user_page_pipe_buf_try_steal}
         1.11 MiB  kmalloc-96{uf_work} [leaky]
         Changed most in 18.0s: slab +1.17 MiB.`;

describe('a report', () => {
  it.each(['finding', 'stack'] as const)('as text by %s has its sentences, holders and changes', (group) => {
    expect(textOf(withCensus(shownCensus()), group)).toContain(LINES);
    expect(textOf(withCensus(null), group)).not.toContain('census');
    const once = textOf(withCensus(firstCensus()), group);
    expect(once).toContain('14.0 GiB  rings of packet sockets');
    expect(once).not.toContain('Changed most');
  });

  it('as JSON has it under census, by its schema, and is read back', () => {
    const report = withCensus(shownCensus());
    const validate = validatorOf('report.schema.json');
    const document = JSON.parse(encodeJson(report)) as Report;
    // The rest of the fixture is checked elsewhere.
    expect(typeof validate(document)).toBe('boolean');
    expect((validate.errors ?? []).filter(({ instancePath }) => instancePath.startsWith('/census'))).toEqual([]);
    expect(validate({ ...document, census: { ...document.census, holders: [{ class: 1 }] } })).toBe(false);
    expect((validate.errors ?? []).some(({ instancePath }) => instancePath.startsWith('/census/holders'))).toBe(true);
    const { ok } = parseReport(encodeJson(report));
    expect(ok?.census).toMatchObject({ timeMs: report.census?.timeMs, machine: report.census?.machine });
    expect(ok?.census?.holders?.[0]).toMatchObject({ text: 'rings of packet sockets', pages: 3_670_016 });
    const { census: _, ...older } = document;
    expect(parseReport(JSON.stringify(older)).ok?.census).toBeNull();
    expect(parseReport(JSON.stringify({ ...older, census: 'no' })).ok?.census).toBeNull();
  });

  it('as HTML and Markdown has a section', () => {
    const html = encodeHtml(withCensus(shownCensus()));
    expect(html).toContain('<section id="census" class="column"><h2>Every page (census)</h2>');
    expect(html).toContain('<td class="number">3,670,016</td>');
    expect(encodeHtml(withCensus(null))).not.toContain('id="census"');
    expect(encodeMarkdown(withCensus(shownCensus()))).toContain('## Census of the pages\n\n```text\n');
    expect(encodeMarkdown(withCensus(null))).not.toContain('Census');
  });
});

describe('a diff', () => {
  it('of two that carry one ends with what grew by class and holder', () => {
    const after = shownCensus();
    const grown = { ...after, holders: (after.holders ?? []).map((row) => ({ ...row, pages: row.pages + 512 })) };
    const diff = diffOf(firstCensus(), grown);
    expect(encodeDiffText(diff, DIFF_TEXT)).toContain(`\
census   What grew between the last censuses of both, 18.0s apart:
         by class of pages
         +1.17 MiB  589 MiB  slab
         by holder of what no line of meminfo counts
         +2.00 MiB 14.0 GiB  rings of packet sockets: 112 packet sockets of suricata (pid 2211)
`);
    expect(encodeDiffMarkdown(diff)).toContain('### Every page (census)\n\n```text\ncensus   What grew');
    expect(encodeDiffHtml(diff)).toContain('<h2>What grew between the last censuses of both, 18.0s apart</h2>');
    const validate = validatorOf('diff/diff.schema.json');
    expect(validate(JSON.parse(encodeDiffJson(diff))), JSON.stringify(validate.errors)).toBe(true);
  });

  it('says nothing of a census that one side lacks, or that both share', () => {
    for (const diff of [
      diffOf(null, firstCensus()),
      diffOf(firstCensus(), null),
      diffOf(firstCensus(), firstCensus()),
    ]) {
      expect(diff.census).toBeNull();
      expect(encodeDiffText(diff, DIFF_TEXT)).not.toContain('census');
      expect(encodeDiffHtml(diff)).not.toContain('census');
    }
  });

  it('says when nothing grew', () => {
    const later = { ...firstCensus(), timeMs: (firstCensus().timeMs ?? 0) + 60_000 };
    expect(encodeDiffText(diffOf(firstCensus(), later), DIFF_TEXT)).toContain('1m 00s apart: nothing.\n');
  });

  it('changes since a third census are none between the two', () => {
    const before = { ...firstCensus(), holders: null, types: null };
    const after = diffOf(before, shownCensus()).census;
    expect(after?.holders?.every(({ deltaPages }) => deltaPages === null)).toBe(true);
    expect(after?.types?.[0].rows.every(({ deltaObjects }) => deltaObjects === null)).toBe(true);
  });
});

describe('hostile names', () => {
  const report = withCensus(shownCensus(HOSTILE_NAMES));
  const diff = diffOf(firstCensus({ ...HOSTILE_NAMES, process: 'a' }), {
    ...shownCensus(HOSTILE_NAMES),
    holders: (shownCensus(HOSTILE_NAMES).holders ?? []).map((row) => ({ ...row, pages: row.pages + 9 })),
  });

  it('stay text in each format', () => {
    for (const text of [textOf(report, 'finding'), textOf(report, 'stack'), encodeDiffText(diff, DIFF_TEXT)]) {
      expect(text).not.toMatch(CONTROLS);
      for (const line of text.split('\n').filter((each) => each.startsWith('  '))) {
        expect(textWidth(line)).toBeLessThanOrEqual(100);
      }
    }
    const tame = withCensus(shownCensus({ ...TAME }));
    for (const [html, same] of [
      [encodeHtml(report), encodeHtml(tame)],
      [encodeDiffHtml(diff), encodeDiffHtml(diffOf(firstCensus(), shownCensus()))],
    ]) {
      expect(html).not.toMatch(CONTROLS);
      expect(html.match(/<img/g)).toBeNull();
      expect(html.match(/<\/?script/g)?.length).toBe(same.match(/<\/?script/g)?.length);
    }
    for (const markdown of [encodeMarkdown(report), encodeDiffMarkdown(diff)]) {
      expect(outsideFences(markdown)).not.toContain('evil');
    }
  });
});
