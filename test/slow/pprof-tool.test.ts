/** `go tool pprof` reads our profiles, with the command lines that a user types. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodePprof } from '../../src/export/pprof.js';
import { realReport } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';
import { outputOf, toolOrSay } from '../helpers/tools.js';

const go = toolOrSay('go', 'golang-go');

const pprof = (...args: string[]): string => outputOf(go ?? '', ['tool', 'pprof', ...args]);

describe.skipIf(go === null)('go tool pprof', () => {
  const file = scratch();
  beforeAll(async () => {
    file('x.pb.gz', gzipSync(encodePprof(await realReport(100_000))));
  });
  const profile = (): string => file('x.pb.gz');

  test('-top shows who wanted the memory, not the allocator, in in-use bytes', () => {
    const text = pprof('-top', '-unit=mb', profile());
    expect(text).toContain('Type: inuse_space');
    expect(text).toMatch(/\n +6\.32MB 87\.39% 87\.39% +6\.32MB 87\.39% {2}anon_pipe_write\n/);
    expect(text).not.toContain('__alloc_frozen_pages_noprof');
    expect(text).toContain('lost 0');
  });

  test('-top -sample_index, -files, -tagfocus and -tagignore have what they need', () => {
    expect(pprof('-top', '-sample_index=alloc_objects', profile())).toContain('Type: alloc_objects');
    expect(pprof('-top', '-files', '-unit=mb', profile())).toMatch(/7\.\d+MB .*vmlinux/);
    expect(pprof('-top', '-tagfocus=comm=hold-sockets', profile())).not.toContain('anon_pipe_write');
    expect(pprof('-top', '-tagignore=category=unaccounted', profile())).not.toContain('anon_pipe_write');
    expect(pprof('-tags', profile())).toMatch(/comm: Total [\d.]+MB\n +[\d.]+MB \([\d.]+%\): hold-pipes/);
  });

  test('-traces is leaf first with labels; -diff_base of itself is nothing; -proto reads its own output', () => {
    expect(pprof('-traces', profile())).toMatch(
      /comm: {2}hold-pipes\n(?: *\w+: .*\n)+ +6\.31MB {3}anon_pipe_write\n +vfs_write\n +ksys_write\n/,
    );
    expect(pprof('-top', '-diff_base', profile(), profile())).toMatch(
      /Showing nodes accounting for 0, 0% of 7\.\d+MB total/,
    );
    pprof('-proto', '-output', file('again.pb.gz'), profile());
    expect(pprof('-top', file('again.pb.gz'))).toContain('anon_pipe_write');
  });

  test('-raw has the kernel mapping and 64-bit addresses', () => {
    expect(pprof('-raw', profile())).toMatch(
      /1: 0xffffffff8[\da-f]{7}\/0xffffffff8[\da-f]{7}\/0x0 \[kernel\.kallsyms\] +\[FN\]\[FL\]/,
    );
  });
});
