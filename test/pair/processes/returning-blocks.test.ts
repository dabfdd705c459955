import { expect, it } from 'vitest';
import { ReturningBlocks } from '../../../src/pair/processes/returning-blocks.js';

const BLOCK = { path: 3, size: 100, pid: 7, names: 9, timeNs: 5, freedNs: 8 };

it('gives back what was freed last under a key, once', () => {
  const blocks = new ReturningBlocks();
  blocks.note(0x10000, 64, BLOCK);
  blocks.note(0x10000, 64, { ...BLOCK, size: 200 });
  blocks.note(0x10000, -64, { ...BLOCK, size: 300 });
  expect([blocks.take(0x10000, 64)?.size, blocks.take(0x10000, -64)?.size]).toEqual([200, 300]);
  // An address has one block at a time: those before it will not come back.
  expect([blocks.take(0x10000, 64), blocks.take(0x20000, 64)]).toEqual([null, null]);
});

it('keeps the latest 4096', () => {
  const blocks = new ReturningBlocks();
  for (let i = 0; i < 5000; i++) blocks.note(0x10000, i * 16, BLOCK);
  expect([blocks.take(0x10000, 903 * 16), blocks.take(0x10000, 904 * 16)]).toEqual([null, BLOCK]);
});

it('forgets the blocks of a process', () => {
  const blocks = new ReturningBlocks();
  blocks.note(0x10000, 64, BLOCK);
  blocks.note((0x8001 << 16) | 5, 64, BLOCK);
  blocks.forget(0x8001);
  expect([blocks.take((0x8001 << 16) | 5, 64), blocks.take(0x10000, 64)]).toEqual([null, BLOCK]);
});

it('has the same future when it is saved and restored', () => {
  const blocks = new ReturningBlocks();
  for (let i = 0; i < 4500; i++) blocks.note(0x10000, i * 16, BLOCK);
  for (let i = 1000; i < 4500; i += 3) blocks.take(0x10000, i * 16);
  const restored = ReturningBlocks.restore(JSON.parse(JSON.stringify(blocks.save())), () => true);
  for (let i = 0; i < 1000; i++) for (const each of [blocks, restored]) each?.note(0x20000, i * 16, BLOCK);
  expect(restored?.save()).toEqual(blocks.save());
});

it('is not restored from what it cannot have saved', () => {
  const row = [0x10000, 64, 3, 100, 7, 9, 5, 8];
  expect(ReturningBlocks.restore([row], () => true)?.take(0x10000, 64)).toEqual(BLOCK);
  expect(ReturningBlocks.restore([row], (path) => path > 3)).toBeNull();
  for (const saved of [null, [1], [row.slice(1)], [[...row.slice(0, 7), null]], [[2 ** 33, ...row.slice(1)]]]) {
    expect(ReturningBlocks.restore(saved, () => true)).toBeNull();
  }
});
