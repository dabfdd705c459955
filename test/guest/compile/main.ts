/**
 * Compiles the eBPF programs against the types of each guest kernel, and of this one, with each
 * compiler: someone who installs a new kernel, or a new release, builds the collector there.
 * Started by scripts/test-compile.sh, from the root of the repository. No kernel is booted: the
 * types lie in its image. Prints a table. Exit status: 0 all compile, 1 not.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Apt } from '../apt.js';
import { chooseKernel, fetchKernel, listKernels } from '../kernels.js';
import { say } from '../shell.js';
import { fetchNewestToolchain, ownToolchain, type Toolchain } from './toolchains.js';

const OWN_TYPES = '/sys/kernel/btf/vmlinux';
const cache = resolve(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'unfreed/guest');

/** Types of a kernel: a file that bpftool reads. */
interface KernelTypes {
  kernel: string;
  path: string;
}

function kernelTypes(series: string[]): KernelTypes[] {
  const apt = new Apt(cache);
  apt.update();
  const known = listKernels(apt);
  const wanted = series.length > 0 ? series.map((name) => chooseKernel(known, name)) : known;
  const types = wanted.map((choice) => ({ kernel: choice.release, path: fetchKernel(apt, choice, cache).vmlinux }));
  return existsSync(OWN_TYPES) ? [...types, { kernel: 'this kernel', path: OWN_TYPES }] : types;
}

/** Makes vmlinux.h, all objects and their skeletons. Returns null, or the first complaint. */
function compile({ path }: KernelTypes, { clang, bpftool }: Toolchain, out: string): string | null {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const run = spawnSync(
    'make',
    [
      '-C',
      'bpf',
      `OUT=${out}`,
      `BTF=${path}`,
      `CLANG=${clang}`,
      `BPFTOOL=${bpftool}`,
      join(out, 'skels-agree'),
      ...['census', 'marks', 'spaces', 'heap'].map((name) => join(out, `${name}.skel.h`)),
    ],
    { encoding: 'utf8', env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` } },
  );
  if (run.status === 0) return null;
  const said = `${run.stdout}\n${run.stderr}`.split('\n');
  return said.find((line) => /error|unfreed:/.test(line)) ?? said.at(-1) ?? 'make said nothing';
}

function main(): void {
  mkdirSync(cache, { recursive: true });
  const types = kernelTypes(process.argv.slice(2));
  const toolchains = [ownToolchain(), fetchNewestToolchain(cache)];
  const complaints: string[] = [];
  console.log(
    ['kernel'.padEnd(24), ...toolchains.map(({ release, version }) => `clang ${version} of ${release}`)].join('  '),
  );
  for (const each of types) {
    const cells = toolchains.map((toolchain) => {
      const complaint = compile(
        each,
        toolchain,
        join(cache, 'compile', `${each.kernel}-${toolchain.release}`.replace(/ /g, '-')),
      );
      if (complaint !== null) complaints.push(`${each.kernel}, clang ${toolchain.version}: ${complaint}`);
      const heading = `clang ${toolchain.version} of ${toolchain.release}`;
      return (complaint === null ? 'compiles' : 'FAILS').padEnd(heading.length);
    });
    console.log([each.kernel.padEnd(24), ...cells].join('  ').trimEnd());
  }
  for (const complaint of complaints) say(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}

main();
