/** Names that try to leave their cell, as a process may give itself and a module its symbols. */
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { type RowNames, rowNames } from '../../src/rank/report/row-names.js';
import { emptyThing } from '../../src/things/thing.js';

export const HOSTILE_NAMES: readonly string[] = [
  '\x1b[2J\x1b[Hgone',
  '\x1b]0;title\x07',
  '\x9b31mred\x9bH',
  '\u202eesrever\u2066x',
  'a\r\nb\tc\bd\0',
  '日本語カーネル',
  'e\u0301\u0302\u0303\u0304\u0305',
  '\u0301\u200d\ufeff🔥\u{1f1e9}',
  '\ud800\udfff\ud83d',
  '\x1b[?1049l\x1bc',
];

/** The same report with a hostile name in every place where a name can be. */
export function makeHostile(report: Report): Report {
  return {
    ...report,
    source: { ...report.source, hostname: name(0), kernel: name(2), notes: [name(1), name(9)] },
    stacks: report.stacks.map((stack, row) => ({
      ...stack,
      verdict: name(row + 3) as ReportStack['verdict'],
      category: name(row + 4),
      comms: stack.comms.map((share, index) => ({ ...share, comm: name(row + index) })),
      caches: [name(row + 1), name(row + 5)],
      names: hostileNames(row),
      frames: stack.frames.map((frame, index) => ({
        ...frame,
        symbol: index % 2 === 0 ? name(row + index) : frame.symbol,
        module: index % 3 === 0 ? name(row + index + 2) : frame.module,
      })),
    })),
  };
}

/** A row whose memory belongs to files with hostile names. */
function hostileNames(row: number): RowNames {
  const things = HOSTILE_NAMES.slice(0, 4).map((_, index) => ({
    thing: {
      ...emptyThing('file'),
      path: name(row + index),
      mount: name(row),
      fs: name(index),
      source: name(index + 3),
    },
    different: 1,
    count: 1,
    bytes: 4096,
  }));
  const looked = { looked: 9, lookedBytes: 36864, known: 4, knownBytes: 16384, timeNs: 0 };
  return rowNames({ ...looked, stackId: 1, allocator: 0, things });
}

function name(index: number): string {
  return HOSTILE_NAMES[index % HOSTILE_NAMES.length];
}
