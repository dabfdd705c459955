import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import { MOST_VALUE } from '../../../src/event/marks/marks.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import type { TraceFact } from '../../../src/event/trace-sink.js';
import { fullMark, KINDS, livesPayload, markPayload } from '../../helpers/marks.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { StreamBytes, utf8 } from '../../helpers/stream-bytes.js';

const MARK = 14;
const LIVES = 15;

function decoded(stream: StreamBytes): { facts: TraceFact[]; decoder: StreamDecoder } {
  const facts: TraceFact[] = [];
  const decoder = new StreamDecoder(
    { events: () => undefined, fact: (fact) => facts.push(fact) },
    new TraceDictionary(),
  );
  decoder.push(stream.bytes());
  decoder.finish();
  return { facts: facts.filter(({ type }) => type === 'mark' || type === 'lives'), decoder };
}

describe('MARK', () => {
  it('of every kind gives its values and texts', () => {
    const stream = new StreamBytes().host({});
    for (const kind of KINDS) stream.message(MARK, markPayload(1000, fullMark(kind)));
    const { facts, decoder } = decoded(stream);
    expect(facts).toEqual(KINDS.map((kind) => ({ type: 'mark', timeNs: 1000, mark: fullMark(kind) })));
    expect(decoder.damageCount).toBe(0);
  });

  it('has negative values, and clamps those that a number does not hold', () => {
    const mark = fullMark('shmat', { values: [-22, -1, MOST_VALUE, 7] });
    const payload = markPayload(5, mark);
    new DataView(payload.buffer, payload.byteOffset).setBigInt64(40 + 24, -(2n ** 63n), true);
    expect(decoded(new StreamBytes().host({}).message(MARK, payload)).facts).toEqual([
      { type: 'mark', timeNs: 5, mark: { ...mark, values: [-22, -1, MOST_VALUE, -MOST_VALUE] } },
    ]);
  });

  it('of an unknown kind is passed over without damage', () => {
    const { facts, decoder } = decoded(
      new StreamBytes()
        .host({})
        .message(MARK, markPayload(5, fullMark('user'), 200))
        .message(MARK, markPayload(6, fullMark('exec'))),
    );
    expect(facts.map((fact) => 'timeNs' in fact && fact.timeNs)).toEqual([6]);
    expect(decoder.damageCount).toBe(0);
  });

  it.each([
    ['shorter than its head', (payload: Uint8Array) => payload.subarray(0, 39)],
    ['with more values than it has room for', (payload: Uint8Array) => patched(payload, 9, 200)],
    ['with more texts than it has', (payload: Uint8Array) => patched(payload, 10, 9)],
    ['with a text that is longer than the message', (payload: Uint8Array) => patched(payload, payload.length - 6, 255)],
  ])('%s is damage, and the rest is read', (_, damage) => {
    const payload = damage(markPayload(5, fullMark('user', { texts: ['text'] })));
    const { facts, decoder } = decoded(
      new StreamBytes()
        .host({})
        .message(MARK, payload)
        .message(MARK, markPayload(6, fullMark('exec'))),
    );
    expect(facts.map((fact) => 'timeNs' in fact && fact.timeNs)).toEqual([6]);
    expect(decoder.damageCount).toBe(1);
    expect(decoder.firstDamage).toMatch(/malformed mark/);
  });

  it('keeps bounded texts, whatever they are', () => {
    const { facts } = decoded(
      new StreamBytes()
        .host({})
        .message(MARK, markPayload(5, fullMark('user', { texts: ['x'.repeat(60_000), 'b', 'c', 'd', 'e'] }))),
    );
    const [fact] = facts;
    expect(fact.type === 'mark' && fact.mark.texts.map(({ length }) => length)).toEqual([4096, 1, 1, 1]);
  });
});

describe('LIVES', () => {
  it('has its rows with their distance from its time, and what was lost', () => {
    const payload = livesPayload(
      1000,
      [
        { timeNs: 400, what: 'start', pid: 7, parent: 1 },
        { timeNs: 1000, what: 'exec', pid: 7 },
        { timeNs: 1200, what: 'exit', pid: 7 },
        { timeNs: 900, what: 99, pid: 8 },
      ],
      [3, 4],
    );
    expect(decoded(new StreamBytes().host({}).message(LIVES, payload)).facts).toEqual([
      {
        type: 'lives',
        timeNs: 1000,
        lives: {
          rows: [
            { agoNs: 600, what: 'start', pid: 7, parent: 1 },
            { agoNs: 0, what: 'exec', pid: 7, parent: 0 },
            // Times of two CPUs, or a reader that reads late: not in the future.
            { agoNs: 0, what: 'exit', pid: 7, parent: 0 },
          ],
          lostRows: 3,
          lostMarks: 4,
        },
      },
    ]);
  });

  it.each([
    ['shorter than its head', new Uint8Array(15)],
    ['that ends within a row', livesPayload(5, [{ timeNs: 1, what: 'start', pid: 1 }]).subarray(0, 24)],
    ['with more rows than one may have', new Uint8Array(16 + 16 * 65_537)],
  ])('%s is damage', (_, payload) => {
    const { facts, decoder } = decoded(new StreamBytes().host({}).message(LIVES, payload));
    expect(facts).toEqual([]);
    expect(decoder.damageCount).toBe(1);
  });

  it('and MARK never crash the decoder, whatever their bytes', () => {
    const random = seededRandom(17);
    const below = (limit: number): number => Math.floor(random() * limit);
    for (let round = 0; round < 2000; round++) {
      const base =
        round % 2 === 0
          ? markPayload(5, fullMark(KINDS[round % KINDS.length]))
          : livesPayload(9, [{ timeNs: 1, what: 'exit', pid: 3 }]);
      const payload = base.slice(0, below(base.length + 1));
      for (let i = 0; i < 4 && payload.length > 0; i++) payload[below(payload.length)] = below(256);
      const { facts } = decoded(
        new StreamBytes()
          .host({})
          .message(round % 2 === 0 ? MARK : LIVES, payload)
          .message(MARK, markPayload(6, fullMark('user'))),
      );
      expect(facts.at(-1)?.type).toBe('mark');
    }
  });
});

function patched(payload: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = payload.slice();
  copy[at] = byte;
  return copy;
}

// The helper is used by others too: a name that does not fit is cut, as the kernel cuts it.
it('a comm is as long as the kernel keeps it', () => {
  const mark = fullMark('exec', { comm: 'a-very-long-process-name' });
  const [fact] = decoded(new StreamBytes().host({}).message(MARK, markPayload(5, mark))).facts;
  expect(fact.type === 'mark' && utf8(fact.mark.comm).length).toBe(16);
});
