/**
 * `unfreed top --caches`: the slab caches with the columns of slabtop(1). Of this machine it needs no
 * trace: it reads /proc/slabinfo alone, once or at each interval. With an option of tracing, and of a
 * recording, what is held stands beside.
 */
import { hostname, release } from 'node:os';
import { UserError } from '../../base/errors.js';
import { formatDuration } from '../../base/format.js';
import { encodeCaches } from '../../export/caches-text.js';
import { timeLine } from '../../export/parts/time-line.js';
import { type CacheSort, sortedCaches } from '../../rank/breakdown/cache-order.js';
import {
  asksForHeld,
  type CacheTableRow,
  cacheTableOf,
  cacheTableWithoutTrace,
} from '../../rank/breakdown/cache-table.js';
import type { Selection } from '../../rank/report/selection.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import { intervalsFrom, printIntervals } from '../commands/top-intervals.js';
import type { TopCachesFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { selectionFrom } from '../options/selection-options.js';
import { subjectOf } from '../traces/load-at.js';
import { refuseTextFlags } from '../traces/load-trace.js';
import { warnOfLosses } from '../traces/warnings.js';
import { assertNotEmpty, assertWholeRead } from '../traces/whole-read.js';
import { watchSlabs } from './watch-slabs.js';

/** Prints the caches of a recording, of a live run, or of this machine now. Throws a UserError if it cannot. */
export async function runTopCaches(file: string | null, flags: TopCachesFlags, isTraced: boolean): Promise<void> {
  refuseFlags(flags);
  const intervals = intervalsFrom(flags);
  const selection = selectionFrom({ ...flags, sort: 'suspect' }, flags.number);
  if (!isTraced) {
    refuseTextFlags(flags);
    refuseOfTrace(flags, selection);
    const print = printerOf(flags, { of: `this machine ${hostname()}, Linux ${release()}, now`, isTraced });
    return watchSlabs(intervals, (texts) => print(cacheTableWithoutTrace(texts, selection)));
  }
  const print = (pipeline: Pipeline, note: string | null): void => {
    const { hostname: host, kernel } = pipeline.facts;
    // A text of another tool may name neither.
    const names = [host, kernel === '' ? '' : `Linux ${kernel}`].filter((name) => name !== '').join(', ');
    const what = file === null ? 'this machine' : 'recording';
    const of = `${`${what} ${names}`.trim()}, traced ${formatDuration(pipeline.core.nowNs)}`;
    printerOf(flags, { of: note === null ? of : `${of}; ${note}`, isTraced })(cacheTableOf(pipeline, selection));
  };
  const pipeline = await printTrace(file, flags, print);
  warnOfLosses(pipeline.report(selection));
  assertWholeRead(pipeline);

  async function printTrace(
    path: string | null,
    asked: TopCachesFlags,
    show: (pipeline: Pipeline, note: string | null) => void,
  ): Promise<Pipeline> {
    const options = { ...asked, sort: selection.sort };
    if (intervals !== null) {
      return printIntervals(path, options, {
        ...intervals,
        print: (of) => {
          process.stdout.write(dressed(`${timeLine(of.report(selection))}\n`));
          show(of, null);
        },
      });
    }
    const subject = await subjectOf(path, options);
    assertNotEmpty(subject.pipeline, path ?? 'this run');
    show(subject.pipeline, subject.note);
    return subject.pipeline;
  }
}

function printerOf(
  { number, sort }: TopCachesFlags,
  { of, isTraced }: { of: string; isTraced: boolean },
): (rows: readonly CacheTableRow[]) => void {
  const order: CacheSort = sort ?? (isTraced ? 'bytes' : 'cache-size');
  // Lines are cut for readers at a terminal only, not in a pipe for grep.
  const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) : 10_000;
  return (rows) => {
    const text = encodeCaches(sortedCaches(rows, order), { of, number, columns, sort: order, isTraced });
    process.stdout.write(dressed(text));
  };
}

/** Flags that are of call paths. */
function refuseFlags({ quiet, frames, failIf }: TopCachesFlags): void {
  const given = quiet ? '--quiet' : frames ? '--frames' : failIf.length > 0 ? '--fail-if' : null;
  if (given === null) return;
  throw new UserError(`${given} is of findings, and --caches lists caches`, ['Leave out one of the two.'], {
    usage: true,
  });
}

function refuseOfTrace({ at }: TopCachesFlags, selection: Selection): void {
  if (at !== undefined) {
    throw new UserError('--at is a moment of a recording, and none is given', ['Give a recording, or leave it out.'], {
      usage: true,
    });
  }
  if (!asksForHeld(selection)) return;
  throw new UserError(
    'only a trace tells by whom and when memory was taken, and --caches alone reads slabinfo',
    ['Trace for some time: --duration 10s. Without a trace --cache, --grep and --hide choose by name.'],
    { usage: true },
  );
}
