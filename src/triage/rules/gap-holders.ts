/** Of R3: who may hold pages that no line of meminfo counts. */
import { formatBytes, formatCount } from '../../base/format.js';
import type { Facts, OwnerFacts } from '../facts.js';
import type { Holder } from '../report.js';
import { holdersOf, largest, line, MIB, type Scene, sum, sumBy, taskName } from '../scene.js';

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
  add('TCP buffers', tcp === null ? null : [{ kind: 'socket', name: tcpName(now), bytes: tcp * now.machine.pageSize }]);
  add(
    'BPF maps',
    now.bpf &&
      holdersOf(
        now.bpf.filter(({ type }) => /ringbuf|arena/.test(type)),
        'map',
        ({ type, name, bytes }) => ({ name: `${type} ${name}`, bytes }),
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
  const cma = line(scene, 'CmaTotal') - line(scene, 'CmaFree');
  if (line(scene, 'CmaTotal') > 0)
    add('contiguous memory (CMA)', [{ kind: 'device', name: 'contiguous memory in use, at most', bytes: cma }]);
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
  return largest([...sums].map(([name, bytes]) => ({ kind: 'socket', name, bytes })));
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
    return { name: `${taskName(task)}, ${formatCount(pipes)} pipes, at most`, bytes };
  });
}

/** Buffers are counted for all sockets together, but the queues tell whose they are. */
function tcpName({ sockets }: Facts): string {
  const [most] = holdersOf(
    sumBy(
      (sockets ?? []).filter(({ family, pid }) => family === 'tcp' && pid > 0),
      ({ pid, processName }) => `${pid} ${processName}`,
      ({ receiveQueue, sendQueue }) => receiveQueue + sendQueue,
    ),
    'process',
    ([name, bytes]) => ({ name, bytes }),
  );
  return most === undefined ? 'buffers of TCP sockets' : `buffers of TCP sockets, most in queues of ${most.name}`;
}

/** Processes with open files that can hold pages without mapping them; how much each holds is not known. */
export function referenceHolders({ now }: Scene): Holder[] {
  const holders: Holder[] = [];
  for (const task of now.processes ?? []) {
    const { open } = task;
    if (open === null) continue;
    const kinds = [
      [open.uring, 'io_uring'],
      [open.vfio, 'vfio'],
      [open.gpu, 'gpu'],
      [open.pipes, 'pipes'],
    ] as const;
    const has = kinds
      .filter(([count, name]) => count > (name === 'pipes' ? 64 : 0))
      .map(([count, name]) => `${count} ${name}`);
    if (has.length > 0) holders.push({ kind: 'process', name: `${taskName(task)} (${has.join(', ')})`, bytes: null });
  }
  return holders.slice(0, 8);
}
