/** A census that the user of the screen asks for: begun at once, said how it ends, one at a time. */
import { expect, it } from 'vitest';
import type { CensusWatch, TakenCensus } from '../../../src/session/driver.js';
import { CensusAction } from '../../../src/session/screen/census-action.js';
import { firstCensus } from '../../view/fixtures/census.js';

interface Begun {
  caches: readonly string[];
  watch: CensusWatch;
  done: (taken: TakenCensus) => void;
  fail: (error: Error) => void;
}

function action(): { census: CensusAction; begun: Begun[]; said: [string, boolean][] } {
  const begun: Begun[] = [];
  const said: [string, boolean][] = [];
  const takeCensus = ({ caches }: { caches: readonly string[] }, watch: CensusWatch): Promise<TakenCensus> =>
    new Promise((done, fail) => {
      begun.push({ caches, watch, done, fail });
    });
  return { census: new CensusAction({ takeCensus }, (text, failed) => said.push([text, failed])), begun, said };
}

const TAKEN: TakenCensus = { census: firstCensus(), isCarried: true };

/** Lets what was settled be told. */
const told = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins at once and says what came of it', async () => {
  const { census, begun, said } = action();
  census.start([]);
  expect(said).toEqual([['census: counting every page', false]]);
  begun[0].done(TAKEN);
  await told();
  expect(said[1]).toEqual(['census in 35.0ms: 14.1 GiB in no line of meminfo; 5 shows every page', false]);
});

it('says when a recording does not have it', async () => {
  const { census, begun, said } = action();
  census.start([]);
  begun[0].done({ ...TAKEN, isCarried: false });
  await told();
  expect(said[1][0]).toMatch(/5 shows every page; no recording has room for it$/);
});

it('says of which cache the objects are known', async () => {
  const { census, begun, said } = action();
  census.start(['kmalloc-256']);
  expect(begun[0].caches).toEqual(['kmalloc-256']);
  begun[0].done(TAKEN);
  await told();
  expect(said[1][0]).toBe('census in 35.0ms: Enter tells what the objects of kmalloc-256 are');
});

it('one at a time, and an error is said and leaves room for the next', async () => {
  const { census, begun, said } = action();
  census.start([]);
  census.start([]);
  expect([begun.length, said[1]]).toEqual([1, ['a census is being taken already', false]]);
  begun[0].fail(new Error('kernel lockdown: confidentiality'));
  await told();
  expect(said[2]).toEqual(['kernel lockdown: confidentiality', true]);
  census.start([]);
  expect(begun).toHaveLength(2);
});

it('says how far it is, not more often than can be read', async () => {
  const { census, begun, said } = action();
  census.start([]);
  begun[0].watch.onStep('pages', 0.5);
  expect(said).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 220));
  begun[0].watch.onStep('pages', 0.755);
  begun[0].watch.onStep('pages', 0.8);
  expect(said.slice(1)).toEqual([['census: every page 75 %', false]]);
});

it('that nobody asked for says nothing unless it fails', async () => {
  const { census, begun, said } = action();
  census.start([], { isAsked: false });
  await new Promise((resolve) => setTimeout(resolve, 220));
  begun[0].watch.onStep('pages', 0.5);
  begun[0].done(TAKEN);
  await told();
  expect(said).toEqual([]);
  census.start([], { isAsked: false });
  begun[1].fail(new Error('no'));
  await told();
  expect(said).toEqual([['no', true]]);
});

it('ends without a word when the screen does', async () => {
  const { census, begun, said } = action();
  census.start([]);
  census.stop();
  expect(begun[0].watch.signal.aborted).toBe(true);
  begun[0].fail(new Error('stopped'));
  await told();
  expect(said).toHaveLength(1);
});

it('in a recording says what makes one that carries a census', () => {
  const said: [string, boolean][] = [];
  new CensusAction({}, (text, failed) => said.push([text, failed])).start([]);
  expect(said).toEqual([
    ['a recording shows the censuses that it carries: record --census takes them, or C while it is made', true],
  ]);
});
