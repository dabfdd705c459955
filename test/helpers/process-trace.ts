/** Random traces of the memory of a few processes, full of collisions, with some impossible events. */
import { EventBatch } from '../../src/event/event-batch.js';
import {
  BECAME_RESERVED,
  BECAME_USABLE,
  HEAP_ALLOC,
  HEAP_FREE,
  HEAP_FREE_UNLESS,
  HEAP_UNDO,
  MAP,
  RANGE_MOVED_FROM,
  RANGE_MOVED_TO,
  RESERVE,
  SELF_BIT,
  UNMAP,
} from '../../src/event/kinds.js';
import type { ProcessEvent } from '../../src/event/process-facts.js';
import type { FactOf } from '../../src/event/trace-sink.js';
import { STACKS } from './random-trace.js';
import { seededRandom } from './seeded-random.js';

export interface ProcessTrace {
  events: EventBatch;
  /** Facts that come after so many events. */
  facts: [after: number, fact: FactOf<'process'>][];
}

const PROCESSES = 5;

export function processTrace(seed: number, events: number): ProcessTrace {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const batch = new EventBatch(events);
  batch.length = events;
  const facts: [number, FactOf<'process'>][] = [];
  let now = 0;
  let lastBlock = 0;
  for (let i = 0; i < events; i++) {
    now += below(random() < 0.01 ? 1e9 : 2000);
    batch.timeNs[i] = random() < 0.002 ? -1 : now;
    const process = random() < 0.01 ? 0 : 1 + below(PROCESSES);
    const what = random();
    if (what < 0.5) {
      const again = random() < 0.6 && lastBlock !== 0;
      const address = again ? lastBlock : 0x1000 + below(40) * 16;
      lastBlock = address;
      batch.addrHi[i] = process * 0x10000 + 0x55aa;
      batch.addrLo[i] = random() < 0.01 ? 0 : address;
      if (random() < 0.01) batch.addrHi[i] = process * 0x10000;
      const kind = random();
      batch.kind[i] = kind < 0.5 ? HEAP_ALLOC : kind < 0.85 ? HEAP_FREE : kind < 0.93 ? HEAP_FREE_UNLESS : HEAP_UNDO;
      batch.size[i] = batch.kind[i] === HEAP_ALLOC ? below(3000) : 0;
      if (batch.size[i] > 2990) batch.size[i] = 0xffffffff;
    } else {
      const kinds = [MAP, MAP, RESERVE, UNMAP, UNMAP, BECAME_RESERVED, BECAME_USABLE, RANGE_MOVED_FROM];
      batch.kind[i] = kinds[below(kinds.length)];
      place(batch, i, process, below, random);
      if (batch.kind[i] === RANGE_MOVED_FROM && i + 1 < events) {
        i++;
        batch.timeNs[i] = now;
        batch.kind[i] = RANGE_MOVED_TO;
        place(batch, i, process, below, random);
        if (random() < 0.9) batch.size[i] = batch.size[i - 1];
      }
    }
    if (batch.kind[i] < 16) {
      batch.stackId[i] = random() < 0.02 ? STACKS + 1 + below(9) : below(STACKS + 1);
      batch.pid[i] = 100 + process;
      batch.commId[i] = below(4);
      batch.cpu[i] = below(3);
      if (random() < 0.3) batch.cacheId[i] = 1 + below(3);
      if (random() < 0.05) batch.kind[i] |= SELF_BIT;
    }
    if (random() < 0.02)
      facts.push([i + 1, { type: 'process', timeNs: now, process: someProcess(below, random, facts.length) }]);
  }
  return { events: batch, facts };
}

/**
 * The same with a heap as it is in programs: most of what is freed was taken last, at an address that was freed last. Between the
 * two may be the free and the undo of a realloc(), or frees that should not be.
 */
export function busyProcessTrace(seed: number, events: number): ProcessTrace {
  const { events: batch, facts } = processTrace(seed, events);
  const random = seededRandom(seed + 500);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i + 4 < events; i++) {
    if (random() < 0.1) continue;
    let [hi, lo] = [(1 + below(2)) * 0x10000 + 0x55aa, 0x1000 + below(6) * 16];
    // Of no process, or at address 0.
    if (random() < 0.03) [hi, lo] = random() < 0.5 ? [0x55aa, lo] : [0x10000, 0];
    const odd = random();
    const between =
      odd < 0.1 ? [HEAP_FREE_UNLESS] : odd < 0.2 ? [HEAP_FREE_UNLESS, HEAP_UNDO] : odd < 0.25 ? [HEAP_UNDO] : [];
    for (const kind of [HEAP_ALLOC, ...between, HEAP_FREE]) {
      batch.kind[i] = kind;
      batch.addrHi[i] = hi;
      batch.addrLo[i] = lo;
      batch.size[i] = kind === HEAP_ALLOC ? 1 + below(3000) : 0;
      for (const column of [batch.stackId, batch.pid, batch.commId, batch.cacheId, batch.cpu]) column[i] = 0;
      if (kind === HEAP_ALLOC) batch.stackId[i] = below(STACKS + 1);
      i++;
    }
    i--;
  }
  return { events: batch, facts: facts.filter((_, i) => i % 10 === 0) };
}

function place(
  batch: EventBatch,
  i: number,
  process: number,
  below: (n: number) => number,
  random: () => number,
): void {
  // Around a multiple of 2^32 bytes, so that ranges cross it.
  const page = 2 ** 20 * 32767 - 30 + below(60);
  batch.addrHi[i] = process * 0x10000 + Math.floor(page / 2 ** 20);
  batch.addrLo[i] = (page % 2 ** 20) * 4096 + (random() < 0.01 ? 8 : 0);
  batch.size[i] = random() < 0.01 ? 0 : 1 + below(12);
}

function someProcess(below: (n: number) => number, random: () => number, startNs: number): ProcessEvent {
  const number = 1 + below(PROCESSES);
  const why = random() < 0.4 ? 'exit' : random() < 0.5 ? 'fork' : random() < 0.6 ? 'exec' : 'first';
  return {
    number,
    pid: 100 + number,
    startNs,
    parent: why === 'exit' ? 0 : below(PROCESSES + 1),
    why,
    stays: why === 'exit' && random() < 0.2,
    exe: `/usr/bin/p${number}`,
    cmdline: `p${number} --seed ${below(1000)}`,
  };
}
