/** `unfreed events`: what happened on the machine while it was traced, as lines or JSON; of a recording, or of this machine as it happens. */
import { UserError } from '../../base/errors.js';
import { formatCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { unknownHost } from '../../event/host-facts.js';
import type { LoggedMark } from '../../event/marks/marks.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../event/trace-sink.js';
import { eventsJsonPieces } from '../../export/events/events-json.js';
import { EVENTS_HEAD, eventLine } from '../../export/events/events-text.js';
import { openTrace } from '../../recording/open.js';
import { LiveRun } from '../../session/live/live-run.js';
import { MarkLog } from '../../session/pipeline/mark-log.js';
import type { EventsFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { eventsCollector } from '../traces/collector-options.js';
import { readingWarnings, readToEnd, runUntilStopped } from '../traces/load-trace.js';
import { Progress } from '../traces/progress.js';
import { passes } from './mark-filter.js';

/** Kept of one recording; above that the commonest kind is thinned, which is said. */
const MOST_EVENTS = 500_000;

export async function runEvents(file: string | null, flags: EventsFlags): Promise<void> {
  await (file === null ? eventsHere(flags) : eventsOf(file, flags));
}

/** Takes of a trace what `events` prints. Pairs nothing. */
class EventsReader implements TraceSink {
  readonly log = new MarkLog(MOST_EVENTS);
  facts = unknownHost();
  ended: { timeNs: number; reason: Extract<TraceFact, { type: 'end' }>['reason']; detail: string } | null = null;
  lastNs = 0;
  /** The collector followed marks. */
  wasFollowed = false;
  eventCount = 0;

  events(batch: { length: number }): void {
    this.eventCount += batch.length;
  }

  fact(fact: TraceFact): void {
    if ('timeNs' in fact) this.lastNs = Math.max(this.lastNs, fact.timeNs);
    if (fact.type === 'host') this.facts = fact.facts;
    if (fact.type === 'end') this.ended = fact;
    this.wasFollowed ||= fact.type === 'lives' || fact.type === 'mark';
    this.log.fact(fact);
  }
}

async function eventsOf(file: string, flags: EventsFlags): Promise<void> {
  if (flags.duration !== undefined) {
    throw new UserError('--duration is for tracing this machine', ['Of a recording: --from and --to'], { usage: true });
  }
  const reader = new EventsReader();
  const recording = await openTrace(file, reader, new TraceDictionary(), { thread: false });
  await readToEnd(file, recording, () => reader.eventCount);
  print(reader, flags, true);
  for (const line of readingWarnings(file, recording, reader.ended)) process.stderr.write(`${safeText(line)}\n`);
  if (!reader.wasFollowed) {
    warn(`${file} tells of no events: it was made of another tool's text, with --no-marks, or by an older unfreed`);
  }
  if (recording.damageCount > 0) throw new UserError(`${file} is damaged: the above is what could be read of it`);
}

async function eventsHere(flags: EventsFlags): Promise<void> {
  const run = new LiveRun({
    collector: eventsCollector(flags),
    recordPath: null,
    force: false,
    takesMarks: true,
  });
  const { pipeline } = run;
  const progress = new Progress({ quiet: true });
  const reader = new EventsReader();
  pipeline.recorder = reader;
  let hasHead = flags.json;
  if (!flags.json) {
    reader.log.onMark = (logged) => {
      if (!passes(logged, flags)) return;
      if (!hasHead) process.stdout.write(`${EVENTS_HEAD}\n`);
      hasHead = true;
      process.stdout.write(dressed(`${eventLine(logged)}\n`));
    };
  }
  await runUntilStopped(run, flags.duration ?? Number.POSITIVE_INFINITY, {
    progress,
    tracing: () => `waiting for events   Ctrl-C ends`,
  });
  print(reader, flags, false);
}

/** `lines`: they were not printed as they came. */
function print(reader: EventsReader, flags: EventsFlags, lines: boolean): void {
  const marks = reader.log.marks().filter((logged) => passes(logged, flags));
  if (flags.json) printJson(reader, marks);
  else if (lines) printLines(marks);
  for (const { kind, count, leftOut } of reader.log.countsByKind()) {
    if (leftOut > 0) warn(`${formatCount(leftOut)} of ${formatCount(count)} ${kind} are left out: there were too many`);
  }
  if (reader.log.lost > 0)
    warn(`${formatCount(reader.log.lost)} events were lost: they came faster than they were read`);
  for (const note of reader.facts.notes.filter((each) => each.startsWith('the time line lacks'))) warn(note);
}

function printLines(marks: readonly LoggedMark[]): void {
  if (marks.length === 0) {
    warn('no events');
    return;
  }
  process.stdout.write(`${EVENTS_HEAD}\n`);
  for (const mark of marks) process.stdout.write(dressed(`${eventLine(mark)}\n`));
}

function printJson(reader: EventsReader, marks: readonly LoggedMark[]): void {
  const { facts, log, lastNs } = reader;
  const pieces = eventsJsonPieces({
    machine: { hostname: facts.hostname, kernel: facts.kernel },
    startUnixMs: facts.startUnixMs === 0 ? null : facts.startUnixMs,
    durationNs: lastNs,
    marks,
    counts: log.countsByKind(),
    lost: log.lost,
  });
  for (const piece of pieces) process.stdout.write(piece);
}

function warn(text: string): void {
  process.stderr.write(`unfreed: ${safeText(text)}\n`);
}
