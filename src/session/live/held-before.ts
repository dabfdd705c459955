/**
 * What the kernel's own accounts say was held before a live trace: allocinfo, or else page_owner by call
 * path (6.9), or else page_owner page by page. Where one of them is on, its rows enter the trace before
 * the first event, as those of a dump do that is imported. Slab objects and vmalloc areas, of which page_owner
 * has the pages alone, come from slabinfo and vmallocinfo, which each kernel has: large ones, by cache and by caller.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorOptions } from '../../collect/collector.js';
import { findPrivilege, type Privilege, readAsRoot } from '../../collect/privilege.js';
import { DumpDecoder } from '../../decode/dump/dump-decoder.js';
import type { DumpFormat } from '../../decode/dump/dump-format.js';
import { ADDRESS_SPACES, ALLOCATOR_NAMES } from '../../event/kinds.js';
import { PassingSink } from '../../event/passing-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { HeldRow, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { CACHE_INDEX } from '../../rank/names/path-traits.js';
import { isReclaimableCache } from '../../rank/names/reclaimable.js';
import { pageSize } from './page-size.js';

/** Rows of what was held, with the names of their call paths, and where they are from. */
export interface HeldBefore {
  format: DumpFormat;
  facts: TraceFact[];
  notes: string[];
}

/**
 * Of all memory: a cache or a caller of vmalloc() that has less is ordinary, and would stand in the way of what is
 * traced. The tab Caches has all of them.
 */
const LARGE_SHARE = 0.02;
const LARGE_BYTES = 64 << 20;

/** allocinfo has some 6,000 lines, page_owner_stacks some 10,000 call paths. */
const TEXT_LIMIT = 64 << 20;
/** page_owner has one entry a page, gigabytes in all, which the kernel takes minutes to write. */
const RAW_LIMIT_MS = 2000;

interface HeldText {
  format: DumpFormat;
  bytes: Uint8Array;
  /** Why it is not all; '' = it is. */
  cut: string;
}

/**
 * Reads what is held now; null where no account is on or may be read, and of a sample, which cannot be
 * compared with all. `root` is where /proc and /sys are looked for.
 */
export async function heldBefore(
  { sampleOneIn, allocators }: Pick<CollectorOptions, 'sampleOneIn' | 'allocators'>,
  dictionary: TraceDictionary,
  root = '/',
): Promise<HeldBefore | null> {
  if (sampleOneIn > 1) return null;
  const privilege = await findPrivilege();
  if (privilege === null) return null;
  const account = await heldText(privilege, root);
  const traced = new Set(allocators.map((name) => ALLOCATOR_NAMES.indexOf(name)));
  const into: Into = { dictionary, isTraced: ({ allocator }) => traced.has(allocator) };
  const parts = account === null ? [] : [decoded(account, into, 0)];
  // allocinfo has the objects of all caches, and all areas.
  if (account?.format !== 'allocinfo') {
    const least = await leastBytes(root);
    const isLarge = (row: HeldRow): boolean => into.isTraced(row) && bytesOf(row) >= least;
    for (const table of await tables(privilege, root)) {
      parts.push(decoded(table, { dictionary, isTraced: isLarge }, parts.length));
    }
  }
  const known = parts.filter(({ facts }) => facts.some(({ type }) => type === 'held'));
  if (known.length === 0) return null;
  const from = known.map(({ format }) => format).join(', ');
  return {
    format: known[0].format,
    facts: known.flatMap(({ facts }) => facts),
    notes: [
      `what was held before the trace is from ${from}: rows marked 'before'`,
      ...known.flatMap(({ notes }) => notes),
    ],
  };
}

/** What several dumps enter. */
interface Into {
  dictionary: TraceDictionary;
  isTraced: (row: HeldRow) => boolean;
}

/** `part`: each dump of a trace has its own. */
function decoded(text: HeldText, { dictionary, isTraced }: Into, part: number): HeldBefore {
  const facts: TraceFact[] = [];
  const keep: TraceSink = {
    events: () => undefined,
    fact: (fact) => {
      if (fact.type === 'symbol') facts.push(fact);
      if (fact.type !== 'held') return;
      const rows = fact.rows.filter(isTraced);
      if (rows.length > 0) facts.push({ ...fact, rows });
    },
  };
  const decoder = new DumpDecoder(keep, dictionary, { format: text.format, pageSize: pageSize(), part });
  decoder.push(text.bytes);
  decoder.finish();
  const [, ...others] = decoder.sentences();
  return { format: text.format, facts, notes: [...(text.cut === '' ? [] : [text.cut]), ...others] };
}

/** Rows of a table with less are left out, bytes. */
async function leastBytes(root: string): Promise<number> {
  const meminfo = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const total = Number(/^MemTotal: {1,32}(\d{1,15}) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
  return Math.max(LARGE_BYTES, LARGE_SHARE * total);
}

function bytesOf({ allocator, size }: HeldRow): number {
  return ADDRESS_SPACES[allocator].unit === 'pages' ? size * pageSize() : size;
}

/** slabinfo and vmallocinfo, as far as they can be read. */
async function tables(privilege: Privilege, root: string): Promise<HeldText[]> {
  const texts: HeldText[] = [];
  for (const format of ['slabinfo', 'vmallocinfo'] as const) {
    const bytes = await readAsRoot(privilege, join(root, 'proc', format));
    if (bytes === null || bytes.length === 0 || bytes.length > TEXT_LIMIT) continue;
    texts.push({ format, bytes: format === 'slabinfo' ? withoutReclaimable(bytes) : bytes, cut: '' });
  }
  return texts;
}

/** Names of files and inodes that were looked up are not lost: the kernel takes them back. */
function withoutReclaimable(slabinfo: Uint8Array): Uint8Array {
  const lines = new TextDecoder().decode(slabinfo).split('\n');
  const kept = lines.filter((line) => !isReclaimableCache(line.slice(0, line.indexOf(' ')), CACHE_INDEX));
  return new TextEncoder().encode(kept.join('\n'));
}

async function heldText(privilege: Privilege, root: string): Promise<HeldText | null> {
  const read = async (...path: string[]): Promise<Uint8Array | null> => {
    const bytes = await readAsRoot(privilege, join(root, ...path));
    return bytes === null || bytes.length === 0 || bytes.length > TEXT_LIMIT ? null : bytes;
  };
  const setting = await read('proc/sys/vm/mem_profiling');
  // 0 = off since the start or since then: what it counts is not what is held.
  const isOff = setting !== null && !new TextDecoder().decode(setting).startsWith('1');
  const allocinfo = isOff ? null : await read('proc/allocinfo');
  if (allocinfo !== null) return { format: 'allocinfo', bytes: allocinfo, cut: '' };
  const stacks = await read('sys/kernel/debug/page_owner_stacks/show_stacks');
  if (stacks !== null) return { format: 'page_owner_stacks', bytes: stacks, cut: '' };
  // Root alone enters debugfs, and a command of its own would read for minutes.
  return privilege.how === 'root' ? rawText(join(root, 'sys/kernel/debug/page_owner')) : null;
}

/** Reads page_owner as far as limits of size and time let it. */
async function rawText(path: string): Promise<HeldText | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  const parts: Uint8Array[] = [];
  let length = 0;
  const until = performance.now() + RAW_LIMIT_MS;
  let cut = '';
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(1 << 20));
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
      if (length < TEXT_LIMIT && performance.now() < until) continue;
      cut = 'page_owner was read in part: more was held before than is shown (a whole copy: unfreed import)';
      break;
    }
  } catch {
    cut = 'page_owner could not be read to its end: more was held before than is shown';
  } finally {
    await file.close();
  }
  return length === 0 ? null : { format: 'page_owner', bytes: Buffer.concat(parts), cut };
}

/** HeldBeforeSink: passes a trace on, with what was held before it behind the first host fact. */
export class HeldBeforeSink extends PassingSink {
  private readonly held: HeldBefore;
  private isTold = false;

  constructor(sink: TraceSink, held: HeldBefore) {
    super(sink);
    this.held = held;
  }

  override fact(fact: TraceFact): void {
    if (fact.type !== 'host') return super.fact(fact);
    const { format, notes, facts } = this.held;
    super.fact({ ...fact, facts: { ...fact.facts, heldBy: format, notes: [...fact.facts.notes, ...notes] } });
    if (this.isTold) return;
    this.isTold = true;
    for (const each of facts) super.fact(each);
    // Kept no longer: they may be many.
    facts.length = 0;
  }
}
