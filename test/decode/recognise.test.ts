import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { adviceFor, recognise } from '../../src/decode/recognise.js';

const PERF =
  'perf   197/197   [000]    31.355125:          kmem:kmalloc_node: call_site=a+0x1 ptr=0xffff8881003bdbe8\n';
const FTRACE = '      hold-pipes-13240   [001] .....  2414.640788: kfree: call_site=a+0xa3/0xd0 ptr=00000000010b1f08\n';
const REPORT =
  '      hold-pipes-13240 [001]  2414.640788: kfree:                (a+0x1) call_site=a+0x1 ptr=0xffff888100000040\n';

function bytesOf(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function behindLines(lines: number): Uint8Array {
  return bytesOf('no event\n'.repeat(lines) + PERF);
}

describe('recognise', () => {
  it.each([
    ['UNFREEDR\x01', 'unfreed'],
    ['UNFREEDS\x01', 'stream'],
    ['PERFILE2\x68', 'perf-data'],
    ['2ELIFREP\x68', 'perf-data'],
    ['\x17\x08Dtracing6\0', 'trace-dat'],
    [PERF, 'perf-script'],
    [`# ========\n# captured on    : Sat Nov 21 11:37:12 2026\n`, 'perf-script'],
    [`[ perf record: Woken up 1 times to write data ]\n\n${PERF}`, 'perf-script'],
    ['sh  7  3264.721280: kmem:kfree: call_site=a ptr=0x40\n', 'perf-script'],
    ['# tracer: nop\n#\n', 'ftrace'],
    [FTRACE, 'ftrace'],
    [`CPU:1 [LOST 123 EVENTS]\n => kfree\n${FTRACE}`, 'ftrace'],
    ['            bash-10    [000] .....  1.000002: <stack trace>\n', 'ftrace'],
    ['cpus=2\n', 'trace-cmd'],
    ['version = 6\ncpus=8\n', 'trace-cmd'],
    [REPORT, 'trace-cmd'],
    ['            bash-10    [000] 1.000002: kernel_stack:         <stack trace >\n', 'trace-cmd'],
    ['            bash-10    [000] 1.000002: kmem_cache_alloc_node: x=1\n=> a (ffffffff81000000)\n', 'trace-cmd'],
    ['Attaching 12 probes...\nB1a2b3c4d5e6f\nH{"kernel":"6.1"}\n', 'bpftrace'],
    ['H{"kernel":"6.1"}\n', 'bpftrace'],
    ['', 'unknown'],
    ['{"format":"unfreed-report"}\n', 'unknown'],
    ['Nov 21 11:37:10 vm kernel: [    0.000000] Linux version\n', 'unknown'],
    ['[    2.345678] systemd[1]: Started\n', 'unknown'],
  ])('tells %j to be %s', (text, format) => {
    expect(recognise(Uint8Array.from(text, (character) => character.charCodeAt(0)))).toBe(format);
  });

  it('tells gzip, whatever is in it', () => {
    expect(recognise(gzipSync(PERF))).toBe('gzip');
  });

  it('finds a trace behind a log of 64 KiB, and looks at no more than 1 MiB', () => {
    expect(recognise(behindLines(8000))).toBe('perf-script');
    expect(recognise(behindLines(120_000))).toBe('unknown');
  });

  it('lets many lines decide, not the first: a task that is gone, a process with a chosen name', () => {
    const gone = '             :-1    -1 [012]  7180.979822:      kmem:kfree: call_site=a ptr=0xffff888100000100\n';
    expect(recognise(bytesOf(gone))).toBe('perf-script');
    expect(recognise(bytesOf(gone + PERF))).toBe('perf-script');
    const disguised = 'x-1 [000] 1.5: k  33 [001]  7180.979823: kmem:kfree: call_site=a ptr=0xffff888100000140\n';
    expect(recognise(bytesOf(disguised + PERF + PERF))).toBe('perf-script');
    expect(recognise(bytesOf(PERF + FTRACE + FTRACE))).toBe('ftrace');
    expect(recognise(bytesOf(`cpus=2\n${PERF}${PERF}`))).toBe('perf-script');
    expect(recognise(bytesOf(`cpus=2\n${FTRACE}`))).toBe('trace-cmd');
    expect(recognise(bytesOf(`B1a2b3c4d5e6f\n${PERF}${PERF}`))).toBe('perf-script');
  });

  it('says what to do with a binary recording of another tool, and nothing where nothing is to be done', () => {
    expect(adviceFor('perf-data').join()).toContain('perf script');
    expect(adviceFor('trace-dat').join()).toContain('trace-cmd report');
    expect(adviceFor('unknown').join()).toContain('perf script');
    expect(adviceFor('ftrace')).toEqual([]);
  });
});
