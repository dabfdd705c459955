/**
 * What the kernel's own accounts say was held before a live trace: allocinfo, or else page_owner by call
 * path (6.9), or else page_owner page by page. Where one of them is on, its rows enter the trace before
 * the first event, as those of a dump do that is imported.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorOptions } from '../../collect/collector.js';
import { findPrivilege, type Privilege, readAsRoot } from '../../collect/privilege.js';
import { DumpDecoder } from '../../decode/dump/dump-decoder.js';
import type { DumpFormat } from '../../decode/dump/dump-format.js';
import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import { PassingSink } from '../../event/passing-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../event/trace-sink.js';
import { pageSize } from './page-size.js';

/** Rows of what was held, with the names of their call paths, and where they are from. */
export interface HeldBefore {
  format: DumpFormat;
  facts: TraceFact[];
  notes: string[];
}

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
  const text = privilege === null ? null : await heldText(privilege, root);
  if (text === null) return null;
  const facts: TraceFact[] = [];
  const traced = new Set(allocators.map((name) => ALLOCATOR_NAMES.indexOf(name)));
  const keep: TraceSink = {
    events: () => undefined,
    fact: (fact) => {
      if (fact.type === 'symbol') facts.push(fact);
      if (fact.type !== 'held') return;
      const rows = fact.rows.filter(({ allocator }) => traced.has(allocator));
      if (rows.length > 0) facts.push({ ...fact, rows });
    },
  };
  const decoder = new DumpDecoder(keep, dictionary, { format: text.format, pageSize: pageSize() });
  decoder.push(text.bytes);
  decoder.finish();
  if (!facts.some(({ type }) => type === 'held')) return null;
  const [, ...others] = decoder.sentences();
  const cut = text.cut === '' ? [] : [text.cut];
  return {
    format: text.format,
    facts,
    notes: [`what was held before the trace is from ${text.format}: rows marked 'before'`, ...cut, ...others],
  };
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
