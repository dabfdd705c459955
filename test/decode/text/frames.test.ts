import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

const HEAD =
  'perf 23215 [000] 10962.064982: kmem:kmalloc: call_site=sched_setaffinity+0x10c ptr=0xffff888102cabe00 bytes_req=32 bytes_alloc=32 gfp_flags=GFP_KERNEL';

/** The call paths of an event for each list of frames, as a report shows them. */
function pathsOf(...stacks: string[][]): string[][] {
  const text = stacks.map((frames) => `${[HEAD, ...frames].join('\n')}\n\n`).join('');
  const { events, decoder } = importText('perf-script', text);
  expect(decoder.stats.badLines).toBe(0);
  return events.map((event) => event.split(' < ').slice(1));
}

describe('the frames of perf script', () => {
  it('may be indented by spaces, or not at all', () => {
    expect(
      pathsOf([
        '    ffffffffb523e2ae __alloc_pages_nodemask+0x22e (/lib/modules/5.1.0-rc3+/build/vmlinux)',
        'ffffffffb52383bd __get_free_pages+0xd (/lib/modules/5.1.0-rc3+/build/vmlinux)',
        '\tffffffffb52fd28a __pollwait+0x8a (/lib/modules/5.1.0-rc3+/build/vmlinux)',
        '          7f71e92d03e8 __poll+0x18 (/usr/lib64/libc-2.28.so)',
        '    5541f689495641d7 [unknown] ([unknown])',
      ]),
    ).toEqual([['__alloc_pages_nodemask+0x22e', '__get_free_pages+0xd', '__pollwait+0x8a']]);
  });

  it('have no dso with -F -dso: the address shows the kernel’s', () => {
    expect(
      pathsOf(
        [
          '\tffffffff812ae0a0 a+0x1a0',
          '\tffffffffc02e75db b+0x1',
          '\t    7f54aacf2ad7 read+0x7',
          '\tffffffff81000000 c',
        ],
        // ppc64, and a 32-bit kernel.
        ['\tc00000000027f1dc .d', '\t        c104deff e', '\t        b7701234 f'],
      ),
    ).toEqual([
      ['a+0x1a0', 'b+0x1'],
      ['.d', 'e'],
    ]);
  });

  it('may have only addresses with -F ip', () => {
    expect(pathsOf(['\tffffffff812ae0a0', '\tffffffff812ae0b0', '\t    7f54aacf2ad7'])).toEqual([
      ['ffffffff812ae0a0', 'ffffffff812ae0b0'],
    ]);
  });

  it('go on behind an unknown frame if frames of the kernel follow', () => {
    expect(
      pathsOf(
        [
          '\t          27f1dc .__kmalloc (/boot/vmlinux)',
          '\t               0 [unknown] ([unknown])',
          '\t          3de108 .ext4_find_extent (/boot/vmlinux)',
          '\t        7ffd1000 [unknown] ([unknown])',
        ],
        [
          '\tc00000000027f1dc a ([kernel.kallsyms])',
          '\tc00000000fff0000 [unknown] ([unknown])',
          '\tc0000000003de108 b ([kernel.kallsyms])',
        ],
        [
          '\tffffffff81000000 c ([kernel.kallsyms])',
          '\tfffffffffffffe00 [unknown] ([unknown])',
          '\t    7ffd1000 d (/bin/d)',
        ],
      ),
    ).toEqual([['.__kmalloc', '.ext4_find_extent'], ['a', 'c00000000fff0000', 'b'], ['c']]);
  });

  it.each([
    ['/boot/vmlinux', 'a'],
    ['/boot/vmlinux-5.14.0-70.el9.x86_64', 'a'],
    ['/lib/modules/6.1.0/build/vmlinux', 'a'],
    ['/usr/lib/debug/lib/modules/5.14.0/vmlinux', 'a'],
    ['/usr/lib/debug/boot/vmlinux-6.1.0-18-amd64', 'a'],
    ['/root/.debug/[kernel.kallsyms]/4a5a9b0a/kallsyms', 'a'],
    ['/root/.debug/.build-id/4a/5a9b0aff/vmlinux', 'a'],
    ['[kernel.kallsyms]_stext', 'a'],
    ['[kernel.vmlinux].init.text', 'a'],
    ['[guest.kernel.kallsyms]', 'a'],
    ['[guest.kernel.kallsyms.4711]', 'a'],
    ['/proc/kcore', 'a'],
    ['[nvme_core]', 'a [nvme_core]'],
    ['/lib/modules/6.1.0/kernel/drivers/nvme/host/nvme-core.ko', 'a [nvme_core]'],
    ['/lib/modules/6.1.0/kernel/drivers/nvme/host/nvme-core.ko.xz', 'a [nvme_core]'],
    ['/usr/lib/debug/lib/modules/6.1.0/kernel/drivers/nvme/host/nvme-core.ko.debug', 'a [nvme_core]'],
    ['/lib/modules/6.1.0/kernel/nvme-core.ko.zst', 'a [nvme_core]'],
  ])('are the kernel’s by %s, whatever the address', (dso, frame) => {
    expect(pathsOf([`\t          27f1dc a (${dso})`, '\t    7ffd1000 d (/bin/d)'])).toEqual([[frame]]);
  });

  it('keep the module and the address of a frame without a name', () => {
    expect(
      pathsOf([
        '\tffffffff812ae0a0 __kmalloc+0x1a0 ([kernel.kallsyms])',
        '\tffffffffc02e75db [unknown] ([my_mod])',
        '\tffffffffc02e7600 [unknown] ([unknown])',
        '\tffffffffc02e7700 [unknown] (/lib/modules/6.1.0/extra/my-mod.ko.xz)',
        '\t    7f54aacf2ad7 [unknown] (/memfd:runtime (deleted))',
      ]),
    ).toEqual([['__kmalloc+0x1a0', '0xffffffffc02e75db [my_mod]', 'ffffffffc02e7600', '0xffffffffc02e7700 [my_mod]']]);
  });

  it('have the name of the function, not of calls that are inlined in it', () => {
    const inlined = [
      '\tffffffff812ae0a0 hook+0x1a0 (inlined)',
      '\tffffffff812ae0a0 __kmalloc+0x1a0 ([kernel.kallsyms])',
    ];
    const withLines = [
      '\tffffffff812ae0b0 hook+0x1b0',
      '  slab.h:100 (inlined)',
      '\tffffffff812ae0b0 deep+0x1b0',
      '  slab.h:90 (inlined)',
      '\tffffffff812ae0b0 __kmalloc+0x1b0 ([kernel.kallsyms])',
      '  slub.c:4100',
    ];
    const twoNames = [
      '\tffffffff812ae0c0 hook ([kernel.kallsyms])',
      '\tffffffff812ae0c0 __kmalloc ([kernel.kallsyms])',
    ];
    expect(pathsOf(inlined, withLines, withLines, twoNames, twoNames)).toEqual([
      ['__kmalloc+0x1a0'],
      ['__kmalloc+0x1b0'],
      ['__kmalloc+0x1b0'],
      ['__kmalloc'],
      ['__kmalloc'],
    ]);
  });

  it('may repeat: a function that calls itself', () => {
    const frame = '\tffffffff812ae0a0 walk+0x1a0 ([kernel.kallsyms])';
    expect(pathsOf([frame, frame, frame])).toEqual([['walk+0x1a0', 'walk+0x1a0', 'walk+0x1a0']]);
  });

  it('are not believed where their line was cut', () => {
    const whole = '\tffffffff812ae0a0 __kmalloc+0x1a0 ([kernel.kallsyms])';
    const next = '\tffffffff812ae0b0 alloc_it+0x10 ([my_mod])';
    for (let column = 2; column < next.length; column++) {
      const [path] = pathsOf([whole, next.slice(0, column)], [whole, next]).slice(0, 1);
      // A name begins in column 18; it then comes from the whole line.
      expect({ column, path }).toEqual({
        column,
        path: column <= 18 ? ['__kmalloc+0x1a0'] : ['__kmalloc+0x1a0', 'alloc_it+0x10 [my_mod]'],
      });
    }
  });
});

describe('the frames of tracefs', () => {
  it('keep their module, with a build id behind it too, and their address', () => {
    const { events } = importText(
      'ftrace',
      [
        '            bash-10    [000] .....  1.000000: mm_page_alloc: page=00000000177cc8ce pfn=0x1 order=0 migratetype=0 gfp_flags=0',
        '            bash-10    [000] .....  1.000001: <stack trace>',
        ' => a+0x1/0x2 [my_mod]',
        ' => b+0x1/0x2 [my_mod 8d15c2b3]',
        ' => c+0x1/0x2 <ffffffff8100',
        ' => 0xffffffffc02e7600',
        ' => 0xffffffffc02e7700 <ffffffffc02e7700>',
        '',
      ].join('\n'),
    );
    expect(events[0].split(' < ').slice(1)).toEqual([
      'a+0x1 [my_mod]',
      'b+0x1 [my_mod]',
      'c+0x1',
      'ffffffffc02e7600',
      'ffffffffc02e7700',
    ]);
  });
});
