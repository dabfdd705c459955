import { describe, expect, it } from 'vitest';
import type { PairingCore } from '../../../src/pair/pairing-core.js';
import type { Report } from '../../../src/rank/report/report.js';
import { vmstatText } from '../../helpers/counter-texts.js';
import { pairText } from '../../helpers/text-trace.js';

const PAGES_A_MIB = 256;
const MIB = 2 ** 20;
/** Made: three processes that fault in pages, a file of tmpfs, and a pipe. One block of order 10 is 4 MiB. */
const TRACE = `
  0 palloc 0 order 8 pid=9 comm=sh __alloc_pages < anon_pipe_write
  ${blocks(0, 8, 'pid=100 comm=pinner __alloc_pages < do_anonymous_page')}
  ${blocks(20, 8, 'pid=200 comm=java __alloc_pages < do_anonymous_page')}
  ${blocks(40, 8, 'pid=300 comm=cc __alloc_pages < wp_page_copy')}
  ${blocks(60, 8, 'pid=200 comm=java __alloc_pages < shmem_alloc_folio')}
`;

/** Made: the same, a file that is read, pages of functions without names, and slab. */
const CACHE_TRACE = `${TRACE}
  ${blocks(80, 8, 'pid=400 comm=dd __alloc_pages < __filemap_get_folio')}
  10 palloc 2048 order 4 pid=400 comm=dd __alloc_pages < page_cache_ra_order < tiny_read
  ${blocks(100, 8, 'pid=500 comm=kworker __alloc_pages < ?1')}
  11 alloc a 12582912 kmalloc < leaky_alloc
  12 alloc b 8388608 kmalloc < small_alloc
`;

/** Made: a process that holds 32 MiB of anonymous memory and 2 MiB of a file, and one that is gone. */
const MIXED_TRACE = `
  ${blocks(0, 8, 'pid=100 comm=pinner __alloc_pages < do_anonymous_page')}
  ${blocks(20, 8, 'pid=200 comm=java __alloc_pages < do_anonymous_page')}
  10 palloc 2048 order 9 pid=200 comm=java __alloc_pages < __filemap_get_folio
`;

function blocks(from: number, count: number, rest: string): string {
  return Array.from({ length: count }, (_, i) => `${i + 1} palloc ${(from + i + 1) * 1024} order 10 ${rest}`).join(
    '\n',
  );
}

/** A machine of 1 GiB; all on the LRU lists is anonymous, `surplusMiB` of it is not mapped. */
function sample(core: PairingCore, surplusMiB: number, processes = ''): void {
  const timeNs = core.nowNs + 1e9;
  const anon = 200 - surplusMiB;
  const text = `MemTotal: ${2 ** 20} kB\nMemFree: 500000 kB\nActive: ${200 * 1024} kB\nInactive: 0 kB\nAnonPages: ${anon * 1024} kB\n`;
  if (processes !== '') core.fact({ type: 'counters', timeNs, source: 'processes', text: processes });
  core.fact({ type: 'counters', timeNs, source: 'zoneinfo', text: 'managed 262144\nnr_free_pages 125000\ncount 9\n' });
  core.fact({ type: 'counters', timeNs, source: 'meminfo', text });
  core.fact({ type: 'counters', timeNs, source: 'vmstat', text: vmstatText(40_000, 100) });
}

function traced(surplusMiB: number, processes: string, text = TRACE) {
  const { core, report } = pairText('');
  sample(core, 0);
  const trace = pairText(text);
  // The samples must come before and after the events.
  trace.core.firstMeminfo = core.firstMeminfo;
  trace.core.leastHeldBytes = core.leastHeldBytes;
  trace.core.fact({ type: 'counters', timeNs: 20, source: 'vmstat', text: vmstatText(0, 100) });
  sample(trace.core, surplusMiB, processes);
  return { ...trace, empty: report };
}

function rows(report: Report): [site: string, category: string | null, heldMiB: number | null][] {
  return report.stacks.map(({ frames, firstFrame, category, heldByReference }) => [
    frames[firstFrame].symbol,
    category,
    heldByReference === null ? null : Math.round((heldByReference.bytes / MIB) * 10) / 10,
  ]);
}

const MAPPED_ALL = `200 ${64 * PAGES_A_MIB}\n300 ${64 * PAGES_A_MIB}\n`;

describe('pages that nobody maps, but a reference holds', () => {
  it('of a process that is gone are held by a reference: on top, not hidden, and said to be so', () => {
    const { report } = traced(32, `100 gone\n${MAPPED_ALL}`);
    expect(rows(report()).slice(0, 2)).toEqual([
      // Both processes fault through one function: half of its pages are the pinner's.
      ['do_anonymous_page', 'held by a reference', 32],
      ['anon_pipe_write', 'unaccounted', null],
    ]);
    expect(rows(report({ hideAccounted: true })).map(([site]) => site)).toEqual([
      'do_anonymous_page',
      'anon_pipe_write',
    ]);
    expect(rows(report({ categories: ['held by a reference'] })).length).toBe(1);
    const [row] = report({ comm: 'pinner' }).stacks;
    expect(row.heldByReference).toEqual({ bytes: 32 * MIB, goneBytes: 32 * MIB, atMostBytes: 32 * MIB, isExact: true });
    expect(row.note).toMatch(
      /^32\.0 MiB of it is mapped by no process, but held by a reference .*processes that are gone$/,
    );
    expect(report({ comm: 'java' }).stacks.every((stack) => stack.heldByReference === null)).toBe(true);
  });

  it('of a living process are what it took, holds, and does not map', () => {
    const { report } = traced(24, `100 ${8 * PAGES_A_MIB}\n${MAPPED_ALL}`);
    const [row] = report({ comm: 'pinner' }).stacks;
    expect(row.category).toBe('held by a reference');
    expect(row.heldByReference).toEqual({ bytes: 24 * MIB, goneBytes: 0, atMostBytes: 24 * MIB, isExact: true });
    expect(row.reliability).toBe('confirmed');
  });

  it('are a bound where processes lack more than the counters show: a child may map them', () => {
    const { report } = traced(20, `100 gone\n${MAPPED_ALL}`);
    const [row] = report({ comm: 'pinner' }).stacks;
    // The surplus is exact but for pages on their way to a list, 4 MiB at most.
    expect(row.heldByReference).toMatchObject({ bytes: 20 * MIB, atMostBytes: 24 * MIB, isExact: false });
    expect(row.reliability).toBe('plausible');
    expect(row.note).toMatch(/^20\.0 MiB of it is .* and up to 24\.0 MiB may be/);
    expect(report({ comm: 'cc' }).stacks[0].heldByReference).toBeNull();
  });

  it('may be in any row of anon or shmem where no process lacks them: not hidden, and not confirmed', () => {
    const { report } = traced(16, `100 ${64 * PAGES_A_MIB}\n${MAPPED_ALL}`);
    const hidden = report({ hideAccounted: true });
    expect(
      rows(hidden)
        .map(([site]) => site)
        .toSorted(),
    ).toEqual(['anon_pipe_write', 'do_anonymous_page', 'shmem_alloc_folio', 'wp_page_copy']);
    for (const { category, heldByReference, reliability, note } of hidden.stacks.filter(
      ({ category: name }) => name !== 'unaccounted',
    )) {
      expect(category).toMatch(/^(?:anon|shmem)$/);
      expect(heldByReference).toEqual({ bytes: 0, goneBytes: 0, atMostBytes: 16 * MIB, isExact: false });
      expect(reliability).toBe('plausible');
      expect(note).toMatch(/^up to 16\.0 MiB of it may be/);
    }
  });

  it('are none without a surplus, however many processes are gone', () => {
    for (const surplus of [0, 3]) {
      const { report } = traced(surplus, '100 gone\n200 gone\n300 gone\n');
      expect(rows(report())[0][0]).toBe('anon_pipe_write');
      expect(report().stacks.every((stack) => stack.heldByReference === null)).toBe(true);
      expect(rows(report({ hideAccounted: true }))).toEqual([['anon_pipe_write', 'unaccounted', null]]);
    }
  });

  it('came since the least that was held: what was freed meanwhile does not hide them', () => {
    const { core, report } = traced(32, `100 gone\n${MAPPED_ALL}`);
    core.leastHeldBytes = Number.POSITIVE_INFINITY;
    sample(core, 40);
    // Whether what is held now was held before is open.
    expect(report({ comm: 'pinner' }).stacks[0].heldByReference).toMatchObject({ bytes: 0, atMostBytes: 32 * MIB });
    sample(core, 2);
    sample(core, 34, MAPPED_ALL);
    expect(report({ comm: 'pinner' }).stacks[0].heldByReference?.bytes).toBe(32 * MIB);
  });

  it('are a bound where another reference was given back meanwhile, so that the surplus has not grown', () => {
    const { core, report } = traced(32, `100 gone\n${MAPPED_ALL}`);
    core.leastHeldBytes = Number.POSITIVE_INFINITY;
    sample(core, 48);
    sample(core, 32);
    const [row] = report({ comm: 'pinner' }).stacks;
    expect(row.heldByReference).toEqual({ bytes: 0, goneBytes: 0, atMostBytes: 32 * MIB, isExact: false });
    expect([row.category, row.reliability]).toEqual(['anon', 'plausible']);
    expect(report({ comm: 'pinner', hideAccounted: true }).stacks.length).toBe(1);
    for (const comm of ['java', 'cc']) {
      expect(report({ comm }).stacks.every((stack) => stack.heldByReference === null)).toBe(true);
    }
  });

  it('are a fact of no process where a parent whose child maps its pages lacks as much as the holder', () => {
    // 300 forked and ended; its child maps all. 100 lives, and maps nothing that it took.
    const { report } = traced(32, `100 0\n300 gone\n200 ${64 * PAGES_A_MIB}\n`);
    for (const comm of ['pinner', 'cc']) {
      const [row] = report({ comm }).stacks;
      expect(row.heldByReference).toEqual({ bytes: 0, goneBytes: 0, atMostBytes: 32 * MIB, isExact: false });
      expect([row.category, row.reliability]).toEqual(['anon', 'plausible']);
      expect(row.note).toMatch(/^up to 32\.0 MiB of it may be/);
      expect(report({ comm, hideAccounted: true }).stacks.length).toBe(1);
    }
    const byComm = new Map(report({ group: 'comm' }).stacks.map((stack) => [stack.merged?.label, stack]));
    expect(byComm.get('pinner')).toMatchObject({
      reliability: 'plausible',
      heldByReference: { atMostBytes: 32 * MIB },
    });
    expect(byComm.get('cc')).toMatchObject({ reliability: 'plausible', heldByReference: { bytes: 0 } });
  });

  it('are what the other processes cannot explain', () => {
    const { report } = traced(36, `100 gone\n300 ${24 * PAGES_A_MIB}\n200 ${64 * PAGES_A_MIB}\n`);
    // 32 and 8 MiB are lacking, 4 MiB of which are not held.
    const [pinner] = report({ comm: 'pinner' }).stacks;
    expect(pinner.heldByReference).toMatchObject({ bytes: 28 * MIB, atMostBytes: 32 * MIB, isExact: false });
    expect(pinner.category).toBe('held by a reference');
    const [cc] = report({ comm: 'cc' }).stacks;
    expect(cc.heldByReference).toMatchObject({ bytes: 4 * MIB, atMostBytes: 8 * MIB });
    expect(cc.category).toBe('anon');
  });

  it('may be page cache that was spliced and truncated, or of no known category', () => {
    const { report } = traced(16, `100 ${64 * PAGES_A_MIB}\n${MAPPED_ALL}`, CACHE_TRACE);
    const { stacks } = report({ hideAccounted: true });
    const found = new Map(stacks.map((row) => [row.frames[row.firstFrame].symbol, row]));
    for (const row of [found.get('__filemap_get_folio'), stacks.find(({ category }) => category === null)]) {
      expect(row?.heldByReference).toEqual({ bytes: 0, goneBytes: 0, atMostBytes: 16 * MIB, isExact: false });
      expect(row?.reliability).toBe('plausible');
      expect(row?.note).toMatch(/^up to 16\.0 MiB of it may be mapped by no process and in no file/);
    }
    expect(found.get('__filemap_get_folio')?.category).toBe('page cache');
    expect(found.get('wp_page_copy')).toMatchObject({ category: 'anon', heldByReference: { bytes: 0 } });
    expect(found.has('tiny_read')).toBe(false);
  });

  it('may be page cache too where a process lacks far more than the counters show', () => {
    const { report } = traced(12, `100 gone\n${MAPPED_ALL}`, CACHE_TRACE);
    const [pinner] = report({ comm: 'pinner' }).stacks;
    expect(pinner.heldByReference).toMatchObject({ bytes: 0, atMostBytes: 16 * MIB });
    const [cached] = report({ comm: 'dd' }).stacks;
    expect(cached.heldByReference).toMatchObject({ bytes: 0, atMostBytes: 12 * MIB });
    expect(report({ comm: 'cc' }).stacks[0].heldByReference).toBeNull();
    // Of java's 64 MiB, 32 are of a file of tmpfs. What it has of anonymous memory, it maps.
    const all = report({ group: 'comm' }).stacks.find((stack) => stack.merged?.label === 'java');
    expect(all?.heldByReference).toMatchObject({ bytes: 0, atMostBytes: 12 * MIB });
    const least = report({ group: 'comm', grep: 'do_anonymous_page' }).stacks;
    expect(least.find((stack) => stack.merged?.label === 'java')?.heldByReference).toBeNull();
  });

  it('adds no more of anonymous memory to a row of both than its processes lack', () => {
    const { report } = traced(12, `100 gone\n${MAPPED_ALL}`, MIXED_TRACE);
    const [row] = report({ group: 'comm' }).stacks.filter((stack) => stack.merged?.label === 'java');
    expect(row.heldByReference).toEqual({ bytes: 0, goneBytes: 0, atMostBytes: 2 * MIB, isExact: false });
  });

  it('lift all rows that may hold them by no more than they are', () => {
    const { report } = traced(16, `100 ${64 * PAGES_A_MIB}\n${MAPPED_ALL}`, CACHE_TRACE);
    const sites = rows(report()).map(([site]) => site);
    // Of 16 MiB each row of 32 MiB of 192 has 2.7 MiB. Slab of 12 and of 8 MiB weighs 3 and 2 MiB.
    expect(sites.indexOf('leaky_alloc')).toBeLessThan(sites.indexOf('__filemap_get_folio'));
    expect(sites.indexOf('__filemap_get_folio')).toBeLessThan(sites.indexOf('small_alloc'));
  });

  it('are summed in rows by site, and known by process where processes share a call path', () => {
    const { report } = traced(32, `100 gone\n${MAPPED_ALL}`);
    const [bySite] = report({ group: 'site' }).stacks;
    expect(bySite.heldByReference).toMatchObject({ bytes: 32 * MIB, goneBytes: 32 * MIB });
    const byComm = report({ group: 'comm' }).stacks;
    const ofComm = new Map(byComm.map((stack) => [stack.merged?.label, stack]));
    expect(ofComm.get('pinner')).toMatchObject({
      category: 'held by a reference',
      reliability: 'confirmed',
      heldByReference: { bytes: 32 * MIB, goneBytes: 32 * MIB, isExact: true },
    });
    expect(ofComm.get('java')?.heldByReference).toBeNull();
    expect(byComm[0].merged?.label).toBe('pinner');
    expect(byComm.at(-1)?.merged?.label).toMatch(/^(?:java|cc)$/);
    const byCategory = report({ group: 'category' }).stacks.map((stack) => stack.merged?.label);
    expect(byCategory).toContain('held by a reference');
  });
});
