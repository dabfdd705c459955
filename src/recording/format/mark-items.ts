/** Marks and lives of processes, to and from the messages of schema.proto. */
import { LIFE_EVENTS, type LifeRow, type Lives, MOST_LIFE_ROWS } from '../../event/marks/lives.js';
import { boundedMark, MARK_KINDS, type Mark, MOST_MARK_TEXTS, MOST_MARK_VALUES } from '../../event/marks/marks.js';
import type { FactOf } from '../../event/trace-sink.js';
import { ByteReader, ByteWriter, decodeText, encodeText, unzigzag, wholeTime, zigzag } from './bytes.js';
import type { unfreed } from './generated/schema.js';

/** About the bytes that a row of lives takes. */
const LIFE_ROW_BYTES = 10;
const LIFE_ROW_VARINTS = 4;

export function markMessage({ timeNs, mark }: FactOf<'mark'>): unfreed.Mark.$Properties {
  const { kind, pid, comm, values, texts } = boundedMark(mark);
  const writer = new ByteWriter(values.length * 8 + 8);
  for (const value of values) writer.varint(zigzag(value));
  return {
    timeNs: wholeTime(timeNs),
    kind: MARK_KINDS.indexOf(kind),
    pid,
    comm: encodeText(comm),
    values: writer.bytes(),
    texts: texts.map(encodeText),
  };
}

export function markBytes({ comm, values, texts }: Mark): number {
  return 16 + comm.length + values.length * 8 + texts.join('').length;
}

/** Undefined: a kind that this version does not know. Null: the bytes contradict themselves. */
export function readMark(message: unfreed.Mark.$Properties): Mark | null | undefined {
  const kind = MARK_KINDS[message.kind ?? 0];
  if (kind === undefined) return undefined;
  const reader = new ByteReader(message.values ?? EMPTY);
  const values: number[] = [];
  while (!reader.finished && !reader.bad && values.length < MOST_MARK_VALUES) values.push(unzigzag(reader.varint()));
  if (reader.bad) return null;
  const texts = (message.texts ?? []).slice(0, MOST_MARK_TEXTS).map(decodeText);
  return boundedMark({ kind, pid: message.pid ?? 0, comm: decodeText(message.comm), values, texts });
}

export function livesMessage({ timeNs, lives }: FactOf<'lives'>): unfreed.Lives.$Properties {
  const rows = lives.rows.slice(0, MOST_LIFE_ROWS);
  const writer = new ByteWriter(rows.length * LIFE_ROW_BYTES + 8);
  for (const { agoNs, what, pid, parent } of rows) {
    writer.varint(wholeTime(agoNs));
    writer.varint(LIFE_EVENTS.indexOf(what));
    writer.varint(pid);
    writer.varint(parent);
  }
  const { lostRows, lostMarks } = lives;
  return { timeNs: wholeTime(timeNs), count: rows.length, rows: writer.bytes(), lostRows, lostMarks };
}

export function livesBytes({ rows }: Lives): number {
  return rows.length * LIFE_ROW_BYTES;
}

/** Returns null if the bytes do not hold exactly as many rows as they should. Rows of an unknown kind are left out. */
export function readLives(message: unfreed.Lives.$Properties): Lives | null {
  const count = message.count ?? 0;
  const bytes = message.rows ?? EMPTY;
  if (count > MOST_LIFE_ROWS || count * LIFE_ROW_VARINTS > bytes.length) return null;
  const reader = new ByteReader(bytes);
  const rows: LifeRow[] = [];
  for (let i = 0; i < count; i++) {
    const agoNs = reader.varint();
    const what = LIFE_EVENTS[reader.int()];
    const pid = reader.int();
    const parent = reader.int();
    if (what !== undefined) rows.push({ agoNs, what, pid, parent });
  }
  const { lostRows, lostMarks } = message;
  const areCounts = isCount(lostRows ?? 0) && isCount(lostMarks ?? 0);
  return reader.finished && areCounts ? { rows, lostRows: lostRows ?? 0, lostMarks: lostMarks ?? 0 } : null;
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

const EMPTY = new Uint8Array(0);
