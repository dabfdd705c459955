/** What a census in the look changes in the findings: holders that counters can only bound are named, exactly. */
import { describe, expect, it } from 'vitest';
import { judgeCensus } from '../../src/census/judge-census.js';
import { parseCensus } from '../../src/census/parse-census.js';
import type { Look } from '../../src/proc/look.js';
import { carriedCensus, lookWithCensus } from '../../src/session/census/carried-census.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageFinding } from '../../src/triage/report.js';
import { type LookParts, lookAt } from '../helpers/look.js';
import { holder, link, rawCensus } from '../helpers/raw-census.js';

const GIB_PAGES = 262_144;

function withCensus(parts: LookParts, census: Record<string, unknown>): Look {
  const look = lookAt(parts);
  const parsed = parseCensus(rawCensus(census));
  if (parsed === null) throw new Error('no census');
  return lookWithCensus(
    look,
    judgeCensus({ source: look.source, timeMs: look.timeMs, census: parsed, possessions: [] }),
  );
}

function findingOf(look: Look, rule: string): TriageFinding | undefined {
  return triageOf([look]).findings.find((finding) => finding.rule === rule);
}

describe('a census in the look', () => {
  it('names who holds the memory that no line counts, with its bytes', () => {
    const pipes = holder(
      'unaccounted',
      Math.floor(3.9 * GIB_PAGES),
      [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')],
      1,
      [{ pid: 4711, comm: 'leak.py', objects: 50_000, pages: Math.floor(3.9 * GIB_PAGES) }],
    );
    const module = holder(
      'unaccounted',
      Math.floor(0.05 * GIB_PAGES),
      [link('slab', 'kmalloc-96', 'uf_work', 'leaky')],
      1,
    );
    const found = findingOf(withCensus({ gap: 4 }, { holders: [pipes, module] }), 'R3');
    expect(found?.holders.slice(0, 2)).toEqual([
      {
        kind: 'process',
        what: 'pipes',
        name: 'full pipes: 50,000 pipes of leak.py (pid 4711)',
        bytes: Math.floor(3.9 * GIB_PAGES) * 4096,
      },
      { kind: 'module', name: 'kmalloc-96{uf_work} [leaky]', bytes: Math.floor(0.05 * GIB_PAGES) * 4096 },
    ]);
    expect(found?.text).toContain('It is explained by full pipes');
    expect(findingOf(lookAt({ gap: 4 }), 'R3')?.text).not.toContain('full pipes');
    const texts = { 'proc/modules': 'amdgpu 24576 0 - Live 0x0\n' };
    expect(findingOf(lookAt({ gap: 4, texts }), 'R3')?.details.join()).toContain('GPU driver amdgpu');
    expect(findingOf(withCensus({ gap: 4, texts }, { holders: [pipes] }), 'R3')?.details).toEqual([]);
  });

  it.each([
    ['packet', 'ss -0 -e -p', [link('slab', 'kmalloc-1k', ''), link('slab', 'kmalloc-2k', 'sock_def_readable')]],
    ['tcp', 'ss -tmp', [link('slab', 'skbuff_small_head', ''), link('slab', 'TCP', 'sock_def_readable')]],
    ['udp', 'ss -uamp', [link('slab', 'skbuff_small_head', ''), link('slab', 'UDP', 'sock_def_readable')]],
    ['unix', 'ss -xmp', [link('slab', 'kmalloc-cg-4k', ''), link('slab', 'skbuff_head_cache', 'unix_wfree')]],
    ['sockets', 'ss -xtuamp', [link('slab', 'skbuff_head_cache', 'sock_rfree')]],
  ])('of %s says what lists them', (what, command, chain) => {
    const held = holder('unaccounted', 4 * GIB_PAGES, chain, 1);
    const found = findingOf(withCensus({ gap: 4 }, { holders: [held] }), 'R3');
    expect(found?.holders[0].what).toBe(what);
    expect(found?.next[0]).toBe(command);
  });

  it('takes no word of a name for what it is', () => {
    const chain = [link('slab', 'many sockets packet ', 'uf_work', 'leaky')];
    const found = findingOf(
      withCensus({ gap: 4 }, { holders: [holder('unaccounted', 4 * GIB_PAGES, chain, 1)] }),
      'R3',
    );
    expect(found?.holders[0].name).toContain(' sockets packet ');
    expect(found?.holders[0].what).toBeUndefined();
    expect(found?.next.filter((command) => command.startsWith('ss '))).toEqual([]);
  });

  it('says nothing new where nobody was found', () => {
    const nobody = withCensus({ gap: 4 }, { holders: [holder('unaccounted', 4 * GIB_PAGES, [], 0)] });
    expect(findingOf(nobody, 'R3')?.holders).toEqual(findingOf(lookAt({ gap: 4 }), 'R3')?.holders);
  });

  it('names removed cgroups, and what objects of a large cache are', () => {
    const cgroups = withCensus(
      { tables: { 'table/cgroups': [['/', 2, 0, null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5000, 0, 0, 0, 0]] } },
      {},
    );
    expect(findingOf(cgroups, 'R8')?.holders[1]).toMatchObject({
      kind: 'cgroup',
      name: '/job, removed: most is shmem',
    });
    const slab = withCensus({ gib: { SUnreclaim: 5 } }, {});
    expect(findingOf(slab, 'R5')?.details).toContain(
      'of the 3,010 objects of kmalloc-256, 3,000 (750 KiB) are kmalloc-256{timerfd_tmrproc}',
    );
  });
});

it('is carried shortened, within its bytes, and still adds up', () => {
  const owners = Array.from({ length: 20_000 }, (_, i) => ({
    path: `/${'x'.repeat(300)}/${i}`,
    id: i,
    dying: i % 2 === 0,
    charged: 'user',
    class: 'anon',
    pages: i,
    objects: 0,
    bytes: 0,
    cache: '',
  }));
  const look = withCensus({}, { owners });
  expect(Buffer.byteLength(look.texts.get('report/census') ?? '')).toBeLessThan(192 << 10);
  const carried = carriedCensus(look);
  expect(carried?.classes.reduce((sum, { pages }) => sum + pages, 0)).toBe(200_000);
  expect(carried?.owners[0]).toMatchObject({ dying: true, pages: 19_998 });
});
