/**
 * Plumbing of user space: functions that only stand between the code that wanted memory and the event. The allocators
 * of C, C++, Rust, Python and GLib, the insides of glibc's and musl's, of jemalloc, tcmalloc and mimalloc, the wrappers
 * of common programs, system calls that map memory, what makes a thread's stack, and the loader.
 */
import { plainName } from './function-name.js';

/** 'heap' takes blocks, 'map' maps, 'thread' makes a thread and its stack, 'load' maps a file of code. */
export type UserPart = 'heap' | 'map' | 'thread' | 'load';

/** Null for a function that is not plumbing. */
export function userPart(symbol: string, module: string | null): UserPart | null {
  if (module !== null && ALLOCATOR_FILE.test(module)) return 'heap';
  let part = known.get(symbol);
  if (part === undefined) {
    part = partOf(symbol);
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(symbol, part);
  }
  return part;
}

/** By symbol: a few thousand names occur in many call paths. A memo, never an input. */
const known = new Map<string, UserPart | null>();
const KNOWN_LIMIT = 50_000;

function partOf(symbol: string): UserPart | null {
  const name = plainName(symbol);
  const part = PART_OF_NAME.get(name);
  if (part !== undefined) return part;
  for (const [pattern, of] of PATTERNS) if (pattern.test(name)) return of;
  return null;
}

/**
 * True for a function without a name in the C library or the loader: 'libc.so.6+0x9c2e1'. Theirs that allocate are not
 * exported, so between two frames of plumbing it is plumbing too.
 */
export function isNamelessLibrary(symbol: string, module: string | null): boolean {
  return module !== null && C_LIBRARY.test(module) && (symbol.startsWith(`${module}+0x`) || symbol.startsWith('0x'));
}

/** Whole files that are allocators. */
const ALLOCATOR_FILE =
  /^(?:lib(?:jemalloc|tcmalloc(?:_minimal)?(?:_debug)?|mimalloc|snmalloc[\w-]*|hoard|rpmalloc|tbbmalloc(?:_proxy)?|ptmalloc\d?|dlmalloc|umem|heaptrack_preload)|unfreed-heap)(?:[.-].*)?$/;
const C_LIBRARY = /^(?:libc|libc-[\d.]+|ld-linux[\w.-]*|ld-[\d.]+|ld-musl[\w.-]*|libpthread|libpthread-[\d.]+)\.so/;

const NAMES: Record<UserPart, string> = {
  heap: `
    malloc calloc realloc reallocarray posix_memalign memalign aligned_alloc valloc pvalloc cfree free
    __libc_malloc __libc_calloc __libc_realloc __libc_reallocarray __libc_memalign __libc_valloc __libc_pvalloc
    __malloc __calloc __realloc __posix_memalign __libc_malloc_impl __malloc_alloc_meta __malloc_allzerop
    _int_malloc _int_realloc _int_memalign _int_free _mid_memalign sysmalloc sysmalloc_mmap sysmalloc_mmap_fallback
    systrim heap_trim malloc_consolidate arena_get2 arena_get_retry new_heap alloc_new_heap grow_heap tcache_init
    ptmalloc_init __minimal_malloc __minimal_calloc __minimal_realloc __rtld_malloc __malloc_hugepage_config malloc_check malloc_hook_ini realloc_hook_ini memalign_hook_ini
    __default_morecore __glibc_morecore alloc_group alloc_slot __simple_malloc __expand_heap default_malloc
    __bin_chunk alloc_fwd alloc_rev adjust_size malloc_usable_size
    strdup __strdup strndup __strndup wcsdup asprintf vasprintf __asprintf __vasprintf_internal memdup xmemdup
    xmalloc xcalloc xrealloc xzalloc xstrdup xstrndup xreallocarray x2realloc x2nrealloc xnmalloc xnrealloc
    zmalloc zcalloc zrealloc ztrymalloc ztrycalloc zmalloc_usable ztrymalloc_usable zstrdup
    safe_malloc safe_calloc safe_realloc emalloc _emalloc _ecalloc _erealloc _safe_emalloc _estrdup
    CRYPTO_malloc CRYPTO_zalloc CRYPTO_realloc CRYPTO_strdup CRYPTO_memdup OPENSSL_malloc
    uv__malloc uv__calloc uv__realloc uv__strdup uv_malloc
    ngx_alloc ngx_calloc ngx_palloc ngx_pcalloc ngx_pnalloc ngx_palloc_large ngx_palloc_block ngx_memalign
    apr_palloc apr_pcalloc apr_allocator_alloc allocator_alloc palloc palloc0 MemoryContextAlloc AllocSetAlloc
    sqlite3Malloc sqlite3MallocZero sqlite3_malloc sqlite3_malloc64 sqlite3MemMalloc sqlite3MemRealloc sqlite3Realloc
    sqlite3_realloc sqlite3_realloc64 sqlite3DbMallocRaw sqlite3DbMallocRawNN sqlite3DbMallocZero sqlite3DbRealloc
    sqlite3DbMallocRawFinish dbMallocRawFinish dbReallocFinish mallocWithAlarm
    pymalloc_alloc new_arena allocate_from_new_pool _PyObject_GC_New _PyObject_GC_NewVar _PyObject_GC_Alloc
    _PyObject_GC_Malloc _PyObject_New _PyObject_NewVar PyType_GenericAlloc _PyType_AllocNoTrack gc_alloc`,
  map: `
    mmap mmap64 __mmap __mmap64 munmap __munmap mremap __mremap brk __brk sbrk __sbrk syscall __syscall
    mprotect __mprotect shmat __shmat __syscall_mmap __vm_wait internal_syscall6`,
  thread: `
    pthread_create __pthread_create __pthread_create_2_0 __pthread_create_2_1 allocate_stack allocate_thread_stack
    pthread_getattr_np uv_thread_create uv_thread_create_ex g_thread_new g_thread_try_new g_system_thread_new
    thrd_create __thrd_create std::thread::_M_start_thread std::thread::thread std::jthread::jthread
    PyThread_start_new_thread do_start_new_thread`,
  load: `
    _dlerror_run dlerror_run do_sym dlsym dlvsym dlsym_doit dlvsym_doit version_check_doit dlopen dlmopen __dlopen ___dlopen dlopen_implementation dlopen_doit __libc_dlopen_mode __dlmopen do_dlopen
    map_library load_library open_path openaux`,
};

const PART_OF_NAME = new Map<string, UserPart>(
  Object.entries(NAMES).flatMap(([part, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name): [string, UserPart] => [name, part as UserPart]),
  ),
);

const PATTERNS: readonly (readonly [pattern: RegExp, part: UserPart])[] = [
  [/(?:^|::)operator (?:new|delete)(?:\[\])?$/, 'heap'],
  [/^_Zn[wa][jm]/, 'heap'],
  // C++: allocators, and what containers have inside them.
  [
    /^(?:std|__gnu_cxx)::(?:.*::)?(?:__?\w*alloc\w*|allocator_traits|new_allocator|get_temporary_buffer)(?:::|$)/i,
    'heap',
  ],
  [/^(?:std|__gnu_cxx)::.*::(?:_M_|_S_|__)\w+$/, 'heap'],
  [/(?:^|::)\w*Allocator\w*::\w+$/, 'heap'],
  [
    /^v8::(?:internal::)?(?:Heap::Allocate\w*|BackingStore::\w+|ArrayBuffer::New\w*|\w*Malloced::\w+|AllocWithRetry)$/,
    'heap',
  ],
  // GCC's own.
  [/^ggc_(?:\w*alloc\w*)$|^va_(?:gc|heap)(?:_atomic)?::reserve$/, 'heap'],
  [/^std::(?:make_unique|make_shared|allocate_shared|__\w+)$/, 'heap'],
  // Rust.
  [/^(?:__rust_|__rdl_|__rg_|_R\w*__rust_)(?:alloc|realloc)/, 'heap'],
  [/^(?:<?alloc::(?:alloc|raw_vec)::|std::alloc::|<?hashbrown::raw::.*alloc)/, 'heap'],
  [/^std::(?:thread::(?:Builder::)?spawn\w*|sys::.*::thread::.*::new)$/, 'thread'],
  // Prefixes of allocators that are linked in.
  [
    /^(?:je|mi|tc|_rjem|_rjem_je|_rjem_mallocx|_mi|rp|sn|hoard|scudo|__interceptor)_\w*(?:alloc|memalign|new|strdup)/,
    'heap',
  ],
  [
    /^(?:je_)?(?:arena|tcache|large|extent|pages|base|ehooks|pac|hpa|os_pages|edata|sz|imalloc|malloc_default)_\w*(?:alloc|map|grow|fill|malloc)\w*$/,
    'heap',
  ],
  [/^tcmalloc::/, 'heap'],
  // Python, GLib, talloc, Ruby, Perl, PHP, MySQL.
  [
    /^_?Py(?:Mem|Object)_(?:Raw|Debug|Default)?(?:Raw)?(?:Malloc|Calloc|Realloc|ArenaMmap)|^_Py(?:Mem|Object)_\w*(?:[AC]lloc|Malloc|Mmap)$/,
    'heap',
  ],
  [
    /^g_(?:try_)?(?:malloc|realloc|new|calloc)\w*$|^g_(?:aligned_alloc|slice_(?:alloc|copy)|strn?dup|strdup_v?printf|memdup2?)\w*$/,
    'heap',
  ],
  [/^_?talloc_?\w*$/, 'heap'],
  [/^(?:ruby_x|objspace_x|rb_x)(?:malloc|calloc|realloc)\w*$|^Perl_safesys(?:malloc|calloc|realloc)$/, 'heap'],
  [/^(?:_?zend_mm_|_e(?:malloc|realloc)_)\w*$|^my_(?:malloc|realloc)$/, 'heap'],
  [/^_dl_(?!start|main|call_init|init$|fini)\w+$|^(?:_?dl_(?:open|catch)\w*)$/, 'load'],
];
