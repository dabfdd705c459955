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

function traced(surplusMiB: number, processes: string) {
  const { core, report } = pairText('');
  sample(core, 0);
  const trace = pairText(TRACE);
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

describe('pages of anonymous memory that nobody maps', () => {
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
    expect(row.heldByReference).toMatchObject({ bytes: 20 * MIB, atMostBytes: 32 * MIB, isExact: false });
    expect(row.reliability).toBe('plausible');
    expect(row.note).toMatch(/^20\.0 MiB of it is .* and up to 32\.0 MiB may be/);
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
    expect(report().stacks.every((stack) => stack.heldByReference === null)).toBe(true);
    sample(core, 2);
    sample(core, 34, MAPPED_ALL);
    expect(report({ comm: 'pinner' }).stacks[0].heldByReference?.bytes).toBe(32 * MIB);
  });

  it('are summed in rows by site, and unknown where a row has a part of a call path', () => {
    const { report } = traced(32, `100 gone\n${MAPPED_ALL}`);
    const [bySite] = report({ group: 'site' }).stacks;
    expect(bySite.heldByReference).toMatchObject({ bytes: 32 * MIB, goneBytes: 32 * MIB });
    const byComm = report({ group: 'comm' }).stacks.find((stack) => stack.merged?.label === 'pinner');
    expect(byComm?.heldByReference).toBeNull();
    const byCategory = report({ group: 'category' }).stacks.map((stack) => stack.merged?.label);
    expect(byCategory).toContain('held by a reference');
  });
});
