/**
 * Profiles are read back by protobufjs' reflection from profile.proto: a decoder that shares no
 * code with the encoder.
 */
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { summaryLines } from '../../src/export/parts/summary.js';
import { encodePprof } from '../../src/export/pprof.js';
import type { Report } from '../../src/rank/report/report.js';
import { exportReport, HOSTILE_COMM } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { realReport } from '../helpers/real-report.js';

const PROTO = new URL('../../src/export/profile.proto', import.meta.url).pathname;
const Profile = protobuf.loadSync(PROTO).lookupType('perftools.profiles.Profile');

interface Decoded {
  sampleType: { type: number; unit: number }[];
  sample: { locationId: number[]; value: number[]; label: { key: number; str: number }[] }[];
  mapping: { id: number; memoryStart: string; memoryLimit: string; filename: number; hasFunctions: boolean }[];
  location: { id: number; mappingId: number; address: string; line: { functionId: number }[] }[];
  function: { id: number; name: number; systemName: number; filename: number }[];
  stringTable: string[];
  dropFrames: number;
  timeNanos: string;
  durationNanos: number;
  periodType: { type: number; unit: number };
  period: number;
  comment: number[];
  defaultSampleType: number;
}

/** Small integers as Numbers, those above 2^53 as decimal text. */
function decode(report: Report): Decoded {
  const message = Profile.decode(encodePprof(report));
  const object = Profile.toObject(message, { longs: String, arrays: true, defaults: true });
  return JSON.parse(JSON.stringify(object), (_key, value: unknown) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  ) as Decoded;
}

/** 'name < name' of each sample with its labels and values. */
function samplesOf(profile: Decoded): { path: string; labels: Record<string, string[]>; value: number[] }[] {
  const text = (index: number): string => profile.stringTable[index];
  return profile.sample.map((sample) => {
    const names = sample.locationId.map((id) => {
      const { line } = profile.location[id - 1];
      return text(profile.function[line[0].functionId - 1].name);
    });
    const labels: Record<string, string[]> = {};
    for (const { key, str } of sample.label) (labels[text(key)] ??= []).push(text(str));
    return { path: names.join(' < '), labels, value: sample.value };
  });
}

const sum = (rows: number[][], column: number): number => rows.reduce((total, row) => total + row[column], 0);

describe('a pprof profile', () => {
  const report = exportReport();
  const profile = decode(report);
  const text = (index: number): string => profile.stringTable[index];

  test('is the golden one, byte for byte', () => {
    expectGolden('export/report.pb', encodePprof(report));
  });

  test('has the four types of a heap profile in their order, in-use bytes by default, and a period', () => {
    expect(profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`)).toEqual([
      'alloc_objects/count',
      'alloc_space/bytes',
      'inuse_objects/count',
      'inuse_space/bytes',
    ]);
    expect(text(profile.defaultSampleType)).toBe('inuse_space');
    expect([text(profile.periodType.type), text(profile.periodType.unit), profile.period]).toEqual([
      'space',
      'bytes',
      1,
    ]);
    expect([profile.timeNanos, profile.durationNanos]).toEqual(['1790000000123000000', 10_000_000_000]);
  });

  test('splits what is outstanding by process, keeps the rest, and does not split what was ever allocated', () => {
    const pipes = samplesOf(profile).filter((sample) => sample.path.includes('anon_pipe_write'));
    expect(pipes.map(({ labels, value }) => [labels.comm?.[0], ...value])).toEqual([
      ['hold-pipes', 0, 0, 1024, 4_194_304],
      ['=cmd|␀"/C calc"�![x](javascript:alert(1)) @everyone', 0, 0, 256, 1_048_576],
      [undefined, 3072, 12_582_912, 256, 1_048_576],
    ]);
    expect(pipes[0].labels).toMatchObject({
      allocator: ['page'],
      kind: ['mm_page_alloc'],
      category: ['unaccounted'],
      verdict: ['growing'],
    });
    expect(HOSTILE_COMM).toContain('\u0000');
  });

  test('gives a call path of two caches both labels, leaf first, and cuts off what an interrupt interrupted', () => {
    const [slab] = samplesOf(profile).filter((sample) => sample.labels.allocator[0] === 'slab');
    expect(slab.labels.cache).toEqual(['kmalloc-1k', '@SUM(A1)']);
    expect(slab.path).toBe('__kmalloc_noprof < nvme_tcp_alloc_request [nvme_tcp] < net_rx_action < [interrupt]');
  });

  test('has a location for a call path that could not be taken, in no mapping', () => {
    const [none] = profile.sample.filter((sample) => sample.value[3] === 8192);
    expect(samplesOf(profile).find((sample) => sample.value[3] === 8192)?.path).toBe('[no stack percpu]');
    expect(profile.location[none.locationId[0] - 1]).toMatchObject({ mappingId: 0, address: 0 });
  });

  test('has the kernel as first mapping, one a module, and every address within its own', () => {
    expect(profile.mapping.map(({ filename }) => text(filename))).toEqual([
      '[kernel.kallsyms]',
      '[nvme_tcp]',
      '[evil_mod]',
    ]);
    for (const { mappingId, address } of profile.location) {
      if (mappingId === 0) continue;
      const { memoryStart, memoryLimit, hasFunctions } = profile.mapping[mappingId - 1];
      expect(BigInt(address) >= BigInt(memoryStart) && BigInt(address) < BigInt(memoryLimit)).toBe(true);
      expect(BigInt(memoryStart) % 4096n).toBe(0n);
      expect(hasFunctions).toBe(true);
    }
    const files = new Set(profile.function.map(({ filename }) => text(filename)));
    expect(files).toEqual(new Set(['vmlinux', 'nvme_tcp.ko', 'evil_mod.ko', '']));
  });

  test('drops plumbing, but no name that also stands where it is not plumbing', () => {
    const pattern = new RegExp(`^(?:${text(profile.dropFrames)})$`);
    expect(pattern.test('__alloc_frozen_pages_noprof')).toBe(true);
    expect(pattern.test('allocate_slab')).toBe(true);
    // Above do_fault in the fifth call path, where reclaim ran inside it.
    expect(pattern.test('alloc_pages_mpol')).toBe(false);
    expect(pattern.test('anon_pipe_write')).toBe(false);
  });

  test('carries losses, notes and the selection as comments', () => {
    const comments = profile.comment.map(text);
    expect(comments).toEqual(summaryLines(report));
    expect(comments.join('\n')).toContain('LOST 1,234 events (4.0%)');
    expect(comments).toContain('lost: ring-full mm_page_free 1,200, up to 4.69 MiB');
    expect(comments).toContain('note: a note␛[31m with an escape --> & </desc>');
  });

  test('holds no control character, and every id and index it names', () => {
    expect(profile.stringTable[0]).toBe('');
    expect(profile.stringTable.join('')).not.toMatch(/\p{Cc}/u);
    expect(new Set(profile.stringTable).size).toBe(profile.stringTable.length);
    for (const list of [profile.mapping, profile.location, profile.function]) {
      expect(list.map(({ id }) => id)).toEqual(list.map((_, i) => i + 1));
    }
    for (const { locationId } of profile.sample)
      for (const id of locationId) expect(profile.location[id - 1]).toBeDefined();
  });
});

test('the sums of a profile of a real recording are those of its report', async () => {
  const report = await realReport(100_000);
  const values = decode(report).sample.map((sample) => sample.value);
  expect(sum(values, 3)).toBe(report.matching.bytes);
  expect(sum(values, 2)).toBe(report.matching.count);
  expect(sum(values, 1)).toBe(report.stacks.reduce((total, stack) => total + stack.allocBytes, 0));
  expect(sum(values, 0)).toBe(report.stacks.reduce((total, stack) => total + stack.allocCount, 0));
});
