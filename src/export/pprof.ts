/**
 * pprof heap profiles: https://github.com/google/pprof/blob/main/proto/profile.proto (profile.proto
 * here is the part we use).
 *
 * The four sample types are those of Go's heap profiles, in their order, so that the same options
 * (-diff_base, -sample_index, the default) apply. What is outstanding is split by process, and by cgroup
 * where that is known: one sample for each, labelled `comm` and `cgroup`. What was ever allocated is not known by process, so it is a
 * sample of its own without that label. The sums over all samples are those of the report.
 *
 * Ids begin at 1, and 0 always means "none"; string 0 is ''. Locations are leaf first. The bytes
 * are not compressed here: on disk a profile is gzipped by the code that writes the file.
 */
import protobuf from 'protobufjs/minimal.js';
import { safeText } from '../base/safe-text.js';
import { isOfProcesses } from '../rank/report/category.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { frameName, ownFrames, stateOf } from './parts/call-paths.js';
import { type Location, LocationTable } from './parts/pprof-locations.js';
import { StringTable } from './parts/string-table.js';
import { summaryLines } from './parts/summary.js';

const SAMPLE_TYPES = [
  ['alloc_objects', 'count'],
  ['alloc_space', 'bytes'],
  ['inuse_objects', 'count'],
  ['inuse_space', 'bytes'],
] as const;

interface Sample {
  locations: number[];
  /** In the order of SAMPLE_TYPES. */
  values: [allocCount: number, allocBytes: number, count: number, bytes: number];
  /** Indices of strings: key, text. */
  labels: [key: number, text: number][];
}

/** Tags of a field: wire type 2 (bytes, messages, packed integers) and 0 (integers). */
const message = (field: number): number => (field << 3) | 2;
const integer = (field: number): number => field << 3;

/** Returns a profile, not compressed. */
export function encodePprof(report: Report): Uint8Array {
  const strings = new StringTable(['']);
  const places = new LocationTable(programOf(report));
  const samples = report.stacks.flatMap((stack) => samplesOf(stack, places, strings));
  const writer = protobuf.Writer.create();
  for (const [type, unit] of SAMPLE_TYPES) writeValueType(writer, 1, strings.index(type), strings.index(unit));
  for (const sample of samples) writeSample(writer, sample);
  writeMappings(writer, places, strings);
  for (const location of places.locations) writeLocation(writer, location);
  writeFunctions(writer, places, strings);
  const dropFrames = strings.index(plumbingPattern(report.stacks));
  const comments = summaryLines(report).map((line) => strings.index(line));
  const space = strings.index('space');
  const bytes = strings.index('bytes');
  const byDefault = strings.index('inuse_space');
  for (const text of strings.strings) writer.uint32(message(6)).string(text);
  writer.uint32(integer(7)).int64(dropFrames);
  // A bigint, because the nanoseconds since 1970 exceed 2^53.
  writer.uint32(integer(9)).int64(words(BigInt(Math.max(0, Math.round(report.source.startUnixMs))) * 1_000_000n));
  writer.uint32(integer(10)).int64(report.durationNs);
  writeValueType(writer, 11, space, bytes);
  // The period is 1: values are as seen, not scaled. Not 0, which Pyroscope rejects.
  writer.uint32(integer(12)).int64(1);
  writer.uint32(message(13)).fork();
  for (const comment of comments) writer.int64(comment);
  writer.ldelim();
  writer.uint32(integer(14)).int64(byDefault);
  return writer.finish();
}

/** File name of the first traced program; null in a trace of the kernel's memory. */
function programOf({ source, processes }: Report): string | null {
  if (!isOfProcesses(source.allocators)) return null;
  return processes?.[0]?.exe.replace(/^.*\//, '') || 'program';
}

function samplesOf(stack: ReportStack, places: LocationTable, strings: StringTable): Sample[] {
  const locations = places.idsOf(stack);
  const labels = labelsOf(stack, strings);
  const samples: Sample[] = [];
  let restCount = stack.count;
  let restBytes = stack.bytes;
  const label = (key: string, text: string): [number, number] => [strings.index(key), strings.index(safeText(text))];
  for (const { who, bytes, count } of partsOf(stack)) {
    restCount -= count;
    restBytes -= bytes;
    const whose = who.map(([key, text]) => label(key, text));
    samples.push({ locations, labels: [...whose, ...labels], values: [0, 0, count, bytes] });
  }
  samples.push({ locations, labels, values: [stack.allocCount, stack.allocBytes, restCount, restBytes] });
  return samples.filter((sample) => sample.values.some((value) => value !== 0));
}

/** What is outstanding, by process in each cgroup; what is in no cgroup that is known by process alone. */
function partsOf(stack: ReportStack): { who: [key: string, text: string][]; bytes: number; count: number }[] {
  const rest = new Map(stack.comms.map((share) => [share.comm, { ...share }]));
  const parts = stack.cgroups.flatMap(({ cgroup, comms }) =>
    comms.map(({ comm, bytes, count }) => {
      const left = rest.get(comm);
      if (left !== undefined) {
        left.bytes -= bytes;
        left.count -= count;
      }
      return {
        who: [
          ['comm', comm],
          ['cgroup', cgroup],
        ] as [string, string][],
        bytes,
        count,
      };
    }),
  );
  for (const { comm, bytes, count } of rest.values()) parts.push({ who: [['comm', comm]], bytes, count });
  return parts;
}

/** A key may occur more than once: a call path that allocates from two caches has both. */
function labelsOf(stack: ReportStack, strings: StringTable): [number, number][] {
  const labels: [string, string][] = [
    ['allocator', stack.allocator],
    ['kind', stack.kind],
    ['reliability', stack.reliability],
    ...stack.caches.map((cache): [string, string] => ['cache', cache]),
  ];
  if (stack.category !== null) labels.push(['category', stack.category]);
  const state = stateOf(stack);
  if (state !== null) labels.push(['verdict', state]);
  return labels.map(([key, text]) => [strings.index(key), strings.index(safeText(text))]);
}

/**
 * Returns the pattern for drop_frames. pprof removes matching frames and all that they call from a
 * call path, as it does with the malloc of other heap profiles, so that bytes are shown at the
 * function that wanted them. A name that also occurs where it is not plumbing (reclaim runs inside
 * an allocation, and allocates) is kept: dropping it would drop what it calls.
 */
function plumbingPattern(stacks: readonly ReportStack[]): string {
  const plumbing = new Set<string>();
  const elsewhere = new Set<string>();
  for (const stack of stacks) {
    for (const [i, frame] of ownFrames(stack).entries()) {
      (i < stack.firstFrame ? plumbing : elsewhere).add(frameName(frame));
    }
  }
  const names = [...plumbing].filter((name) => !elsewhere.has(name)).toSorted();
  return names.map((name) => name.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)).join('|');
}

/** Returns a 64-bit integer as the writer takes it. */
function words(value: bigint): protobuf.Long {
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: true,
  };
}

function writeValueType(writer: protobuf.Writer, field: number, type: number, unit: number): void {
  writer.uint32(message(field)).fork();
  writer.uint32(integer(1)).int64(type).uint32(integer(2)).int64(unit).ldelim();
}

function writeSample(writer: protobuf.Writer, sample: Sample): void {
  writer.uint32(message(2)).fork();
  writer.uint32(message(1)).fork();
  for (const id of sample.locations) writer.uint64(id);
  writer.ldelim();
  writer.uint32(message(2)).fork();
  for (const value of sample.values) writer.int64(value);
  writer.ldelim();
  for (const [key, text] of sample.labels) {
    writer.uint32(message(3)).fork().uint32(integer(1)).int64(key).uint32(integer(2)).int64(text).ldelim();
  }
  writer.ldelim();
}

function writeMappings(writer: protobuf.Writer, places: LocationTable, strings: StringTable): void {
  for (const [i, mapping] of places.mappings.entries()) {
    writer.uint32(message(3)).fork();
    writer.uint32(integer(1)).uint64(i + 1);
    writer.uint32(integer(2)).uint64(words(mapping.start));
    writer.uint32(integer(3)).uint64(words(mapping.limit));
    // In brackets, because it is not a file: pprof then does not look for one to read symbols from.
    writer.uint32(integer(5)).int64(strings.index(`[${safeText(mapping.module ?? 'kernel.kallsyms')}]`));
    writer.uint32(integer(7)).bool(true).uint32(integer(8)).bool(true);
    writer.ldelim();
  }
}

function writeLocation(writer: protobuf.Writer, location: Location): void {
  writer.uint32(message(4)).fork();
  writer.uint32(integer(1)).uint64(location.id);
  if (location.mappingId !== 0) writer.uint32(integer(2)).uint64(location.mappingId);
  if (location.address !== 0n) writer.uint32(integer(3)).uint64(words(location.address));
  writer.uint32(message(4)).fork().uint32(integer(1)).uint64(location.functionId).ldelim();
  writer.ldelim();
}

/** The file of a function is its image: `pprof -top -files` then ranks modules. */
function writeFunctions(writer: protobuf.Writer, places: LocationTable, strings: StringTable): void {
  for (const [i, { name, symbol, module }] of places.functions.entries()) {
    writer.uint32(message(5)).fork();
    writer.uint32(integer(1)).uint64(i + 1);
    writer.uint32(integer(2)).int64(strings.index(name));
    writer.uint32(integer(3)).int64(strings.index(safeText(symbol)));
    if (module !== null)
      writer.uint32(integer(4)).int64(strings.index(module === '' ? 'vmlinux' : `${safeText(module)}.ko`));
    writer.ldelim();
  }
}
