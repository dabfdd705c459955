/** The content of a recording as plain data: `unfreed info --json` prints it. Names may be added, never renamed. */
import { CENSUS_TEXT } from '../../census/report.js';
import type { InputFormat } from '../../decode/recognise.js';
import type { Damage } from '../../event/damage.js';
import type { HostFacts } from '../../event/host-facts.js';
import type { MarkKind } from '../../event/marks/marks.js';
import { TraceTally } from '../../event/trace-tally.js';
import type { Report } from '../../rank/report/report.js';
import { defaultSelection } from '../../rank/report/selection.js';
import { RECORDING_VERSION } from '../../recording/format/chunk-header.js';
import type { OpenRecording } from '../../recording/open.js';
import type { ImportSummary } from '../../recording/trace/text-reader.js';
import type { TextFlags } from '../options/flags.js';
import { openPipeline, readToEnd } from './load-trace.js';

export interface RecordingInfo {
  file: string;
  /** Of all files together; null = not known (a pipe). */
  sizeBytes: number | null;
  files: OpenRecording['files'];
  format: InputFormat;
  /** null = the format has none. */
  formatVersion: number | null;
  gzipped: boolean;
  chunks: number | null;
  /** Bytes by purpose; null when this is no recording of our format. */
  sizes: {
    storedBytes: number;
    rawBytes: number;
    eventBytes: number;
    definitionBytes: number;
    itemBytes: number;
    headerBytes: number;
    aidBytes: number;
  } | null;
  /** How the trace ended; reason 'cut' = the file does not say. */
  end: { reason: string; detail: string } | null;
  host: HostFacts;
  durationNs: number;
  events: Report['events'];
  rates: { meanPerSecond: number; peakPerSecond: number };
  /** What was held when it began; null = not read. */
  before: Report['before'];
  /** Looks at the machine, for triage; and how many of them carry a census of the pages. */
  looks: number;
  censuses: number;
  /** What happened on the machine, by kind: `unfreed events` has each. */
  marks: { kind: MarkKind; count: number }[];
  anomalies: Report['anomalies'];
  losses: Report['losses'];
  /** When the traced share of addresses changed. */
  sampleMoves: Report['source']['sampleMoves'];
  /** Pairs that were matched in the kernel and are not in the recording; null = none. */
  young: Report['young'];
  /** The first thousand parts that could not be read. */
  damages: readonly Damage[];
  damageCount: number;
  callPaths: number;
  addresses: number;
  symbols: number;
  processNames: number;
  caches: number;
  /** Facts of an imported text; null for other inputs. */
  import: Pick<ImportSummary, 'lines' | 'firstBadLine' | 'problems'> | null;
}

/** Reads a recording to its end and describes it. Throws a UserError when it cannot be opened. */
export async function loadInfo(file: string, { pageSize }: TextFlags = {}): Promise<RecordingInfo> {
  const { pipeline, recording } = await openPipeline(file, { pageSize });
  const tally = new TraceTally();
  pipeline.recorder = tally;
  await readToEnd(file, recording, () => tally.eventCount);
  const report = pipeline.report(defaultSelection(1));
  const { dictionary, ended } = pipeline;
  const { format, gzipped } = recording.content;
  const summary = recording.importSummary();
  const seconds = report.durationNs / 1e9;
  return {
    file,
    sizeBytes: recording.sizeBytes > 0 ? recording.sizeBytes : null,
    files: recording.files,
    format,
    // The collector's stream has had only one version too.
    formatVersion: format === 'unfreed' || format === 'stream' ? RECORDING_VERSION : null,
    gzipped,
    chunks: recording.sizes?.chunks ?? null,
    sizes: sizesOf(recording),
    end: ended === null ? null : { reason: ended.reason, detail: ended.detail },
    host: pipeline.facts,
    durationNs: report.durationNs,
    events: report.events,
    rates: {
      meanPerSecond: seconds > 0 && !report.source.timesAreCounts ? Math.round(report.events.total / seconds) : 0,
      peakPerSecond: report.source.timesAreCounts ? 0 : tally.peakPerSecond,
    },
    before: report.before,
    looks: tally.lookTimes.size,
    censuses: pipeline.looks.filter(({ texts }) => texts.has(CENSUS_TEXT)).length,
    marks: pipeline.marks.countsByKind().map(({ kind, count }) => ({ kind, count })),
    anomalies: report.anomalies,
    losses: report.losses,
    sampleMoves: report.source.sampleMoves,
    young: report.young,
    damages: recording.damagedSpans,
    damageCount: recording.damageCount,
    callPaths: dictionary.stacks.size,
    addresses: dictionary.stacks.frames.size,
    symbols: pipeline.symbols.size,
    processNames: dictionary.comms.size,
    caches: dictionary.caches.size,
    import:
      summary === null
        ? null
        : { lines: summary.lines, firstBadLine: summary.firstBadLine, problems: summary.problems },
  };
}

function sizesOf({ sizes }: OpenRecording): RecordingInfo['sizes'] {
  if (sizes === null) return null;
  const { storedBytes, rawBytes, eventBytes, definitionBytes, itemBytes, headerBytes, aidBytes } = sizes;
  return { storedBytes, rawBytes, eventBytes, definitionBytes, itemBytes, headerBytes, aidBytes };
}
