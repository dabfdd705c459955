import { expect, it } from 'vitest';
import { CommIds } from '../../../src/decode/stream/comm-ids.js';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { SinkLog } from '../../helpers/sink-log.js';
import { StreamBytes } from '../../helpers/stream-bytes.js';

it('forgets names that are not used, keeps those that are, and is told them again', () => {
  const ids = new CommIds(100);
  ids.set(1, 11);
  ids.set(2, 12);
  for (let key = 1000; key < 1350; key++) {
    ids.set(key, key);
    expect(ids.get(1)).toBe(11);
    expect(ids.get(key)).toBe(key);
  }
  expect(ids.get(2)).toBe(0);
  ids.set(2, 13);
  expect(ids.get(2)).toBe(13);
  expect(ids.get(77)).toBe(0);
});

it('an id of 32 bits names a task, and may be defined again', () => {
  const alloc = { kind: 1, timeNs: 5, pid: 7, bytesAlloc: 64, bytesReq: 60 };
  const bytes = new StreamBytes()
    .comm(0x89ab_cdef, 'first')
    .comm(0xcdef, 'second')
    .events({ ...alloc, addr: 0x1000n, comm: 0x89ab_cdef }, { ...alloc, addr: 0x2000n, comm: 0xcdef })
    .comm(0x89ab_cdef, 'first')
    .events({ ...alloc, addr: 0x3000n, comm: 0x89ab_cdef })
    .end(9, 1, '')
    .bytes();
  const dictionary = new TraceDictionary();
  const names: string[] = [];
  const log = new SinkLog();
  const decoder = new StreamDecoder(
    {
      events: (batch) => {
        for (let row = 0; row < batch.length; row++) names.push(dictionary.comms.name(batch.commId[row]));
      },
      fact: (fact) => log.fact(fact),
    },
    dictionary,
  );
  decoder.push(bytes);
  expect(names).toEqual(['first', 'second', 'first']);
  expect(log.calls.map(({ call }) => call)).toEqual(['end']);
});
