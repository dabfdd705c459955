/**
 * Builds test/guest/modules against a guest kernel's headers. For kernels of this machine's release
 * it uses the machine's own compiler. The build tools of a newer kernel need a newer C library, so
 * they run in a root made of that release's packages, unpacked and never installed.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Apt, BUILD_SUITE } from './apt.js';
import type { GuestKernel } from './kernels.js';
import { say, sh } from './shell.js';

/** Returns the paths of the modules, in the order of their names. */
export function buildModules(apt: Apt, kernel: GuestKernel, sources: string, cacheFolder: string): string[] {
  const folder = join(cacheFolder, 'modules', `${kernel.release}-${hashOf(sources)}`);
  if (!existsSync(join(folder, 'built'))) {
    say(`building the modules for ${kernel.release}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(cacheFolder, 'modules'), { recursive: true });
    cpSync(sources, folder, { recursive: true });
    if (kernel.needsBuildRoot) buildInRoot(kernel, folder, buildRoot(apt, cacheFolder));
    else buildHere(kernel, folder);
    writeFileSync(join(folder, 'built'), '');
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ko'))
    .toSorted()
    .map((name) => join(folder, name));
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).toSorted()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

/** No BTF for modules: it would need pahole, and nothing here reads it. */
const MAKE_VARIABLES = ['CONFIG_DEBUG_INFO_BTF_MODULES=', 'KBUILD_MODPOST_WARN=1'];

function buildHere(kernel: GuestKernel, folder: string): void {
  const headers = join(kernel.headers, 'usr/src', `linux-headers-${kernel.release}`);
  const makefile = join(headers, 'Makefile');
  const text = readFileSync(makefile, 'utf8');
  // The headers' Makefile expects to be installed.
  writeFileSync(makefile, text.replace(/^include \/usr\/src\//m, `include ${kernel.headers}/usr/src/`));
  sh('make', ['-C', headers, `M=${folder}`, `CC=${compiler()}`, ...MAKE_VARIABLES, '-j2', 'modules']);
}

function compiler(): string {
  return ['gcc-12', 'gcc'].find((name) => existsSync(`/usr/bin/${name}`)) ?? 'cc';
}

function buildInRoot(kernel: GuestKernel, folder: string, root: string): void {
  const kbuild = readdirSync(join(kernel.folder, 'usr/lib')).find((name) => name.startsWith('linux-kbuild-'));
  if (kbuild === undefined) throw new Error(`Linux ${kernel.release} came without its build tools`);
  for (const name of ['usr/src', 'build', `usr/lib/${kbuild}`, 'dev', 'proc']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const headers = `/usr/src/linux-headers-${kernel.release}`;
  const make = ['make', '-C', headers, 'M=/build', `KBUILD_OUTPUT=${headers}`, ...MAKE_VARIABLES, '-j2', 'modules'];
  // The mounts exist only for these processes.
  const script = [
    'set -e',
    'mount --bind "$1/usr/src" "$2/usr/src"',
    'mount --bind "$1/usr/lib/$4" "$2/usr/lib/$4"',
    'mount --bind "$3" "$2/build"',
    'mount --bind /dev "$2/dev"',
    'mount -t proc proc "$2/proc"',
    'root=$2; shift 4',
    'exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"',
  ].join('\n');
  sh('unshare', [
    '-m',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    kernel.folder,
    root,
    folder,
    kbuild,
    ...make,
  ]);
}

function buildRoot(apt: Apt, cacheFolder: string): string {
  const root = join(cacheFolder, `root-${BUILD_SUITE}`);
  if (existsSync(join(root, 'unpacked'))) return root;
  say(`making a root of ${BUILD_SUITE} to build in (300 MB of packages)`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const debs = join(cacheFolder, 'root-debs');
  const packages = [
    'gcc-14',
    'make',
    'libelf1t64',
    'bash',
    'coreutils',
    'gawk',
    'sed',
    'grep',
    'findutils',
    'perl-base',
  ];
  const files = apt.downloadWithAllDependencies(packages, debs);
  // bin, lib and the like are links here; a package that holds one of them as a folder must find
  // the link.
  for (const deb of files) if (deb.includes('/base-files_')) unpackInto(deb, root);
  for (const deb of files) if (!deb.includes('/base-files_')) unpackInto(deb, root);
  rmSync(debs, { recursive: true });
  link(root, 'gawk', 'awk');
  link(root, 'gcc-14', 'gcc');
  link(root, 'bash', 'sh');
  writeFileSync(join(root, 'unpacked'), '');
  return root;
}

/** Unpacks a package into a root whose bin, lib and the like may be links. */
export function unpackInto(deb: string, root: string): void {
  sh('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink', 'sh', deb, root]);
}

function link(root: string, target: string, name: string): void {
  const path = join(root, 'usr/bin', name);
  if (!existsSync(path)) symlinkSync(target, path);
}
