import { expect, it } from 'vitest';
import { BlockLists } from '../../../src/pair/processes/block-lists.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';

it('knows what a set of addresses for each process would', () => {
  for (const seed of seeds(4, 20)) {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const held = [0, 1, 2, 3].map(() => new Set<number>());
    const lists = new BlockLists((process, address) => held[process].has(address));
    for (let step = 0; step < 20_000; step++) {
      const process = below(4);
      const address = 2 ** 40 + below(step < 10_000 ? 50 : 5000);
      const what = random();
      if (what < 0.0005) {
        held[process].clear();
        lists.forget(process);
      } else if (what < 0.001) {
        const child = (process + 1) % 4;
        held[child] = new Set(held[process]);
        lists.forget(child);
        lists.set(child, lists.of(process), lists.count(process));
      } else if (held[process].has(address)) {
        held[process].delete(address);
        lists.remove(process);
      } else {
        held[process].add(address);
        lists.add(process, address);
      }
      if (step % 1000 > 0) continue;
      lists.checkInvariants();
      for (const [number, addresses] of held.entries()) {
        expect(lists.count(number)).toBe(addresses.size);
        const found = lists.of(number);
        expect([...found].filter((each) => addresses.has(each))).toEqual([...addresses].toSorted((a, b) => a - b));
        expect(new Set(found).size).toBe(found.length);
      }
    }
  }
});

it('takes memory for what is held, not for what was', () => {
  const held = new Set<number>();
  const lists = new BlockLists((_, address) => held.has(address));
  for (let i = 0; i < 100_000; i++) {
    held.add(i);
    lists.add(1, i);
    if (i < 10) continue;
    held.delete(i - 10);
    lists.remove(1);
  }
  expect(lists.count(1)).toBe(10);
  expect(lists.byteLength).toBeLessThan(1100);
});
