import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { formatCount } from '../../base/format.js';
import type { Pieces } from '../../base/pieces.js';
import { diffCsvPieces } from '../../export/diff/diff-csv.js';
import { diffFoldedPieces } from '../../export/diff/diff-folded.js';
import { diffHtmlPieces } from '../../export/diff/diff-html.js';
import { diffJsonPieces } from '../../export/diff/diff-json.js';
import { diffMarkdownPieces } from '../../export/diff/diff-markdown.js';
import { encodeDiffSvg } from '../../export/diff/diff-svg.js';
import { encodeDiffText } from '../../export/diff/diff-text.js';
import { parseReport, REPORT_START } from '../../export/report-json.js';
import { processesOf } from '../../rank/breakdown/processes.js';
import { diffReports } from '../../rank/diff/diff.js';
import type { DiffInput, DiffReport } from '../../rank/report/diff-report.js';
import { defaultSelection, type Selection } from '../../rank/report/selection.js';
import { formatMoment } from '../../recording/trace/damage-text.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import { beginsAsCensus, diffCensuses } from '../census/diff-censuses.js';
import { type DiffFormat, diffFormat } from '../options/diff-formats.js';
import { assertDiff } from '../options/fail-if.js';
import type { DiffFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { isStdout } from '../options/output-name.js';
import { selectionFrom } from '../options/selection-options.js';
import { readMoments } from '../traces/load-moments.js';
import { readRecording } from '../traces/load-trace.js';
import { refuseOutput, writeOutput } from '../traces/output.js';
import { assertNotEmpty, assertWholeRead } from '../traces/whole-read.js';

/** All call paths are compared; a limit applies to the listed ones only. */
const ALL_PATHS = 2 ** 31 - 1;
/** Default number of rows in the formats that people read. */
const TEXT_ROWS = 10;
const MARKDOWN_ROWS = 5;

/** The diff, and the checks to make once it has been written. */
interface Compared {
  diff: DiffReport;
  checks: (() => void)[];
}

/** Writes the growth between two recordings, texts, reports or censuses, or between two moments of one recording. */
export async function runDiff(files: [string, string | null], flags: DiffFlags): Promise<void> {
  const [first, second] = files;
  const format = diffFormat(flags.format, flags.output);
  const { output } = flags;
  if (!isStdout(output)) refuseOutput(files, output, { what: 'a diff', force: flags.force });
  const selection = selectionFrom(flags, ALL_PATHS);
  if (second !== null && [first, second].some(beginsAsCensus)) {
    await diffCensuses([first, second], format, { ...flags, selectsPaths: !isEverything(selection) });
    return;
  }
  const limit = flags.number ?? (format === 'text' ? TEXT_ROWS : format === 'markdown' ? MARKDOWN_ROWS : ALL_PATHS);
  const { diff, checks } =
    second === null ? await moments(first, flags, selection) : await traces([first, second], flags, selection);
  await writeOutput(output, encode({ ...diff, stacks: diff.stacks.slice(0, limit) }, format, flags), flags.force);
  warnOfLosses(diff);
  assertDiff(flags.failIf, diff);
  for (const check of checks) check();
}

async function moments(file: string, flags: DiffFlags, selection: Selection): Promise<Compared> {
  const { from, to } = flags;
  if (from === undefined && to === undefined) {
    throw new UserError(
      'nothing to compare it with',
      ['Give a second recording: unfreed diff A B', 'or two moments of this one: unfreed diff A --from 10s --to 1m'],
      { usage: true },
    );
  }
  const fromNs = from ?? 0;
  const toNs = to ?? Number.POSITIVE_INFINITY;
  if (fromNs >= toNs) throw new UserError('--from is not before --to', [], { usage: true });
  let sinceNs = -1;
  const { before, after, pipeline } = await readMoments(
    { path: file, fromNs, toNs, pageSize: flags.pageSize },
    (at) => {
      const input = inputOf(`${file} at ${formatMoment(at.core.nowNs)}`, at, selection, sinceNs);
      sinceNs = at.core.nowNs;
      return input;
    },
  );
  assertNotEmpty(pipeline, file);
  const diff = diffReports(before, after, { sameTrace: true, sort: flags.sort, limit: ALL_PATHS });
  return { diff, checks: [() => assertWholeRead(pipeline)] };
}

async function traces(files: [string, string], flags: DiffFlags, selection: Selection): Promise<Compared> {
  if (flags.from !== undefined || flags.to !== undefined) {
    throw new UserError('--from and --to are moments of one recording, and two were given', [], { usage: true });
  }
  if (files[0] === '-' && files[1] === '-')
    throw new UserError('only one of the two can be standard input', [], { usage: true });
  const checks: (() => void)[] = [];
  const inputs: DiffInput[] = [];
  for (const file of files) {
    const report = readReport(file, selection);
    if (report === null) {
      const pipeline = await readRecording(file, { pageSize: flags.pageSize });
      assertNotEmpty(pipeline, file);
      inputs.push(inputOf(file, pipeline, selection, -1));
      checks.push(() => assertWholeRead(pipeline));
    } else inputs.push({ name: file, report, processes: null });
  }
  const options = { sameTrace: false, sort: flags.sort, limit: ALL_PATHS };
  return { diff: diffReports(inputs[0], inputs[1], options), checks };
}

function inputOf(name: string, pipeline: Pipeline, selection: Selection, sinceNs: number): DiffInput {
  return {
    name,
    report: pipeline.report(selection),
    processes: processesOf(pipeline, selection, sinceNs),
  };
}

/** Bytes that suffice to recognise a report, and the largest one that is read: Node's longest string is half a GB. */
const HEAD_BYTES = 256;
const REPORT_BYTES = 2 ** 28;

/** The report in a file of `unfreed export --format json`; null if it is another kind of file. */
function readReport(path: string, selection: Selection): DiffInput['report'] | null {
  if (path === '-' || !beginsAsReport(path)) return null;
  const { size } = statSync(path);
  if (size > REPORT_BYTES) throw new UserError(`${path} is too large for a report: ${formatCount(size)} bytes`);
  const { ok: report, error } = parseReport(readFileSync(path, 'utf8'));
  if (report === null) throw new UserError(`${path} is a report that cannot be read: ${error}`);
  if (report.selection.group !== 'stack') {
    throw new UserError(`${path} is a report of call paths grouped by ${report.selection.group}`, [
      'Export it without --group.',
    ]);
  }
  if (!isEverything(selection)) {
    throw new UserError(
      `${path} is a report, from which nothing can be selected any more`,
      ['Select when exporting it, or compare recordings.'],
      { usage: true },
    );
  }
  return report;
}

function isEverything(selection: Selection): boolean {
  const all = defaultSelection(selection.limit);
  const names = Object.keys(all) as (keyof Selection)[];
  // Order and grouping of the rows select nothing.
  const asked = names.filter((name) => JSON.stringify(selection[name]) !== JSON.stringify(all[name]));
  return asked.every((name) => name === 'sort' || name === 'group');
}

/** True if a file begins like a report; false also if it cannot be opened: the later open says why. */
function beginsAsReport(path: string): boolean {
  const head = new Uint8Array(HEAD_BYTES);
  try {
    // Reading from a pipe would take its bytes away.
    if (!statSync(path).isFile()) return false;
    const fd = openSync(path, 'r');
    try {
      return REPORT_START.test(new TextDecoder().decode(head.subarray(0, readSync(fd, head))));
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

function encode(diff: DiffReport, format: DiffFormat, flags: DiffFlags): Pieces {
  switch (format) {
    case 'json':
      return diffJsonPieces(diff);
    case 'csv':
      return diffCsvPieces(diff);
    case 'markdown':
      return diffMarkdownPieces(diff);
    case 'folded':
      return diffFoldedPieces(diff);
    case 'html':
      return diffHtmlPieces(diff);
    case 'svg':
      return [encodeDiffSvg(diff)];
    default: {
      // Lines are cut for readers at a terminal only, not in a pipe for grep.
      const forEyes = isStdout(flags.output) && process.stdout.isTTY;
      const columns = forEyes ? Math.max(40, process.stdout.columns) : 10_000;
      const { frames, quiet, number } = flags;
      const text = encodeDiffText(diff, { columns, frames, quiet, processes: number ?? TEXT_ROWS });
      return [isStdout(flags.output) ? dressed(text) : text];
    }
  }
}

function warnOfLosses(diff: DiffReport): void {
  const lost = diff.before.anomalies.lostEvents + diff.after.anomalies.lostEvents;
  if (lost === 0) return;
  process.stderr.write('unfreed: events were lost; a lost free looks like held memory, before and after alike.\n');
}
