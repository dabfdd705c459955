/**
 * Event kinds: the tracepoint that an event came from, or what happened to the memory of a process. The numbers are those of the collector's
 * stream (bpf/README.md) and of the recording (src/recording/FORMAT.md); they never change meaning.
 *
 * Bit 4 (value 16) is set on frees and clear on allocs. Bit 7 (value 128) on an alloc marks the
 * tracer's own memory. The two halves of a page's move have bit 4 set: like frees, they have
 * neither a call path nor a task.
 */
export const KMALLOC = 1;
export const KMEM_CACHE_ALLOC = 2;
export const PAGE_ALLOC = 3;
export const PERCPU_ALLOC = 4;
export const VMALLOC_ALLOC = 5;
/** A block of the heap of a process: malloc() and its kin, operator new. */
export const HEAP_ALLOC = 6;
/** A range of the address space of a process was mapped. Like RESERVE, it releases what lay in its range first. */
export const MAP = 7;
/** Likewise, of pages that nobody may touch (PROT_NONE). */
export const RESERVE = 10;
export const KFREE = 17;
export const KMEM_CACHE_FREE = 18;
export const PAGE_FREE = 19;
export const PERCPU_FREE = 20;
export const VMALLOC_FREE = 21;
export const HEAP_FREE = 22;
/** Releases exactly this range, of what is mapped and of what is reserved. */
export const UNMAP = 23;
/**
 * The kernel moved what was in these pages; PAGE_MOVED_TO is the next event and names as many pages
 * elsewhere. The free of the old pages follows as an event of its own.
 */
export const PAGE_MOVED_FROM = 24;
export const PAGE_MOVED_TO = 25;
/** What is mapped or reserved in a range moved; RANGE_MOVED_TO is the next event and names as many pages elsewhere. */
export const RANGE_MOVED_FROM = 26;
export const RANGE_MOVED_TO = 27;
/** What is mapped in a range is reserved now, with its call path and time. */
export const BECAME_RESERVED = 28;
/** What is reserved in a range is mapped now, likewise. */
export const BECAME_USABLE = 29;
/** The free by a realloc() that may fail: HEAP_UNDO of the same key may come, and then the block is held as before. */
export const HEAP_FREE_UNLESS = 30;
export const HEAP_UNDO = 31;

/** Set on the kind of every free. */
export const FREE_BIT = 16;
/** Set on the kind of an alloc made by the tracer itself (collector or core). */
export const SELF_BIT = 128;
/** kind & KIND_MASK is the kind without SELF_BIT. */
export const KIND_MASK = 127;
/**
 * Set on the kind of a row of the PathTable that holds memory from before the trace (pairing rule
 * 10). No event has it.
 */
export const BEFORE_BIT = 64;

/** Addresses from 0 to this one are not memory: NULL, and the pointer that kmalloc(0) returns. */
export const ZERO_SIZE_PTR = 16;

/**
 * Address spaces, each with its own table of outstanding allocations. The numbers are indices of
 * ADDRESS_SPACES, and wire numbers of the recording and of checkpoints. kmalloc and kmem_cache
 * share `slab`, because kfree() may free objects of either. The keys of HEAP, MAPPED and RESERVED are
 * addresses below 2^48 of a process, whose number in the trace (1..65535) stands in the 16 bits above.
 */
export const PAGE = 0;
export const SLAB = 1;
export const PERCPU = 2;
export const VMALLOC = 3;
export const HEAP = 4;
export const MAPPED = 5;
export const RESERVED = 6;

/**
 * The one table of address spaces: names, units and kinds come from here. To add one, add its kinds
 * and its number above, and its row; a decoder that is to produce its events needs its fields too.
 * The index of a row is its number, so a new row must be the last. The keys of a checkpoint depend
 * on the number of rows, so its version (pair/checkpoint/checkpoint.ts) must rise with it.
 */
const SPACES = [
  {
    name: 'page',
    domain: 'kernel',
    unit: 'pages',
    key: 'pfn',
    alignShift: 0,
    sampleShift: 10,
    kinds: [
      [PAGE_ALLOC, 'mm_page_alloc'],
      [PAGE_FREE, 'mm_page_free'],
      [PAGE_MOVED_FROM, 'page_moved_from'],
      [PAGE_MOVED_TO, 'page_moved_to'],
    ],
  },
  {
    name: 'slab',
    domain: 'kernel',
    unit: 'bytes',
    key: 'pointer',
    alignShift: 3,
    sampleShift: 3,
    kinds: [
      [KMALLOC, 'kmalloc'],
      [KMEM_CACHE_ALLOC, 'kmem_cache_alloc'],
      [KFREE, 'kfree'],
      [KMEM_CACHE_FREE, 'kmem_cache_free'],
    ],
  },
  {
    name: 'percpu',
    domain: 'kernel',
    unit: 'bytes',
    key: 'pointer',
    alignShift: 2,
    sampleShift: 3,
    kinds: [
      [PERCPU_ALLOC, 'percpu_alloc_percpu'],
      [PERCPU_FREE, 'percpu_free_percpu'],
    ],
  },
  {
    name: 'vmalloc',
    domain: 'kernel',
    unit: 'pages',
    key: 'pointer',
    alignShift: 12,
    sampleShift: 12,
    kinds: [
      [VMALLOC_ALLOC, 'alloc_vmap_area'],
      [VMALLOC_FREE, 'free_vmap_area_noflush'],
    ],
  },
  {
    name: 'heap',
    domain: 'process',
    unit: 'bytes',
    key: 'pointer',
    alignShift: 3,
    sampleShift: 3,
    kinds: [
      [HEAP_ALLOC, 'heap_alloc'],
      [HEAP_FREE, 'heap_free'],
      [HEAP_FREE_UNLESS, 'heap_free_unless'],
      [HEAP_UNDO, 'heap_undo'],
    ],
  },
  {
    name: 'map',
    domain: 'process',
    unit: 'pages',
    key: 'range',
    alignShift: 12,
    sampleShift: 12,
    kinds: [
      [MAP, 'map'],
      [UNMAP, 'unmap'],
      [RANGE_MOVED_FROM, 'range_moved_from'],
      [RANGE_MOVED_TO, 'range_moved_to'],
      [BECAME_RESERVED, 'became_reserved'],
    ],
  },
  {
    name: 'reserved',
    domain: 'process',
    unit: 'pages',
    key: 'range',
    alignShift: 12,
    sampleShift: 12,
    kinds: [
      [RESERVE, 'reserve'],
      [BECAME_USABLE, 'became_usable'],
    ],
  },
] as const;

export type AllocatorName = (typeof SPACES)[number]['name'];
export type KernelAllocator = Extract<(typeof SPACES)[number], { domain: 'kernel' }>['name'];
export type ProcessAllocator = Exclude<AllocatorName, KernelAllocator>;
export type KindName = (typeof SPACES)[number]['kinds'][number][1];

export interface AddressSpace {
  readonly name: AllocatorName;
  /** Whose memory it is. Sums that are compared with the kernel's own counters are of the kernel's alone. */
  readonly domain: 'kernel' | 'process';
  /** The unit of its sizes. */
  readonly unit: 'pages' | 'bytes';
  /** The identity of an allocation: the number of its first page, its address, or any page of it ('range'). */
  readonly key: 'pfn' | 'pointer' | 'range';
  /** Keys are multiples of 2^alignShift. */
  readonly alignShift: number;
  /** 2^sampleShift keys next to each other are sampled alike (sampling.ts). */
  readonly sampleShift: number;
  /** Its events, with the names of their tracepoints. The first free kind stands for all its frees. */
  readonly kinds: readonly (readonly [kind: number, name: KindName])[];
}

/** Indexed by PAGE, SLAB, PERCPU, VMALLOC, HEAP, MAPPED, RESERVED. */
export const ADDRESS_SPACES: readonly AddressSpace[] = SPACES;
export const ALLOCATOR_COUNT = SPACES.length;
export const ALLOCATOR_NAMES: readonly AllocatorName[] = SPACES.map(({ name }) => name);
export const KERNEL_ALLOCATORS: readonly KernelAllocator[] = SPACES.flatMap((space) =>
  space.domain === 'kernel' ? [space.name] : [],
);

/** Returns true for a space of the memory of processes. */
export function isOfProcess(allocator: number): boolean {
  return OF_PROCESS[allocator] === 1;
}

const OF_PROCESS = Uint8Array.from(SPACES, ({ domain }) => (domain === 'process' ? 1 : 0));

/** Returns true if sizes in this space are pages, not bytes. */
export function isInPages(allocator: number): boolean {
  return IN_PAGES[allocator] === 1;
}

const IN_PAGES = Uint8Array.from(SPACES, ({ unit }) => (unit === 'pages' ? 1 : 0));

/** Returns the unit in which a space's allocations are counted. */
export function countedIn(name: AllocatorName): 'pages' | 'objects' {
  return isInPages(ALLOCATOR_NAMES.indexOf(name)) ? 'pages' : 'objects';
}

/** A value for each address space of the kernel, and for those of processes that a trace has. */
export type ByAllocator<Value> = Record<KernelAllocator, Value> & Partial<Record<ProcessAllocator, Value>>;

/** Returns a value for each address space of the kernel and for those in `names`, in the order of the table. */
export function byAllocator<Value>(
  make: (name: AllocatorName, allocator: number) => Value,
  names: readonly AllocatorName[] = KERNEL_ALLOCATORS,
): ByAllocator<Value> {
  const listed = [...ALLOCATOR_NAMES.entries()].filter(([at, name]) => !isOfProcess(at) || names.includes(name));
  return Object.fromEntries(listed.map(([allocator, name]) => [name, make(name, allocator)])) as ByAllocator<Value>;
}

/** Returns the values that are there, of the address spaces in `names` and in their order. */
export function valuesOf<Value>(
  values: ByAllocator<Value>,
  names: readonly AllocatorName[] = ALLOCATOR_NAMES,
): [name: AllocatorName, value: Value][] {
  return names.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [[name, value] satisfies [AllocatorName, Value]];
  });
}

/** kind (0..31, without SELF_BIT) -> allocator, 255 for a kind that does not exist. */
export const ALLOCATOR_OF_KIND = new Uint8Array(256).fill(255);
const KIND_NAMES: (KindName | undefined)[] = [];
for (const [allocator, { kinds }] of ADDRESS_SPACES.entries()) {
  for (const [kind, name] of kinds) {
    ALLOCATOR_OF_KIND[kind] = allocator;
    KIND_NAMES[kind] = name;
  }
}

/** Returns the name of a kind's tracepoint, null for a kind that does not exist. SELF_BIT and BEFORE_BIT may be set. */
export function kindName(kind: number): KindName | null {
  return KIND_NAMES[kind & KIND_MASK & ~BEFORE_BIT] ?? null;
}

/** Tracepoint -> kind, without SELF_BIT: the inverse of kindName(). */
export const KIND_NAMED = Object.fromEntries(
  ADDRESS_SPACES.flatMap(({ kinds }) => kinds.map(([kind, name]) => [name, kind])),
) as Record<KindName, number>;
