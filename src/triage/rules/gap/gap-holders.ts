/** Of R3: who may hold pages that no line of meminfo counts. */
import { formatBytes, formatCount } from '../../../base/format.js';
import type { Facts, OwnerFacts } from '../../facts.js';
import type { Holder } from '../../report.js';
import { holdersOf, largest, line, MIB, type Scene, sum, sumBy, taskName } from '../../scene.js';
import { HELD_BY_REFERENCE, NOT_IN_MEMINFO, pageHolders } from './census-holders.js';

/** The default of a pipe: 16 pages; a larger one is not told by its descriptor. */
const PIPE_PAGES = 16;
/** The default of fs.pipe-max-size. */
const LARGEST_PIPE = MIB;
const SMALL_SHARE = 0.05;

/**
 * Returns who may hold `rest` bytes that no line counts. Each is an upper bound of its kind, but for
 * `exactBytes` of them; what is small is listed as ruled out, and what was not read is not.
 */
export function whoMayHold(scene: Scene, rest: number): { holders: Holder[]; ruledOut: string[]; exactBytes: number } {
  const { now } = scene;
  const counted = pageHolders(now, NOT_IN_MEMINFO);
  // A census looked at each page: bounds of counters add nothing.
  if (counted !== null) {
    return { holders: counted, ruledOut: [], exactBytes: sum(counted.map(({ bytes }) => bytes ?? 0)) };
  }
  const holders: Holder[] = [];
  const ruledOut: string[] = [];
  const add = (name: string, found: readonly Holder[] | null): void => {
    if (found === null) return;
    const bytes = sum(found.map((holder) => holder.bytes ?? 0));
    if (bytes > SMALL_SHARE * rest)
      holders.push(...found.filter((holder) => holder.bytes !== null && holder.bytes > 0.01 * rest));
    else ruledOut.push(`${name} ${formatBytes(bytes)}`);
  };
  const owners = unaccountedOwners(now);
  if (owners.length > 0) {
    add('page_owner and allocinfo', ownerHolders(owners).slice(0, 3));
  }
  const packets = now.sockets?.filter(({ family }) => family === 'packet') ?? [];
  const rings = ringHolders(packets.filter(({ ringBytes }) => ringBytes > 0));
  add('packet rings', packets.length === 0 ? null : rings);
  add(
    'rings of network cards',
    now.rings &&
      holdersOf(now.rings, 'device', ({ device, driver, bytes }) => ({
        name: `rings of ${device} ${driver}`.trim(),
        bytes,
      })),
  );
  add('pipes', now.processes?.some(({ open }) => open !== null) === true ? pipeHolders(scene, rest) : null);
  const tcp = now.sockstat?.get('tcp pages') ?? null;
  add(
    'TCP buffers',
    tcp === null ? null : [{ kind: 'socket', what: 'tcp', name: tcpName(now), bytes: tcp * now.machine.pageSize }],
  );
  const udp = now.sockstat?.get('udp pages') ?? null;
  add(
    'UDP buffers',
    udp === null
      ? null
      : [{ kind: 'socket', what: 'udp', name: bufferName(now, 'udp', 'UDP'), bytes: udp * now.machine.pageSize }],
  );
  add(
    'BPF maps',
    now.bpf &&
      holdersOf(
        now.bpf.filter(({ type }) => /ringbuf|arena/.test(type)),
        'map',
        ({ type, name, bytes }) => ({ what: 'bpf', name: `${type} ${name}`, bytes }),
      ),
  );
  add(
    'dma-buf',
    now.dmabuf === null || now.shmem === null
      ? null
      : holdersOf(
          now.shmem.filter(({ kind }) => kind === 'dmabuf'),
          'file',
          ({ name, processName, bytes }) => ({ name: `${name} ${processName}`, bytes }),
        ),
  );
  add('contiguous memory (CMA)', cmaHolders(scene));
  add('pools of the graphics memory manager (TTM)', ttmHolders(now));
  for (const { caller, kind, bytes } of (now.areas ?? []).filter(
    (area) => area.kind === 'dma-coherent' || area.kind === 'vmap',
  )) {
    // Address space of pages that the caller took itself: names the module, and bounds what it maps.
    if (bytes > SMALL_SHARE * rest) holders.push({ kind: 'caller', name: `${kind} ${caller}`, bytes });
  }
  // The size of a ring is told; all else may be counted elsewhere too, or not be filled.
  const exactBytes = sum(rings.map(({ bytes }) => bytes ?? 0));
  return { holders: largest(holders), ruledOut, exactBytes };
}

/** Functions whose pages a line of meminfo counts: slab, process memory, files, page tables, stacks, vmalloc. */
const ACCOUNTED =
  /alloc_slab_page|new_slab|kmem_getpages|cache_grow|cache_alloc_refill|pagecache_get_page|page_cache_ra|alloc_pages_vma|allocate_slab|vma_alloc_folio|folio_prealloc|alloc_anon_folio|do_anonymous_page|wp_page_copy|ractl_alloc_folio|filemap_|__page_cache_alloc|shmem_|pte_alloc|pmd_alloc|pagetable|alloc_thread_stack|vmalloc|pcpu_|hugetlb|swap/;

/** What page_owner, else allocinfo, says of pages that no line counts. */
export function unaccountedOwners(facts: Facts): OwnerFacts[] {
  const known = (facts.owners ?? []).filter(
    (owner) =>
      !ACCOUNTED.test(owner.frames) &&
      // A fault of a driver has its function before this one.
      !/^_*handle_mm_fault/.test(owner.frames.replace(ALLOCATOR, '')) &&
      !ofObjects(owner, facts),
  );
  const byPath = known.filter(({ source }) => source === 'page_owner');
  return byPath.length > 0 ? byPath : known.filter(({ source }) => source === 'allocinfo');
}

/** Functions of the page allocator itself, which begin each path of page_owner. */
const ALLOCATOR =
  /^(?:(?:post_alloc_hook|prep_new_page|get_page_from_freelist|__?alloc_(?:frozen_)?pages?\w*|alloc_pages?\w*|folio_alloc\w*|__folio_alloc\w*|___?get_free_pages?\w*|get_zeroed_page\w*|__set_page_owner\w*|save_stack) < )+/;

export function ownerHolders(owners: readonly OwnerFacts[]): Holder[] {
  return holdersOf(owners, 'caller', ({ frames, module, bytes }) => {
    const own = frames.replace(ALLOCATOR, '');
    return { name: module === '' || own.includes(`[${module}]`) ? own : `${own} [${module}]`, bytes };
  });
}

/** True for a line of code whose allocations are smaller than a page: objects of slab, which a line of meminfo counts. */
export function ofObjects({ source, bytes, count }: OwnerFacts, { machine }: Pick<Facts, 'machine'>): boolean {
  return source === 'allocinfo' && count > 0 && bytes / count < machine.pageSize;
}

function ringHolders(sockets: readonly { pid: number; processName: string; ringBytes: number }[]): Holder[] {
  const sums = sumBy(
    sockets,
    ({ pid, processName }) => `packet rings of ${pid > 0 ? `${pid} ` : ''}${processName}`.trim(),
    ({ ringBytes }) => ringBytes,
  );
  return largest([...sums].map(([name, bytes]) => ({ kind: 'socket', what: 'packet', name, bytes })));
}

/**
 * Processes whose pipes may hold a part that counts. The size of a pipe is not told: one that was never
 * enlarged has 16 pages, and only where such could not fill half of it, larger ones are thought of.
 */
function pipeHolders({ now }: Scene, rest: number): Holder[] {
  return holdersOf(now.processes ?? [], 'process', (task) => {
    // Both ends are open as a rule, in one process or in two.
    const pipes = Math.ceil((task.open?.pipes ?? 0) / 2);
    const usual = pipes * PIPE_PAGES * now.machine.pageSize;
    const enlarged = Math.min(rest, pipes * LARGEST_PIPE);
    const bytes = usual < rest / 2 && enlarged >= rest / 2 ? enlarged : usual;
    return { what: 'pipes', name: `${taskName(task)}, ${formatCount(pipes)} pipes, at most`, bytes };
  });
}

/** Pages of an area that nobody allocated from it hold movable memory: only what was allocated is in no line. */
function cmaHolders(scene: Scene): Holder[] | null {
  const total = line(scene, 'CmaTotal');
  if (total === 0) return null;
  const inUse = Math.max(0, total - line(scene, 'CmaFree'));
  const areas = scene.now.cma;
  if (areas === null) return [{ kind: 'device', name: 'contiguous memory in use, at most', bytes: inUse }];
  return holdersOf(areas, 'device', ({ name, allocatedBytes }) => ({
    name: `contiguous memory ${name}`,
    bytes: allocatedBytes,
  }));
}

/** Pages that TTM keeps for the next buffer; since 7.1 they are in GPUReclaim. */
function ttmHolders({ ttmPoolBytes, account }: Facts): Holder[] | null {
  if (ttmPoolBytes === null || account?.countsGpu === true) return null;
  return [{ kind: 'device', name: 'free pages in pools of TTM', bytes: ttmPoolBytes }];
}

/** Of what this machine runs: whose pages its kernel counts in no line, and for which nothing tells how many they are. A census tells it. */
export function uncounted({ now, kernel }: Scene): string[] {
  if (pageHolders(now, NOT_IN_MEMINFO) !== null) return [];
  const modules = now.modules ?? [];
  const driver = modules.find((name) => GPU_DRIVERS.includes(name));
  const kinds = [
    driver !== undefined && now.account?.countsGpu !== true
      ? `buffers of the GPU driver ${driver} (a line since 7.1)`
      : '',
    kernel < COUNTS_IOMMU && modules.some((name) => /^vfio|iommu/.test(name))
      ? 'page tables of the IOMMU (a line since 6.10)'
      : '',
    kernel < COUNTS_KVM && modules.some((name) => name.startsWith('kvm'))
      ? 'page tables of KVM (a line since 6.1)'
      : '',
  ].filter((kind) => kind !== '');
  return kinds.length === 0 ? [] : [`in no line of this kernel, and not told by it: ${kinds.join(', ')}`];
}

/** SecPageTables (mm/show_mem.c). */
const COUNTS_IOMMU = 6010;
const COUNTS_KVM = 6001;

export const GPU_DRIVERS: readonly string[] = [
  'amdgpu',
  'i915',
  'xe',
  'nouveau',
  'nvidia',
  'radeon',
  'msm',
  'panfrost',
  'v3d',
];

/** Buffers are counted for all sockets together, but the queues tell whose they are. */
function tcpName(facts: Facts): string {
  return bufferName(facts, 'tcp', 'TCP');
}

function bufferName({ sockets }: Facts, of: string, words: string): string {
  const [most] = holdersOf(
    sumBy(
      (sockets ?? []).filter(({ family, pid }) => family === of && pid > 0),
      ({ pid, processName }) => `${pid} ${processName}`,
      ({ receiveQueue, sendQueue }) => receiveQueue + sendQueue,
    ),
    'process',
    ([name, bytes]) => ({ name, bytes }),
  );
  return most === undefined
    ? `buffers of ${words} sockets`
    : `buffers of ${words} sockets, most in queues of ${most.name}`;
}

/**
 * Processes with open files that can hold pages without mapping them, and full queues: most first. How much
 * the descriptors hold is not known.
 */
export function referenceHolders({ now }: Scene): Holder[] {
  const counted = pageHolders(now, HELD_BY_REFERENCE);
  if (counted !== null) return counted;
  const queues = sumBy(
    (now.sockets ?? []).filter(({ pid }) => pid > 0),
    ({ pid }) => String(pid),
    ({ receiveQueue, sendQueue }) => receiveQueue + sendQueue,
  );
  const found: { holder: Holder; weight: number }[] = [];
  for (const task of now.processes ?? []) {
    const queued = queues.get(String(task.pid)) ?? 0;
    const has = [
      ...(task.open === null ? [] : pinsOf(task.open)),
      ...(queued > MUCH_QUEUED ? [`${formatBytes(queued)} in queues of sockets`] : []),
    ];
    if (has.length === 0) continue;
    const weight = queued + PIPE_PAGES * now.machine.pageSize * sum(Object.values(pinCounts(task.open)));
    found.push({ holder: { kind: 'process', name: `${taskName(task)} (${has.join(', ')})`, bytes: null }, weight });
  }
  return found
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, 8)
    .map(({ holder }) => holder);
}

const MUCH_QUEUED = 16 * MIB;
const MANY_PIPES = 64;

type Open = NonNullable<Facts['processes']>[number]['open'];

function pinCounts(open: Open): Record<string, number> {
  if (open === null) return {};
  return {
    io_uring: open.uring,
    vfio: open.vfio,
    rdma: open.rdma,
    gpu: open.gpu,
    pipes: open.pipes > MANY_PIPES ? open.pipes : 0,
  };
}

function pinsOf(open: NonNullable<Open>): string[] {
  return Object.entries(pinCounts(open))
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${formatCount(count)} ${name}`);
}
