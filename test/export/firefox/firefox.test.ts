/** The profile by the rules of the viewer's format, version 49; npm run test:consumers reads it with the viewer's code. */

import { fail } from 'node:assert';
import { expect, test } from 'vitest';
import { valuesOf } from '../../../src/event/kinds.js';
import { encodeFirefox, firefoxPieces } from '../../../src/export/firefox/firefox.js';
import type { Report } from '../../../src/rank/report/report.js';
import { exportReport, HOSTILE_SYMBOL } from '../../helpers/export-report.js';
import { realReport } from '../../helpers/real-report.js';

interface Table {
  length: number;
  [column: string]: unknown;
}

interface Thread {
  name: string;
  pid: string;
  tid: number;
  samples: Table & { stack: number[]; time: number[]; weight: number[]; weightType: string };
  nativeAllocations: Table & { stack: number[]; time: number[]; weight: number[]; memoryAddress: number[] };
  markers: Table & {
    data: { type: string; name: string; [field: string]: unknown }[];
    name: number[];
    startTime: number[];
    endTime: (number | null)[];
    phase: number[];
  };
  stackTable: Table & { frame: number[]; prefix: (number | null)[]; category: number[] };
  frameTable: Table & { func: number[]; category: number[] };
  funcTable: Table & { name: number[]; resource: number[] };
  stringArray: string[];
}

interface Profile {
  meta: {
    product: string;
    version: number;
    preprocessedProfileVersion: number;
    startTime: number;
    profilingEndTime: number;
    categories: { name: string; color: string }[];
    markerSchema: { name: string; data: { key: string; format: string }[] }[];
    extra: { entries: { value: string }[] }[];
  };
  libs: unknown[];
  threads: Thread[];
  counters: { pid: string; mainThreadIndex: number; samples: { time: number[]; count: number[] }; category: string }[];
}

const profileOf = (report: Report): Profile => JSON.parse(encodeFirefox(report)) as Profile;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Names of a row of the table of stacks, root first. */
function namesOf(thread: Thread, row: number): string[] {
  const { stackTable, frameTable, funcTable, stringArray } = thread;
  const name = stringArray[funcTable.name[frameTable.func[stackTable.frame[row]]]];
  const prefix = stackTable.prefix[row];
  return prefix === null ? [name] : [...namesOf(thread, prefix), name];
}

/** Checks the rules that the viewer relies on and does not check itself. */
function check(profile: Profile): void {
  expect(profile.meta).toMatchObject({ preprocessedProfileVersion: 49, version: 29 });
  expect(new Set(profile.threads.map(({ tid }) => tid)).size).toBe(profile.threads.length);
  for (const thread of profile.threads) {
    const { samples, nativeAllocations, markers, stackTable, frameTable, funcTable } = thread;
    expect(typeof thread.pid).toBe('string');
    for (const table of [samples, nativeAllocations, markers, stackTable, frameTable, funcTable]) {
      for (const column of Object.values(table)) if (Array.isArray(column)) expect(column).toHaveLength(table.length);
    }
    expect(samples.weightType).toBe('bytes');
    for (const { time } of [samples, nativeAllocations]) expect(time).toEqual(time.toSorted((a, b) => a - b));
    for (const row of [...samples.stack, ...nativeAllocations.stack]) expect(row).toBeLessThan(stackTable.length);
    // A prefix stands before what is below it.
    for (const [row, prefix] of stackTable.prefix.entries()) expect(prefix ?? -1).toBeLessThan(row);
    for (const category of stackTable.category) expect(profile.meta.categories[category]).toBeDefined();
    checkMarkers(thread, profile.meta);
    for (const name of funcTable.name) expect(thread.stringArray[name]).toBeDefined();
    expect(new Set(funcTable.resource)).toEqual(new Set(funcTable.length === 0 ? [] : [-1]));
    checkBalance(thread);
  }
  for (const [i, counter] of profile.counters.entries()) {
    expect(counter.mainThreadIndex).toBe(i);
    expect(counter.pid).toBe(profile.threads[i].pid);
    expect(counter.category).not.toBe('Memory');
    expect(sum(counter.samples.count)).toBe(sum(profile.threads[i].samples.weight));
  }
}

/** Every marker has a schema, which names all that it tells, in the format that it says. */
function checkMarkers({ markers, stringArray }: Thread, { markerSchema }: Profile['meta']): void {
  expect(new Set(markerSchema.map(({ name }) => name)).size).toBe(markerSchema.length);
  for (const { data } of markerSchema) {
    expect(new Set(data.map(({ key }) => key)).size).toBe(data.length);
    for (const { format } of data) expect(['string', 'bytes', 'duration', 'integer']).toContain(format);
  }
  for (const [row, { type, ...told }] of markers.data.entries()) {
    const schema = markerSchema.find(({ name }) => name === type);
    for (const [key, value] of Object.entries(told)) {
      const format = schema?.data.find((field) => field.key === key)?.format;
      expect([key, typeof value]).toEqual([key, format === 'string' ? 'string' : 'number']);
    }
    expect(stringArray[markers.name[row]]).toBeDefined();
    expect(markers.phase[row]).toBe(markers.endTime[row] === null ? 0 : 1);
    expect(markers.endTime[row] ?? Infinity).toBeGreaterThanOrEqual(markers.startTime[row]);
  }
  expect(markers.startTime).toEqual(markers.startTime.toSorted((a, b) => a - b));
}

/** Each free undoes one allocation of the same address, bytes and call path; the rest is what the samples hold. */
function checkBalance({ nativeAllocations, samples }: Thread): void {
  const open = new Map<number, { weight: number; stack: number }>();
  for (let i = 0; i < nativeAllocations.length; i++) {
    const [address, weight] = [nativeAllocations.memoryAddress[i], nativeAllocations.weight[i]];
    const stack = nativeAllocations.stack[i];
    if (weight > 0) {
      if (open.has(address)) fail(`address ${address} twice`);
      open.set(address, { weight, stack });
      continue;
    }
    expect(open.get(address)).toEqual({ weight: -weight, stack });
    open.delete(address);
  }
  expect(sum([...open.values()].map(({ weight }) => weight))).toBe(sum(samples.weight));
}

test('follows the rules of the format, and holds what the report holds', async () => {
  check(profileOf(exportReport()));
  const report = await realReport(100_000);
  const profile = profileOf(report);
  check(profile);
  expect(sum(profile.threads.flatMap(({ samples }) => samples.weight))).toBe(report.matching.bytes);
  expect(profile.threads.flatMap(({ samples }) => samples.stack).length).toBeGreaterThan(10);
});

test('has a thread a category: unaccounted first, backing last, as it is counted already', () => {
  const { threads, meta } = profileOf(exportReport());
  expect(threads.map(({ name }) => name)).toEqual(['unaccounted', 'slab', 'percpu', 'backing (counted already)']);
  expect(meta.categories.map(({ name }) => name)).toEqual(['Other', ...threads.map(({ name }) => name)]);
  expect(sum(threads[0].samples.weight)).toBe(6_291_456 + 65_536 + 4096);
});

test('shows call paths root first, with the verdict at the leaf and an interrupt as one frame', () => {
  const { threads } = profileOf(exportReport());
  const [pipes] = threads[0].samples.stack
    .map((row) => namesOf(threads[0], row))
    .filter((names) => names.includes('anon_pipe_write'));
  expect(pipes[0]).toBe('entry_SYSCALL_64_after_hwframe');
  expect(pipes.at(-1)).toBe('[growing]');
  const [slab] = threads[1].samples.stack.map((row) => namesOf(threads[1], row));
  expect(slab).toEqual(['[interrupt]', 'net_rx_action', 'nvme_tcp_alloc_request [nvme_tcp]', '__kmalloc_noprof']);
});

test('a curve is a track, and allocations and frees with their times', () => {
  const report = exportReport();
  report.curve = { firstNs: 1e9, stepNs: 1e9, points: 3 };
  report.stacks = [{ ...report.stacks[0], curve: [8192, 4096, 12_288], bytes: 12_288 }];
  const { threads, counters } = profileOf(report);
  const { time, weight } = threads[0].nativeAllocations;
  expect(time.map((ms, i) => [ms, weight[i]])).toEqual([
    [1000, 4096],
    [1000, 4096],
    [2000, -4096],
    [3000, 8192],
  ]);
  expect(counters[0].samples).toMatchObject({ time: [0, 1000, 2000, 3000], count: [0, 8192, -4096, 8192] });
  expect(threads[0].samples).toMatchObject({ time: [1000, 3000], weight: [4096, 8192] });
});

test('says losses in its title, as a marker and with all notes in the facts', () => {
  const { meta, threads } = profileOf(exportReport());
  expect(meta.product).toContain('LOST 1,234 events');
  const markers = threads[0].markers.data.map(({ name }) => name);
  expect(markers[0]).toContain('LOST 1,234 events');
  expect(markers).toContain('note: kfree_rcu is not traced on this kernel');
  const facts = meta.extra[0].entries.map(({ value }) => value);
  expect(facts).toContain('note: kfree_rcu is not traced on this kernel');
});

test('what is not outstanding is called what it is', () => {
  const report = exportReport();
  for (const [, held] of valuesOf(report.outstanding)) held.meaning = 'allocated';
  expect(profileOf(report).threads[0].name).toBe('unaccounted, allocated (frees not traced)');
});

test('hostile names stay names', () => {
  const text = encodeFirefox(exportReport());
  expect(text).not.toMatch(/\p{Cc}(?!$)/u);
  const names = profileOf(exportReport()).threads.flatMap(({ stringArray }) => stringArray);
  expect(names.some((name) => name.startsWith(HOSTILE_SYMBOL.slice(0, 20)))).toBe(true);
});

test('a report without a row is a profile with one empty thread', () => {
  const profile = profileOf({ ...exportReport(), stacks: [] });
  check(profile);
  expect(profile.threads).toHaveLength(1);
  expect(profile.threads[0].samples.length).toBe(0);
});

test('comes in pieces, a thread in each', () => {
  const pieces = [...firefoxPieces(exportReport())];
  expect(pieces.filter((piece) => piece.startsWith('{"processType"'))).toHaveLength(4);
});
