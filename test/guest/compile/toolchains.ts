/**
 * The compilers that the eBPF programs must pass: this machine's own, and those of other releases of
 * Debian, unpacked under the cache folder and never installed. A toolchain is what a user of that
 * release has: clang, bpftool, and the headers of libbpf.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Apt, NEWEST_SUITES } from '../apt.js';
import { unpackInto } from '../build-modules.js';
import { say, sh } from '../shell.js';

export interface Toolchain {
  /** The release that it is of, for the table. */
  release: string;
  /** As clang names itself. */
  version: string;
  clang: string;
  bpftool: string;
}

const PACKAGES = ['clang', 'bpftool', 'libbpf-dev'];
/** Parts of the closure that neither clang nor bpftool opens when it compiles for BPF. */
const UNUSED = /^(?:binutils|libbinutils|libgcc-\d+-dev|libstdc\+\+-\d+-dev|lib[a-z]*san\d|libgprofng|libobjc)/;

/** Returns the tools that are installed here. */
export function ownToolchain(): Toolchain {
  return { release: 'this machine', version: versionOf('clang'), clang: 'clang', bpftool: 'bpftool' };
}

/** Fetches the newest tools of Debian that can be installed. */
export function fetchNewestToolchain(cacheFolder: string): Toolchain {
  const complaints: string[] = [];
  for (const suite of NEWEST_SUITES) {
    try {
      return fetchToolchain(suite, cacheFolder);
    } catch (error) {
      complaints.push(`${suite}: ${error instanceof Error ? error.message : String(error)}`);
      say(complaints.at(-1) ?? suite);
    }
  }
  throw new Error(`no newer tools can be fetched: ${complaints.join('; ')}`);
}

/** Fetches and unpacks the tools of a suite, as far as they are not there yet. */
function fetchToolchain(suite: string, cacheFolder: string): Toolchain {
  const apt = new Apt(cacheFolder, [suite]);
  apt.update();
  const root = join(cacheFolder, `tools-${suite}`);
  const stamp = join(root, 'unpacked');
  const versions = PACKAGES.map((name) => `${name} ${apt.version(name)}`).join(', ');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== versions) {
    say(`fetching the tools of ${suite} (${versions})`);
    unpackTools(apt, { suite, root, debs: join(cacheFolder, `tools-${suite}-debs`) });
    writeWrappers(root);
    writeFileSync(stamp, versions);
  }
  const clang = join(root, 'clang');
  return { release: suite, version: versionOf(clang), clang, bpftool: join(root, 'bpftool') };
}

function unpackTools(apt: Apt, { suite, root, debs }: { suite: string; root: string; debs: string }): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const files = apt.downloadWithAllDependencies(PACKAGES, debs, suite);
  for (const deb of files) if (!UNUSED.test(deb.split('/').at(-1) ?? '')) unpackInto(deb, root);
  rmSync(debs, { recursive: true });
}

/**
 * The programs need their own release's libraries, and so its loader. clang looks for its own
 * headers beside the running executable, which is then the loader.
 */
function writeWrappers(root: string): void {
  const version = readdirSync(join(root, 'usr/lib')).find((name) => /^llvm-\d+$/.test(name));
  if (version === undefined) throw new Error(`${root} has no clang: its packages are laid out anew`);
  const llvm = join(root, 'usr/lib', version);
  const libraries = `${join(root, 'usr/lib/x86_64-linux-gnu')}:${join(llvm, 'lib')}`;
  const loader = ['lib64', 'usr/lib64'].map((name) => join(root, name, 'ld-linux-x86-64.so.2')).find(existsSync);
  if (loader === undefined) throw new Error(`${root} has no loader of programs`);
  const resources = join(llvm, 'lib/clang', readdirSync(join(llvm, 'lib/clang'))[0]);
  const start = `#!/bin/sh\nexec ${loader} --library-path ${libraries}`;
  writeFileSync(
    join(root, 'clang'),
    `${start} ${join(llvm, 'bin/clang')} -resource-dir ${resources} --sysroot=${root} "$@"\n`,
  );
  writeFileSync(join(root, 'bpftool'), `${start} ${join(root, 'usr/sbin/bpftool')} "$@"\n`);
  for (const name of ['clang', 'bpftool']) chmodSync(join(root, name), 0o755);
}

function versionOf(clang: string): string {
  return /version (\S+)/.exec(sh(clang, ['--version']))?.[1] ?? 'of no version';
}
