/** Marks for tests, and the messages of the collector that hold them. */
import type { LifeEvent } from '../../src/event/marks/lives.js';
import { LIFE_EVENTS } from '../../src/event/marks/lives.js';
import { MARK_KINDS, MARK_SHAPES, type Mark, type MarkKind } from '../../src/event/marks/marks.js';
import { joined, utf8 } from './stream-bytes.js';

export const KINDS: readonly MarkKind[] = MARK_KINDS.filter((kind) => kind !== undefined);

/** A mark of the kind with all that it can tell: values 1, 2, 3 ..., texts after their names. */
export function fullMark(kind: MarkKind, parts: Partial<Mark> = {}): Mark {
  const { values, texts } = MARK_SHAPES[kind];
  return { kind, pid: 4711, comm: 'eat', values: values.map((_, at) => at + 1), texts: [...texts], ...parts };
}

const MIB = 2 ** 20;
/** A kill at a cgroup's limit. */
export const OOM: Mark = {
  kind: 'oom-kill',
  pid: 17321,
  comm: 'eat',
  values: [17322, 50 * MIB, 38 * MIB, 6 * MIB, 0, 0, 135168, 1000, -17, 4, 0, 0xcc0, 0],
  texts: ['victim', '/a', '/a/b'],
};

/** The payload of MARK. */
export function markPayload(timeNs: number, mark: Mark, kind = MARK_KINDS.indexOf(mark.kind)): Uint8Array {
  const head = new DataView(new ArrayBuffer(40));
  head.setBigUint64(0, BigInt(timeNs), true);
  head.setUint8(8, kind);
  head.setUint8(9, mark.values.length);
  head.setUint8(10, mark.texts.length);
  head.setUint32(12, mark.pid, true);
  new Uint8Array(head.buffer).set(utf8(mark.comm).subarray(0, 16), 16);
  const values = new DataView(new ArrayBuffer(mark.values.length * 8));
  mark.values.forEach((value, at) => values.setBigInt64(at * 8, BigInt(value), true));
  const texts = mark.texts.map((text) => {
    const bytes = utf8(text);
    return joined([new Uint8Array([bytes.length & 255, bytes.length >> 8]), bytes]);
  });
  return joined([new Uint8Array(head.buffer), new Uint8Array(values.buffer), ...texts]);
}

export interface WireLife {
  timeNs: number;
  what: LifeEvent | number;
  pid: number;
  parent?: number;
}

/** The payload of LIVES. */
export function livesPayload(timeNs: number, rows: readonly WireLife[], lost: [number, number] = [0, 0]): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 + rows.length * 16));
  view.setBigUint64(0, BigInt(timeNs), true);
  view.setUint32(8, lost[0], true);
  view.setUint32(12, lost[1], true);
  rows.forEach(({ timeNs: at, what, pid, parent }, i) => {
    const number = typeof what === 'number' ? what : LIFE_EVENTS.indexOf(what);
    view.setBigUint64(16 + i * 16, (BigInt(at) << 8n) | BigInt(number), true);
    view.setUint32(24 + i * 16, pid, true);
    view.setUint32(28 + i * 16, parent ?? 0, true);
  });
  return new Uint8Array(view.buffer);
}
