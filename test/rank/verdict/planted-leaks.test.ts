/** Verdicts on functions of kernel modules whose leaks are known; VERDICTS.md has the table. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rateUnitOf } from '../../../src/base/format.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { growthText } from '../../../src/rank/verdict/verdict-reasons.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';

const RECORDINGS = [
  '5.10-leak_pages',
  '6.1-leak_kmalloc',
  '6.12-leak_pages',
  '6.12-one_time',
  '6.1-page_split',
  '7.2-bulk_rcu',
];
const directory = new URL('../../../recordings/perf-script/', import.meta.url).pathname;

interface Truth {
  functions: { fn: string; allocs: number; live: number; live_bytes: number }[];
}

async function reportOf(name: string, part: Partial<Selection> = {}): Promise<Report> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(`${directory}${name}/perf-script.txt.gz`, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return pipeline.report({ ...defaultSelection(1000), ...part });
}

/** Rows through a function, without pages that back objects. */
function rowsThrough({ stacks }: Report, symbol: string): ReportStack[] {
  return stacks.filter(
    ({ category, frames }) => category !== 'backing' && frames.some((frame) => frame.symbol === symbol),
  );
}

function tableRow(name: string, { fn, allocs, live, live_bytes }: Truth['functions'][number], report: Report): string {
  const rows = rowsThrough(report, fn);
  expect(rows.length, fn).toBe(1);
  const [row] = rows;
  const growth =
    row.growth === null || row.verdict !== 'growing' ? '' : growthText(row.growth, rateUnitOf(report.durationNs));
  const judged = [row.verdict ?? 'none', growth, row.rank];
  return `| ${[name, fn, `${live} of ${allocs}, ${live_bytes} B`, ...judged].join(' | ')} |`.replaceAll(/ +/g, ' ');
}

it('are those of the table in VERDICTS.md, and nothing that was not planted is called growing', async () => {
  const rows: string[] = [];
  for (const name of RECORDINGS) {
    const truth = JSON.parse(readFileSync(`${directory}${name}/truth.json`, 'utf8')) as Truth;
    const report = await reportOf(name);
    for (const planted of truth.functions) {
      // Memory whose frees were all seen has no row.
      if (planted.live > 0 || rowsThrough(report, planted.fn).length > 0) rows.push(tableRow(name, planted, report));
    }
    const leaking = name.includes('leak') ? truth.functions.map(({ fn }) => fn) : [];
    const growing = report.stacks.filter(({ verdict }) => verdict === 'growing');
    expect(growing.map((stack) => stack.frames[stack.firstFrame].symbol).toSorted(), name).toEqual(leaking.toSorted());
    // Growing rows come first.
    expect(growing.map(({ rank }) => rank)).toEqual(growing.map((_, i) => i + 1));
  }
  const text = readFileSync(new URL('../../../src/rank/verdict/VERDICTS.md', import.meta.url), 'utf8');
  const table = text.split('\n').filter((line) => RECORDINGS.some((name) => line.startsWith(`| ${name} `)));
  expect(table.map((line) => line.replaceAll(/ +/g, ' '))).toEqual(rows);
});

it.each<Partial<Selection>>([
  { sort: 'verdict', limit: 1 },
  { sort: 'suspect', limit: 1 },
  { sort: 'growth', limit: 1 },
])('a leak that only ages tell of stands first: %o', async (part) => {
  const { stacks } = await reportOf('6.12-leak_pages', part);
  expect(stacks.map(({ verdict, bytes }) => [verdict, bytes])).toEqual([['growing', 245_760]]);
});

it.each<[part: Partial<Selection>, verdict: string | null]>([
  [{ comm: 'kthreadd' }, 'growing'],
  [{ minSizeBytes: 8192 }, 'growing'],
  [{ olderNs: 5e9 }, null],
])(
  'a selection that takes all of a call path leaves its verdict; a part by age has none: %o',
  async (part, verdict) => {
    const [row] = rowsThrough(await reportOf('6.12-leak_pages', part), 'lp_get_pages2');
    expect(row).toMatchObject({ rank: 1, verdict });
  },
);
