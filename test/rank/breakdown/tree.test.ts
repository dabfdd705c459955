import { describe, expect, test } from 'vitest';
import {
  type CallTree,
  callTree,
  LEVEL_LIMIT,
  TREE_LIMIT,
  type TreeNode,
  type TreeRequest,
} from '../../../src/rank/breakdown/tree.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';
import { pairText } from '../../helpers/text-trace.js';

const EVERYTHING = { ...defaultSelection(100), includeSelf: true };

/** Two system calls, an interrupt, a module, pages under a slab, and an object without a call path. */
const TRACE = `
  0  alloc a 64   kmalloc < make_thing < do_open < sys_open
  1  alloc b 64   kmalloc < make_thing < do_open < sys_open
  2  alloc c 100  kmalloc < make_thing < do_stat < sys_stat
  3  alloc d 32   kmem_cache_alloc < do_open < sys_open
  4  alloc e 500  __kmalloc < drv_rx[drv] < net_rx_action < __do_softirq < do_stat < sys_stat
  5  palloc 100 order 0 alloc_pages < allocate_slab < new_slab < kmalloc < make_thing < do_open < sys_open
  6  alloc f 8
`;

function tree(request: Partial<TreeRequest>, text = TRACE, selection: Partial<Selection> = {}): CallTree {
  const { core, symbols } = pairText(text);
  return callTree(
    { core, symbols },
    { ...EVERYTHING, ...selection },
    { direction: 'root', open: [], deep: [], closed: [], ...request },
  );
}

/** Returns the tree with every node open. */
function whole(request: Partial<TreeRequest>, text = TRACE, selection: Partial<Selection> = {}): CallTree {
  const first = tree(request, text, selection);
  return tree({ ...request, deep: first.nodes.map((node) => node.key) }, text, selection);
}

function formatTree({ nodes }: CallTree): string[] {
  return nodes.map((node) => {
    const name = node.kind === 'frame' ? node.symbol + (node.module === null ? '' : `[${node.module}]`) : node.kind;
    const mark = node.children === 0 ? ' ' : node.open ? '-' : '+';
    const own = node.ownBytes > 0 ? `, own ${node.ownBytes}` : '';
    return `${'  '.repeat(node.depth)}${mark} ${name} ${node.bytes}${own} in ${node.stacks}`;
  });
}

function keyOf({ nodes }: CallTree, symbol: string): number {
  return nodes.find((node) => node.symbol === symbol)?.key ?? -1;
}

describe('a tree of callers', () => {
  test('from the root shows its first level, greatest first; the interrupt is no part of what it hit', () => {
    expect(formatTree(tree({}))).toEqual([
      '+ net_rx_action 500 in 1',
      '+ sys_open 160 in 2',
      '+ sys_stat 100 in 1',
      '  none 8, own 8 in 1',
    ]);
  });

  test('opens what is asked for, and a chain without branches to its end', () => {
    const closed = tree({});
    const open = tree({ open: [keyOf(closed, 'sys_open')] });
    expect(formatTree(open)).toEqual([
      '+ net_rx_action 500 in 1',
      '- sys_open 160 in 2',
      '  - do_open 160, own 32 in 2',
      '      make_thing 128, own 128 in 1',
      '+ sys_stat 100 in 1',
      '  none 8, own 8 in 1',
    ]);
    const again = tree({ open: [keyOf(closed, 'sys_open')], closed: [keyOf(open, 'do_open')] });
    expect(formatTree(again)[2]).toBe('  + do_open 160, own 32 in 2');
  });

  test('from the leaf begins with who allocated, plumbing left out', () => {
    expect(formatTree(whole({ direction: 'leaf' }))).toEqual([
      '- drv_rx[drv] 500 in 1',
      '    net_rx_action 500, own 500 in 1',
      '- make_thing 228 in 2',
      '  - do_open 128 in 1',
      '      sys_open 128, own 128 in 1',
      '  - do_stat 100 in 1',
      '      sys_stat 100, own 100 in 1',
      '- do_open 32 in 1',
      '    sys_open 32, own 32 in 1',
      '  none 8, own 8 in 1',
    ]);
  });

  test('counts no byte twice: pages that others stand on are left out unless they are asked for', () => {
    expect(tree({})).toMatchObject({ bytes: 768, stacks: 5, backingBytes: 4096 });
    expect(tree({}, TRACE, { categories: ['backing'] })).toMatchObject({ bytes: 4096, stacks: 1, backingBytes: 0 });
  });

  test('obeys the selection', () => {
    expect(formatTree(tree({}, TRACE, { grep: 'do_stat', minSizeBytes: 65 }))).toEqual([
      '+ net_rx_action 500 in 1',
      '+ sys_stat 100 in 1',
    ]);
  });

  test('keys hold while the trace goes on and what is greatest changes', () => {
    const before = tree({});
    const later = tree({}, `${TRACE}\n 9 alloc g 4000 kmalloc < other < sys_stat`);
    for (const name of ['net_rx_action', 'sys_open', 'sys_stat']) expect(keyOf(later, name)).toBe(keyOf(before, name));
    expect(later.nodes[0].symbol).toBe('sys_stat');
    // The same function on another path is another node.
    const leaves = whole({}).nodes.filter((node) => node.symbol === 'make_thing');
    expect(new Set(leaves.map((node) => node.key)).size).toBe(2);
  });
});

describe('kernel entry', () => {
  const ENTRIES = `
    0  alloc a 64   kmalloc < make < ksys_write < do_syscall_64 < entry_SYSCALL_64_after_hwframe
    1  alloc b 32   kmalloc < make < ksys_write < invoke_syscall < el0_svc_common.constprop.0 < do_el0_svc < el0_svc < el0t_64_sync_handler < el0t_64_sync
    2  alloc c 16   kmalloc < touch < handle_mm_fault < exc_page_fault < asm_exc_page_fault
    3  alloc d 8    kmalloc < do_syscall_64 < entry_SYSCALL_64_after_hwframe
    4  alloc e 4    kmalloc < do_syscall_64[other] < own
  `;

  test('is left out of the tree, but of a path that has nothing else', () => {
    expect(formatTree(whole({}, ENTRIES))).toEqual([
      '- ksys_write 96 in 2',
      '    make 96, own 96 in 2',
      '- handle_mm_fault 16 in 1',
      '    touch 16, own 16 in 1',
      '- entry_SYSCALL_64_after_hwframe 8 in 1',
      '    do_syscall_64 8, own 8 in 1',
      '- own 4 in 1',
      '    do_syscall_64[other] 4, own 4 in 1',
    ]);
    expect(formatTree(whole({ direction: 'leaf' }, ENTRIES))[1]).toBe('    ksys_write 96, own 96 in 2');
  });

  test('is shown if asked for', () => {
    const shown = formatTree(whole({ entries: true }, ENTRIES));
    expect(shown.slice(0, 3)).toEqual([
      '- entry_SYSCALL_64_after_hwframe 72 in 2',
      '  - do_syscall_64 72, own 8 in 2',
      '    - ksys_write 64 in 1',
    ]);
    expect(shown.join()).toContain('el0t_64_sync 32 in 1');
  });
});

test('growth is that of the call paths that grow', () => {
  const lines: string[] = [];
  for (let ms = 0; ms < 20_000; ms += 100) {
    lines.push(`${ms * 1e6} alloc 0x${(0x100000 + ms * 4096).toString(16)} 8192 kmalloc < leak < sys_leak`);
  }
  lines.push(
    '5 alloc a 65536 kmalloc < once < sys_once',
    '6 alloc b 100 kmalloc < leak < sys_once',
    '20000000000 clock',
  );
  const sorted = lines.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  const growths = whole({}, sorted.join('\n')).nodes.map(({ symbol, growth }) => [
    symbol,
    growth === null ? null : Math.round(growth / 3600 / 1024),
  ]);
  expect(growths).toEqual([
    ['sys_leak', 80],
    ['leak', 80],
    ['sys_once', null],
    ['once', null],
    ['leak', null],
  ]);
});

/** Returns a trace of `count` objects, each on its own call path. */
function many(count: number, path: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${i} alloc 0x${(i + 1) * 4096} 64 kmalloc < ${path(i)}`).join('\n');
}

describe('bounds', () => {
  test('a level that is too long ends with what is left of it', () => {
    const { nodes } = tree(
      {},
      many(LEVEL_LIMIT + 12, (i) => `site${i}`),
    );
    expect(nodes).toHaveLength(LEVEL_LIMIT + 1);
    expect(nodes.at(-1)).toMatchObject({ kind: 'more', children: 12, bytes: 12 * 64, count: 12, stacks: 12, depth: 0 });
  });

  test('a tree that is too large too, and no byte is missing', () => {
    const found = whole(
      {},
      many(70 * 70, (i) => `leaf${i} < mid${i % 70} < root${Math.floor(i / 70)}`),
    );
    expect(found.nodes.length).toBeLessThanOrEqual(TREE_LIMIT + 3);
    expectWhole(found);
  });
});

function sum(of: readonly TreeNode[], value: (node: TreeNode) => number): number {
  return of.reduce((total, node) => total + value(node), 0);
}

/**
 * Expects that each node counts the memory of itself and of the nodes below it, and the first level
 * all memory.
 */
function expectWhole({ nodes, bytes, count, stacks }: CallTree): void {
  const roots = nodes.filter((node) => node.depth === 0);
  expect(sum(roots, (node) => node.bytes)).toBe(bytes);
  expect(sum(roots, (node) => node.count)).toBe(count);
  expect(sum(roots, (node) => node.stacks)).toBe(stacks);
  expect(new Set(nodes.map((node) => node.key)).size).toBe(nodes.length);
  for (const [index, node] of nodes.entries()) {
    if (!node.open) continue;
    let end = index + 1;
    while (end < nodes.length && nodes[end].depth > node.depth) end++;
    const below = nodes.slice(index + 1, end).filter((one) => one.depth === node.depth + 1);
    expect(sum(below, (one) => one.bytes) + node.ownBytes).toBe(node.bytes);
    expect(sum(below, (one) => (one.kind === 'more' ? one.children : 1))).toBe(node.children);
  }
}

test.each(['root', 'leaf'] as const)('a trampoline of tracing is no caller, from the %s', (direction) => {
  const plain = `0 alloc a 64 kmalloc < make < build < sys_open
    1 alloc b 32 kmalloc < make < sys_stat`;
  const hooked = `0 alloc a 64 kmalloc < make+80 < bpf_trampoline_6442491837[bpf] < make+9 < build < sys_open
    1 alloc b 32 kmalloc < make+80 < ?trampoline < make+5 < sys_stat`;
  expect(formatTree(whole({ direction }, hooked))).toEqual(formatTree(whole({ direction }, plain)));
  expect(formatTree(whole({ direction }, plain)).join()).toContain('build 64');
});

test.each(['root', 'leaf'] as const)('a recording as a tree from the %s is whole', async (direction) => {
  const { core, symbols } = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
  const request = { direction, open: [], deep: [], closed: [] };
  const first = callTree({ core, symbols }, EVERYTHING, request);
  const all = callTree({ core, symbols }, EVERYTHING, { ...request, deep: first.nodes.map((node) => node.key) });
  expect(all.nodes.length).toBeGreaterThan(first.nodes.length);
  expectWhole(all);
  // The load held 101 full pipes of 16 pages; two more pages belong to another process.
  const pipes = all.nodes.find((node) => node.symbol === 'anon_pipe_write');
  expect([pipes?.bytes, pipes?.count]).toEqual([(101 * 16 + 2) * 4096, 101 * 16 + 2]);
});
