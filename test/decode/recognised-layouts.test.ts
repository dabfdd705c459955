import { describe, expect, it } from 'vitest';
import { nameForeign } from '../../src/decode/foreign/name-foreign.js';
import { examine } from '../../src/decode/recognise.js';

const KFREE = 'call_site=a+0x1 ptr=0xffff8881cffdcc00';

function formatOf(...lines: string[]): string {
  return examine(new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))).format;
}

describe('a text is recognised in each layout', () => {
  it.each<[layout: string, format: string, lines: string[]]>([
    ['perf script -F +misc', 'perf-script', [`  node 17059 [000] K      1089.794994:  kmem:kfree: ${KFREE}`]],
    ['perf script -L', 'perf-script', [`    perf 23215   0 10962.064982:  kmem:kfree: ${KFREE}`]],
    ['perf script -F time,event,trace', 'perf-script', [`10962.064982:  kmem:kfree: ${KFREE}`]],
    ['perf script -F -time', 'perf-script', [`            perf 23215 [000]   kmem:kfree: ${KFREE}`]],
    ['perf script -F event,trace', 'perf-script', [`     kmem:kfree: ${KFREE}`]],
    ['perf script -F trace', 'perf-script', [KFREE, `${KFREE} name=dentry`]],
    [
      'perf script -F trace,ip,sym',
      'perf-script',
      [KFREE, '\tffffffff816309df kfree', '\tffffffff813ced20 sched_setaffinity', ''],
    ],
    ['perf script -F -event', 'perf-script', [`            perf 23215 [000] 10962.064982: ${KFREE}`]],
    [
      'latency-format',
      'ftrace',
      ['    bash-24569     1..... 11036620401us : kfree: call_site=a+0x1 ptr=0000000016b83355'],
    ],
    [
      'latency-format verbose',
      'ftrace',
      [
        '            bash   24569   1 0 00000000 00000000 [291d57671] 11036620.401ms (+0.004ms): kfree: call_site=a+0x1 ptr=0000000016b83355',
      ],
    ],
    ['nocontext-info without its head', 'ftrace', ['kfree: call_site=a+0x1/0x2 ptr=0000000016b83355']],
    [
      'nocontext-info with stacks',
      'ftrace',
      ['mm_page_free: page=0000000016b83355 pfn=0x1 order=0', '<stack trace>', ' => __free_pages', ' => a'],
    ],
  ])('%s', (_, format, lines) => {
    expect(formatOf(...lines)).toBe(format);
  });
});

describe('a text that only speaks of events', () => {
  it.each([
    ['prose', ['The event kmem:kfree: is cheap.', 'So is this one.', 'And kmem:kmalloc: too.']],
    [
      'a line cut in two',
      ['            perf 23215 [000] 10962.064982:', `kmem:kfree: ${KFREE.slice(0, 20)}`, 'ptr=0x10'],
    ],
  ])('is no trace: %s', (_, lines) => {
    expect(formatOf(...lines)).toBe('unknown');
  });
});

describe('a trace of the function_graph tracer', () => {
  const CALLS = [
    ' 24)               |  __alloc_pages_direct_compact() {',
    ' 24)   0.131 us    |      __next_zones_zonelist();',
    ' 24) @ 184015.2 us |  }',
    ' 24)               |  /* mm_page_alloc: page=000000007a3b0000 pfn=161024 order=3 migratetype=1 gfp_flags=GFP_KERNEL */',
    ' 24)               |  /* mm_page_free: page=000000007a3b0000 pfn=161024 order=3 */',
  ];

  it.each<[what: string, lines: string[]]>([
    ['with its head', ['# tracer: function_graph', '#', '# CPU  DURATION                  FUNCTION CALLS', ...CALLS]],
    ['without its head', CALLS],
    ['of events alone', CALLS.slice(3)],
    ['with times', CALLS.map((line) => `  4055.891265 | ${line}`)],
  ])('is named, with what to do: %s', (_, lines) => {
    expect(formatOf(...lines)).toBe('unknown');
    const foreign = nameForeign(lines);
    expect(foreign?.name).toContain('function_graph');
    expect(foreign?.nextSteps.join()).toContain('current_tracer');
  });

  it('is not the trace of the function tracer, whose events are lines like all others', () => {
    expect(
      formatOf(
        '# tracer: function',
        '  bash-1  [001] .....  1.000000: vfs_read <-ksys_read',
        '  bash-1  [001] .....  1.000001: kfree: call_site=a+0x1 ptr=0000000016b83355',
      ),
    ).toBe('ftrace');
  });
});
