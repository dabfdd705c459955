/**
 * Texts without events are named. The lines are as the tools and kernels print them: those of perf
 * 6.1, slabtop, vmstat and Linux 6.18 were printed by them, the others follow the print formats in
 * the sources that the tables name.
 */
import { describe, expect, it } from 'vitest';
import { nameForeign } from '../../src/decode/foreign/name-foreign.js';
import { examine, recognise } from '../../src/decode/recognise.js';
import { describeForeign } from '../../src/recording/files/unsupported-input.js';

const TEXTS: [what: string, text: string][] = [
  [
    'perf kmem stat',
    ' Callsite                           | Total_alloc/Per | Total_req/Per   | Hit      | Ping-pong | Frag\n alloc_bprm+45                      |       512/512   |       408/408   |        1 |         0 | 20.312%',
  ],
  [
    'perf kmem stat',
    'SUMMARY (page allocator)\n========================\nTotal allocation requests     :             3001   [            14060 KB ]',
  ],
  [
    'memleak',
    '[11:00:13] Top 10 stacks with outstanding allocations:\n\t125829120 bytes in 30 allocations from stack\n\t\tkmalloc_order+0x18 [kernel]',
  ],
  ['memleak', 'Attaching to pid 1234, Ctrl+C to quit.\n'],
  [
    'memstrack',
    '======== Report format module_summary: ========\nModule squashfs using 26.8MB (6868 pages), peak allocation 35.1MB (8976 pages)',
  ],
  ['perf trace', '     0.030 sleep/478 kmem:mm_page_alloc(pfn: 1547309, gfp_flags: 4459968)'],
  ['perf trace', '     0.071 ( 0.019 ms): sleep/507 brk()                                      = 0x559c4faee000'],
  ['perf trace', '         ? (         ): sleep/507  ... [continued]: execve())                        = 0'],
  [
    'perf report',
    "# To display the perf.data header info, please use --header/--header-only options.\n#\n#\n# Samples: 5K of event 'kmem:mm_page_alloc'\n# Overhead  Command       Shared Object      Symbol",
  ],
  ['perf report -D', '0x3d8 [0x28]: PERF_RECORD_COMM: perf:410/410\n'],
  ['perf stat', " Performance counter stats for 'sleep 1':\n"],
  ['perf list', '  kmem:kfree                                         [Tracepoint event]'],
  ['perf list', 'kmem:kmalloc\nkmem:kfree'],
  ['perf list', 'tracepoint:kmem:kfree'],
  [
    'options/raw',
    '# tracer: nop\n#\n# entries-in-buffer/entries-written: 2/2   #P:2\n#\n24162 1 16475342292056 type: 658',
  ],
  ['options/raw', '# tracer: nop\n#\n00005e62 00000001 00000efbf6ecc458 type: 658\n'],
  [
    'trace-cmd stat',
    'cpus=2\n\nKernel buffer statistics:\n  Note: "entries" are the entries left in the kernel ring buffer and are not',
  ],
  ['perf report', '    32.57%    32.57%  ls               [kernel.kallsyms]     [k] kfree'],
  ['perf stat', '66,,kmem:kmalloc,1824813,100.00,,'],
  ['hist trigger', '{ call_site: [ffffffff816df111] my_open } hitcount:          1  bytes_req:         64'],
  ['bcc', 'Tracing 1 functions for "t:kmem:kmalloc"... Hit Ctrl-C to end.'],
  ['bcc', 'PID     TID     COMM            FUNC             -\n1234    1234    bash            kmem:kmalloc     64'],
  ['bcc', '[10:00:01]\nt:kmem:kmalloc():u64:args->bytes_alloc\n\tCOUNT      EVENT'],
  ['message of kmemleak', '[  100.000000] kmemleak: 5 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'],
  ['functions', '# tracer: function\n#\n            bash-1     [000] .....  1.000000: kfree <-do_x\n'],
  ['symbols', 'ffffffff81214102 t alloc_vmap_area.cold\nffffffffc0123456 t my_open\t[my_mod]'],
  ['smaps', '55d4c8000000 default file=/usr/bin/cat mapped=2 N0=2 kernelpagesize_kB=4'],
  ['free', '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND'],
  ['free', '      8099108 K total memory\n      1054964 K used memory'],
  ['show_mem', '[ 1234.567890] Unreclaimable slab info:\n[ 1234.567890] Name                      Used          Total'],
  ['python', 'in trace_begin\nkmem__kmalloc            0     1.000001     56 a                    call_site=1, ptr=2'],
  ['base64', 'Content-Transfer-Encoding: base64\n\nVFJBQ0U6CiMgdHJhY2VyOiBub3AKIwo='],
  [
    'a histogram of events',
    '# event histogram\n#\n# trigger info: hist:keys=call_site.sym:vals=hitcount,bytes_req:sort=hitcount:size=2048 [active]\n',
  ],
  [
    'format file',
    'name: kmalloc\nID: 658\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
  ],
  ['LTTng', '[10:11:12.123456789] (+0.000000123) box kmem_kmalloc: { cpu_id = 1 }, { call_site = 0xFFFFFFFF812AE0A0 }'],
  [
    'slabtop',
    '  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME                   \n472566 471997  99%    0.04K   4633      102     18532K extent_status\n',
  ],
  ['bpftrace', 'Attaching 2 probes...\n\n@[\n    kmem_cache_alloc_noprof+5\n]: 12'],
  ['valgrind', '==12== LEAK SUMMARY:\n'],
  ['heap profile', 'heap_v2/524288\n  t*: 28106: 56637512 [0: 0]'],
  ['kmemleak', 'unreferenced object 0xffff888101a2c000 (size 1024):\n  comm "insmod", pid 1234, jiffies 4294901234'],
  ['alloc_traces', '    327 alloc_bprm+0x45/0x2c0 age=3/120/400 pid=1-900 cpus=0-1\n'],
  [
    'vmstat -m',
    'Cache                       Num  Total   Size  Pages\nAF_VSOCK                     36     36   1280     12',
  ],
  ['slabinfo tool', 'Name                   Objects Objsize           Space Slabs/Part/Cpu  O/S O %Fr %Ef Flg\n'],
  ['one process', 'Rss:                1234 kB\nPss:                1000 kB'],
  ['one process', '559c4f800000-559c4f900000 r--p 00000000 fd:00 1234   /usr/bin/true'],
  ['zoneinfo', 'Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 56181'],
  ['buddyinfo', 'Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 '],
  ['pagetypeinfo', 'Page block order: 9\nPages per block:  512'],
  ['meminfo', 'MemTotal:       16316412 kB\nMemFree:         1234567 kB'],
  ['meminfo', 'Node 0 MemTotal:       16316412 kB'],
  ['a vmstat file', 'nr_free_pages 123456\nnr_zone_inactive_anon 1\n'],
  ['memory.stat', 'anon 1234\nfile 5678\nkernel_stack 16384\n'],
  [
    'free, vmstat',
    '               total        used        free      shared  buff/cache   available\nMem:        16316412',
  ],
  [
    'OOM killer',
    '[ 1234.567890] stress invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0\n[ 1234.567891] Mem-Info:\n',
  ],
  ['show_mem', '[ 1234.567891] Mem-Info:\n[ 1234.567892] active_anon:12 inactive_anon:3456 isolated_anon:0'],
  [
    'dump_page',
    '[   12.345678] page last allocated via order 0, migratetype Unmovable, gfp_mask 0xcc0(GFP_KERNEL), pid 1',
  ],
  ['a kernel log', '[    0.000000] Linux version 6.18.0 (builder@box) (gcc 14)\n'],
  ['HTML page', '<!DOCTYPE html>\n<html><body>kmem:kmalloc</body></html>'],
  ['SVG', '<?xml version="1.0" standalone="no"?>\n<svg version="1.1">'],
  ['speedscope', '{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[]}'],
  ['folded', 'swapper;do_idle;schedule 12\nbash;do_syscall_64;kmalloc 4\n'],
];

describe('nameForeign', () => {
  it.each(TEXTS)('names %s', (what, text) => {
    const refused = refusal(text);
    expect(refused.what).toContain(what);
    expect(refused.nextSteps.join('\n')).toMatch(/unfreed |what can be read|save the text/);
  });

  it.each(TEXTS)('names %s in a mail, a log and UTF-16 too', (what, text) => {
    const lines = text.split('\n');
    expect(refusal(lines.map((line) => `> ${line}`).join('\r\n')).what).toContain(what);
    if (!/^(?:\[|Jan)/.test(text)) {
      expect(refusal(lines.map((line) => `[   12.345678] ${line}`).join('\n')).what).toContain(what);
    }
    const units = Uint16Array.from(`\ufeff${text}`, (character) => character.charCodeAt(0));
    expect(refusal(new Uint8Array(units.buffer)).what).toContain(what);
  });

  it('gives the command for the largest cache of a table', () => {
    const table =
      'OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME\n 69442  36292  52%    2.00K   4341       16    138912K kmalloc-2048\n' +
      '734506368 734506368 100%    0.06K 11476662       64  45906648K ebitmap_node\n';
    expect(refusal(table).nextSteps[0]).toContain('unfreed live --cache ebitmap_node');
    const hostile = table.replace('ebitmap_node', 'x;rm(1)');
    expect(refusal(hostile).nextSteps[0]).toContain('--cache kmalloc-2048');
  });

  it('knows no name for prose, and shows the line that names an event', () => {
    expect(nameForeign(['Dear list,', '', 'my machine loses memory.'])).toBeNull();
    expect(refusal('Dear list,\n\nmy machine loses memory.\n').what).toBe(
      'it is text in which no event of kernel memory was found',
    );
    const named = refusal('I ran perf with kmem:kmalloc.\n');
    expect(named.what).toContain('names events of kernel memory, but none of its first 2 lines has the form of one');
    expect(named.nextSteps[0]).toBe('line 1: I ran perf with kmem:kmalloc.');
  });
});

function refusal(text: string | Uint8Array): ReturnType<typeof describeForeign> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  expect(recognise(bytes)).toBe('unknown');
  return describeForeign(bytes, examine(bytes));
}
