/** Dumps of page_owner and allocinfo in a bundle: their owners hold what is abnormal there. */
import { describe, expect, it } from 'vitest';
import { looksOf } from '../../src/decode/look/looks-of.js';
import { mayHoldMembers, memberWish } from '../../src/decode/look/members.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageReport } from '../../src/triage/report.js';

const ALLOCINFO =
  'allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n  3221225472 50331648 drivers/x.c:9 [fences] func:take_record\n  2147483648 524288 drivers/net/ice.c:681 [ice] func:ice_alloc_mapped_page\n  3298534883 805306 mm/slub.c:2450 func:alloc_slab_page\n';

function meminfo(slab: number, gap: number): string {
  return `MemTotal: 16777216 kB\nMemFree: ${6_000_000 - gap} kB\nMemAvailable: 6000000 kB\nBuffers: 0 kB\nCached: 0 kB\nShmem: 0 kB\nAnonPages: ${10_777_216 - slab} kB\nSlab: ${slab} kB\nSReclaimable: 0 kB\nSUnreclaim: ${slab} kB\n`;
}

function record(pfn: number, path: string): string {
  return `Page allocated via order 9, mask 0x2cc0(GFP_KERNEL), pid 7, tgid 7 (x), ts 1 ns\nPFN 0x${pfn.toString(16)} type Unmovable Block 1 type Unmovable Flags 0x0\n get_page_from_freelist+0x1/0x2\n __alloc_pages_noprof+0x1/0x2\n${path}\n\n`;
}

function bundle(texts: Record<string, string>): TriageReport {
  const members = Object.entries(texts).map(([name, text]) => ({ name, text, timeMs: null, cut: false }));
  return triageOf(looksOf(members, { source: 'sos', origin: 'bundle', timeMs: null, notRead: [] }));
}

describe('a dump in a bundle', () => {
  it('of allocinfo names who holds the gap, and who holds the slab', () => {
    const report = bundle({ 'proc/meminfo': meminfo(4_000_000, 2_097_152), 'proc/allocinfo': ALLOCINFO });
    const gap = report.findings.find(({ rule }) => rule === 'R3');
    expect(gap?.holders[0]).toEqual({
      kind: 'caller',
      name: 'ice_alloc_mapped_page (drivers/net/ice.c:681) [ice]',
      bytes: 2 * 2 ** 30,
    });
    // Objects and the pages of slabs are counted by the line Slab: they hold nothing of the gap.
    expect(gap?.holders).toHaveLength(1);
    const slab = report.findings.find(({ rule }) => rule === 'R5');
    expect(slab?.holders.map(({ name }) => name)).toContain('take_record (drivers/x.c:9) [fences]');
  });

  it('of page_owner, raw, names the path without the allocator itself', () => {
    const text = Array.from({ length: 900 }, (_, at) =>
      record(
        at * 512,
        at % 3 === 0 ? ' vma_alloc_folio+0x1/0x2\n do_anonymous_page+0x1/0x2' : ' my_ring_fill+0x1/0x2 [my_nic]',
      ),
    ).join('');
    const report = bundle({ 'proc/meminfo': meminfo(100_000, 2_097_152), 'report/page_owner': text });
    expect(report.findings.find(({ rule }) => rule === 'R3')?.holders).toEqual([
      { kind: 'caller', name: 'my_ring_fill [my_nic]', bytes: 600 * 512 * 4096 },
    ]);
  });

  it('is read from where a sosreport has it', () => {
    expect(memberWish('sos-db/proc/allocinfo')?.name).toBe('proc/allocinfo');
    expect(memberWish('sos-db/sys/kernel/debug/page_owner')?.name).toBe('report/page_owner');
    expect(memberWish('sos-db/sys/kernel/debug/page_owner_stacks/show_stacks')?.name).toBe('report/page_owner');
    expect(mayHoldMembers('sos-db/sys/kernel/debug/page_owner_stacks')).toBe(true);
  });
});
