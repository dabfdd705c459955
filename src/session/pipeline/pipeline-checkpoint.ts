/**
 * Saves and restores a Pipeline at one place of its recording: the core (pair/checkpoint/checkpoint.ts) and the state around it. Of
 * the symbols only their number is saved, of the dictionary nothing: the reader that restores has both. Its dictionary may
 * hold more entries; that does no harm, because ids are given in the order of the recording and never change.
 *
 * As bytes: u32 length of a JSON head, the head, the core.
 */
import { checkedHostFacts } from '../../decode/stream/host-json.js';
import { END_REASONS } from '../../decode/wire-names.js';
import type { HostFacts } from '../../event/host-facts.js';
import type { SavedLives } from '../../event/marks/process-lives.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { MOST_LOOKS } from '../../event/trace-sink.js';
import { restoreCore, saveCore } from '../../pair/checkpoint/checkpoint.js';
import { CheckpointError } from '../../pair/checkpoint/checkpoint-bytes.js';
import type { SavedNames } from '../names/known-names.js';
import type { SavedSeries } from './bounded-series.js';
import type { SavedMarks } from './mark-log.js';
import type { SavedPaging } from './paging-history.js';
import { Pipeline, type SourceKind, type TraceEnd } from './pipeline.js';
import type { SavedObjects } from './process-objects.js';
import type { SavedHistory } from './second-history.js';
import type { SymbolLog } from './symbol-log.js';

interface Head {
  symbolCount: number;
  /** Looks before this place. They stand at the start of the recording, and are read there. */
  lookCount?: number;
  facts: HostFacts;
  history: SavedHistory;
  timeline: SavedSeries;
  memory: SavedSeries;
  /** Absent in checkpoints from before there were marks. */
  marks?: SavedMarks;
  /** Absent where nothing was told. */
  names?: SavedNames;
  /** Absent in recordings of earlier versions. */
  paging?: SavedPaging;
  /** Absent where no process is traced. */
  objects?: SavedObjects;
  ended: TraceEnd | null;
  /** Absent or null where the trace tells of no lives. */
  lives?: SavedLives | null;
  /** Cgroups that were removed before this place, and when. */
  removedCgroups?: [cgroup: string, timeNs: number][];
}

/**
 * The pipeline as bytes; null if the core cannot be saved. `symbolCount` is the number of symbols that the reader which
 * restores it has received up to this place.
 */
export function savePipeline(pipeline: Pipeline, symbolCount = pipeline.symbolCount): Uint8Array<ArrayBuffer> | null {
  const core = saveCore(pipeline.core);
  if (core === null) return null;
  const { facts, history, ended } = pipeline;
  const head: Head = {
    symbolCount,
    lookCount: pipeline.lookCount,
    facts,
    history: history.save(),
    timeline: pipeline.timeline.save(),
    memory: pipeline.memory.save(),
    marks: pipeline.marks.save(),
    ...(pipeline.names.size > 0 && { names: pipeline.names.save() }),
    paging: pipeline.paging.save(),
    ...(pipeline.objects.size > 0 && { objects: pipeline.objects.save() }),
    ended,
    lives: pipeline.core.lives.save(() => pipeline.core.holders()),
    removedCgroups: [...pipeline.core.removedCgroups],
  };
  const headBytes = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(LENGTH_BYTES + headBytes.length + core.length);
  new DataView(bytes.buffer).setUint32(0, headBytes.length, true);
  bytes.set(headBytes, LENGTH_BYTES);
  bytes.set(core, LENGTH_BYTES + headBytes.length);
  return bytes;
}

/** Restores the result of savePipeline(). Throws a CheckpointError when the bytes are none, or symbols are missing. */
export function restorePipeline(
  bytes: Uint8Array,
  kind: SourceKind,
  dictionary: TraceDictionary,
  symbolLog: SymbolLog,
): Pipeline {
  const head = readHead(bytes);
  if (!symbolLog.covers(head.symbolCount)) throw new CheckpointError(`${head.symbolCount} symbols, fewer are known`);
  const core = restoreCore(bytes.subarray(LENGTH_BYTES + headLength(bytes)), dictionary);
  const symbols = symbolLog.tableOf(head.symbolCount);
  const pipeline = new Pipeline(kind, { dictionary, core, symbols, symbolLog });
  pipeline.symbolCount = head.symbolCount;
  pipeline.lookCount = head.lookCount ?? 0;
  pipeline.facts = head.facts;
  core.fact({ type: 'host', facts: head.facts });
  if (!pipeline.history.restore(head.history)) throw new CheckpointError('a history of other lengths');
  if (!pipeline.timeline.restore(head.timeline)) throw new CheckpointError('a timeline that is none');
  if (!pipeline.memory.restore(head.memory)) throw new CheckpointError('a history of meminfo that is none');
  core.removedCgroups = new Map(head.removedCgroups);
  if (head.lives !== undefined && head.lives !== null && !core.lives.restore(head.lives)) {
    throw new CheckpointError('lives that are none');
  }
  if (head.marks !== undefined && !pipeline.marks.restore(head.marks)) throw new CheckpointError('marks that are none');
  pipeline.names.restore(head.names);
  pipeline.paging.restore(head.paging);
  pipeline.objects.restore(head.objects);
  pipeline.ended = head.ended;
  core.endReason = head.ended?.reason ?? null;
  return pipeline;
}

function removedIn(rows: Head['removedCgroups']): [string, number][] {
  if (!Array.isArray(rows)) return [];
  return rows.filter(
    (row) => Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'number' && Number.isFinite(row[1]),
  );
}

function headLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES) throw new CheckpointError(`${bytes.length} bytes`);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

function readHead(bytes: Uint8Array): Head {
  let value: Partial<Head> | null;
  try {
    const head = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headLength(bytes));
    value = JSON.parse(new TextDecoder().decode(head)) as Partial<Head> | null;
  } catch (error) {
    throw error instanceof CheckpointError ? error : new CheckpointError('a head that is no JSON');
  }
  const {
    symbolCount,
    lookCount,
    facts,
    history,
    timeline,
    memory,
    marks,
    names,
    paging,
    objects,
    ended,
    lives,
    removedCgroups,
  } = value ?? {};
  if (symbolCount === undefined || !Number.isSafeInteger(symbolCount) || symbolCount < 0) {
    throw new CheckpointError('a head without its number of symbols');
  }
  if (history === undefined || !Array.isArray(history.events) || !Array.isArray(history.outstanding)) {
    throw new CheckpointError('a head without its history');
  }
  if (timeline === undefined || memory === undefined) throw new CheckpointError('a head without its whole length');
  const looks = lookCount !== undefined && lookCount > 0 && lookCount <= MOST_LOOKS ? Math.floor(lookCount) : 0;
  return {
    symbolCount,
    lookCount: looks,
    facts: checkedHostFacts(facts),
    history,
    timeline,
    memory,
    marks,
    names,
    ...(paging === undefined ? {} : { paging }),
    ...(objects === undefined ? {} : { objects }),
    ended: checkedEnd(ended),
    lives: lives ?? null,
    removedCgroups: removedIn(removedCgroups),
  };
}

function checkedEnd(ended: Partial<TraceEnd> | null | undefined): TraceEnd | null {
  if (ended === null || ended === undefined) return null;
  const { timeNs, reason, detail } = ended;
  const known = END_REASONS.find((each) => each === reason);
  if (known === undefined || typeof timeNs !== 'number' || typeof detail !== 'string') {
    throw new CheckpointError('an end that is none');
  }
  return { timeNs, reason: known, detail };
}

const LENGTH_BYTES = 4;
