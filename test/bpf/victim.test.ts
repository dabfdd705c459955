/** What the loader adds to the record of an OOM kill, on kernels that tell little (bpf/marks/victim.c). */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';
import { scratch } from '../helpers/scratch.js';

const program = new HostProgram('victim.c', ['marks/victim.c']);
const place = scratch();
beforeAll(() => program.build());
afterAll(() => program.remove());

const STATUS = `Name:\teat me
Umask:\t0022
Tgid:\t70
Uid:\t1000\t1001\t1002\t1003
VmPeak:\t     999 kB
VmSize:\t     100 kB
VmRSS:\t      60 kB
RssAnon:\t      50 kB
RssFile:\t       8 kB
RssShmem:\t       2 kB
VmPTE:\t      12 kB
VmSwap:\t       4 kB
`;

function asked(pid: string, files: Record<string, string>): string[] {
  mkdirSync(place(`proc-${pid}/${pid}`), { recursive: true });
  for (const [name, text] of Object.entries(files)) place(`proc-${pid}/${pid}/${name}`, text);
  const { status, stdout, stderr } = program.run([join(place(`proc-${pid}`)), pid]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.trimEnd().split('\n');
}

describe('a victim of whom the kernel tells the number alone', () => {
  it('is asked of /proc: sizes in bytes, its user, its score, its name, the process of a thread', () => {
    const KIB = 1024;
    expect(asked('71', { status: STATUS, oom_score_adj: '-17\n' })).toEqual(
      [70, 100 * KIB, 50 * KIB, 8 * KIB, 2 * KIB, 4 * KIB, 12 * KIB, 1000, -17].map(String).concat('eat me'),
    );
  });

  it('that is gone stays unknown', () => {
    const { stdout } = program.run([place('nowhere'), '72']);
    expect(stdout.trimEnd().split('\n')).toEqual(['72', ...Array.from({ length: 8 }, () => '-1')]);
  });

  it('without memory any more has a name alone', () => {
    expect(asked('73', { status: 'Name:\tzombie-with-a-long-name\nTgid:\t73\n' }).slice(-1)).toEqual([
      'zombie-with-a-l',
    ]);
  });
});

describe('whose limit was met, by the call path', () => {
  it.each([
    ['4', ['oom_kill_process', 'out_of_memory', 'mem_cgroup_out_of_memory', 'try_charge_memcg', '__alloc_pages']],
    ['4', ['out_of_memory', 'try_charge', 'mem_cgroup_charge']],
    ['1', ['oom_kill_process', 'out_of_memory', '__alloc_pages_slowpath.constprop.0', '__alloc_pages']],
    ['5', ['out_of_memory', 'moom_callback', 'process_one_work']],
    ['0', ['out_of_memory', 'something_else']],
    ['0', []],
  ])('is %s of %j', (scope, functions) => {
    expect(program.run(['scope', ...functions]).stdout.trim()).toBe(scope);
  });
});
