/** Tables of the results, for the terminal and for RESULTS.md. */
import type { Row } from './compare.js';
import { isWithinInterval, type SampleRow } from './compare-modes.js';
import { ordinal } from './holes.js';
import { GUEST_MODES, type GuestMode } from './modes.js';
import type { SpacesResult } from './spaces.js';

export interface KernelResult {
  series: string;
  release: string;
  mode: GuestMode;
  accelerator: string;
  seconds: number;
  rows: Row[];
  /** Failures other than wrong numbers. */
  failures: string[];
  /** Events that the collector counted as lost. */
  losses: string[];
  hooks: string[];
  notes: string[];
  /** Address spaces of processes; null where they are not traced. */
  spaces: SpacesResult | null;
}

const HEAD = ['module', 'function', 'kind', 'truth', 'unfreed', 'error', 'answer', 'note'];
const SAMPLE_HEAD = ['module', 'function', 'kind', 'truth', 'in the sample', 'unfreed', 'estimate', 'answer', 'note'];

/** Returns a Markdown table with aligned columns, readable as plain text. */
export function formatTable(rows: Row[], mode: GuestMode): string {
  const head = mode === 'sample' ? SAMPLE_HEAD : HEAD;
  const lines = rows.map((row) => (isOfSample(row) ? sampleCells(row) : cells(row)));
  const widths = head.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i].length)));
  const format = (line: string[]): string => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [format(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(format)].join('\n');
}

function isOfSample(row: Row): row is SampleRow {
  return 'inSample' in row;
}

function sampleCells(row: SampleRow): string[] {
  const { truth, traced, measured, inSample, answer, expected, note } = row;
  const { estimate } = measured;
  const within = isWithinInterval(row);
  const said = [
    note,
    within === false ? 'truth outside the interval' : '',
    expected
      ? ''
      : `UNEXPECTED: allocs ${inSample.allocs}/${measured.allocs}, frees ${inSample.frees}/${measured.frees}`,
  ];
  return [
    truth.module,
    truth.fn,
    truth.kind,
    amount(traced.liveCount, traced.liveBytes),
    amount(inSample.liveCount, inSample.liveBytes),
    amount(measured.liveCount, measured.liveBytes),
    estimate === null || measured.liveCount === 0
      ? ''
      : [estimate.count, estimate.lowCount, estimate.highCount].map((n) => n.toLocaleString('en')).join(', '),
    answer,
    said.filter((text) => text !== '').join('; '),
  ];
}

function cells({ truth, traced, measured, answer, expected, hole, note }: Row): string[] {
  const said = [
    measured.missedFrees > 0 ? `${measured.missedFrees} frees noticed by reuse` : '',
    note,
    hole !== null && answer === hole.shape ? hole.reason : '',
    expected ? '' : `UNEXPECTED: allocs ${traced.allocs}/${measured.allocs}, frees ${traced.frees}/${measured.frees}`,
  ];
  return [
    truth.module,
    truth.fn,
    truth.kind,
    amount(traced.liveCount, traced.liveBytes),
    amount(measured.liveCount, measured.liveBytes),
    (measured.liveBytes - traced.liveBytes).toLocaleString('en'),
    answer,
    said.filter((text) => text !== '').join('; '),
  ];
}

function amount(count: number, bytes: number): string {
  return `${count.toLocaleString('en')} (${bytes.toLocaleString('en')} B)`;
}

/** Returns the section of a kernel. `how` is when and where it ran, for the summary. */
export function formatKernel(result: KernelResult, how: string): string {
  const exact = result.rows.filter(({ answer }) => answer === 'exact').length;
  const title =
    result.mode === 'all'
      ? `## Linux ${result.release}`
      : `### Linux ${result.release}, ${result.mode}: ${GUEST_MODES[result.mode].what}`;
  const summary =
    `${exact} of ${result.rows.length} planted functions exact, ` +
    `${result.rows.filter(({ answer }) => answer === 'within losses').length} within the losses that were counted, ` +
    `${result.rows.filter((row) => row.hole !== null && row.expected).length} hidden by the kernel, ` +
    `${result.rows.filter((row) => !row.expected).length} unexpected. ` +
    `${intervals(result)}${result.accelerator.toUpperCase()}, ${result.seconds.toFixed(0)} s with boot (${how}).`;
  const lines = [title, '', summary, '', formatTable(result.rows, result.mode), ''];
  if (result.spaces !== null) {
    const { exact: right, failures } = result.spaces;
    lines.push(`Memory of processes: ${right} of ${right + failures.length} cases exact.`, '');
  }
  if (result.failures.length > 0) lines.push(...result.failures.map((text) => `- FAILED: ${text}`), '');
  if (result.losses.length > 0) lines.push(`Events lost and counted: ${result.losses.join(', ')}.`, '');
  if (result.mode === 'all') lines.push(`Hooks: ${result.hooks.join(', ')}.`, '');
  if (result.mode === 'all' && result.notes.length > 0)
    lines.push(`The collector says: ${result.notes.join('; ')}.`, '');
  return lines.join('\n');
}

/** Returns, for a sample, how often the truth is in the interval. */
function intervals({ mode, rows }: KernelResult): string {
  if (mode !== 'sample') return '';
  const known = rows.map(isWithinInterval).filter((each) => each !== null);
  return `The truth is in the 95 % interval of ${known.filter(Boolean).length} of ${known.length} that were seen. `;
}

const PREFACE = `# Guest kernels: last results

Written by \`npm run test:guest -- --write\`. Truth and unfreed: outstanding at the end, as pages (page, vmalloc) or objects
(slab, percpu), and bytes. "exact": allocs, frees, count and bytes agree. "within losses": off by no more than the collector
counted as lost (usually in the number of allocs and frees; the error column shows what it did to the bytes). The other
answers: holes.ts.
`;

const MODES_TITLE = '## In other modes';
const MODES_PREFACE = `${MODES_TITLE}

Written by \`npm run test:guest -- --modes --write\`; what "exact" means in each is in compare-modes.ts. Survivors: what is
outstanding at the end is the truth to the byte; of allocs and frees young pairs are not sent, the same number of each, and
the collector counts them. Sample: allocs, frees, count and bytes are those at the addresses that are in the sample, which a
second trace of every event tells; estimate: what it stands for with its 95 % interval, in pages or objects. Pages are in a
sample by neighbourhoods of 4 MiB, of which a guest has few: none of a function's may be in it.
`;

const CENSUS_TITLE = '## The census';
const CENSUS_PREFACE = `${CENSUS_TITLE}

Written by \`npm run test:guest -- --census --write\`; what each look must show is in census/compare.ts. After each load of
known size a look says what there is more of. Then, idle and busy, all stages: whether the holders of those pages are named
rightly, and what was found of a module's memory that nothing refers to. "kaslr": the kernel chose its addresses by chance,
and has page tables of five levels if it knows them.
`;

/** Returns the key of a kernel's section in a mode, in RESULTS.md. */
export function sectionKey({ series, mode }: Pick<KernelResult, 'series' | 'mode'>): string {
  return mode === 'all' ? series : `${series} ${mode}`;
}

/** Returns the sections of RESULTS.md by sectionKey(). */
export function splitResults(text: string): Map<string, string> {
  const sections = text.split(/^(?=##+ )/m).slice(1);
  const keyed = sections.flatMap((section): [string, string][] => {
    const match = /^##+ Linux (\d+\.\d+)[^\s,]*(?:, (\w+):)?/.exec(section);
    if (match === null) return [];
    return [[match[2] === undefined ? match[1] : `${match[1]} ${match[2]}`, section]];
  });
  return new Map(keyed);
}

export function joinResults(sections: Map<string, string>): string {
  const ordered = [...sections].toSorted(
    ([a], [b]) => ordinal(a.split(' ')[0]) - ordinal(b.split(' ')[0]) || a.localeCompare(b, 'en'),
  );
  const those = (...modes: string[]): string[] =>
    ordered.filter(([key]) => modes.includes(key.split(' ')[1] ?? '')).map(([, section]) => section.trimEnd());
  const parts = [
    [PREFACE, ...those('')],
    [MODES_PREFACE, ...those(...Object.keys(GUEST_MODES))],
    [CENSUS_PREFACE, ...those('census', 'kaslr')],
  ];
  return (
    parts
      .flatMap(([preface, ...found], i) => (i > 0 && found.length === 0 ? [] : [preface.trimEnd(), ...found]))
      .join('\n\n') + '\n'
  );
}
