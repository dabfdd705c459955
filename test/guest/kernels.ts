/**
 * Guest kernels of Debian: found by search, unpacked under the cache folder by version, never
 * installed. Only the files of an image that a guest needs are unpacked: the kernel itself, the
 * modules for 9p, and one that makes a block device of memory.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Apt } from './apt.js';
import { say, sh } from './shell.js';
import { extractVmlinux } from './vmlinux.js';

/** A kernel that the archive has. */
export interface KernelChoice {
  /** 5.10, 6.1, ... */
  series: string;
  /** As uname -r prints it. */
  release: string;
  /** True if it was built with the tools of BUILD_SUITE, which this machine may lack. */
  needsBuildRoot: boolean;
}

/** A kernel that has been fetched. */
export interface GuestKernel extends KernelChoice {
  folder: string;
  vmlinux: string;
  /** The packed kernel, which chooses its addresses by chance (KASLR), and page tables of five levels. */
  image: string;
  /** Folder with usr/src/linux-headers-RELEASE. */
  headers: string;
  /** Folder with the image's modules, KERNEL/lib/modules/RELEASE. */
  modules: string;
}

const IMAGE = /^linux-image-(\d+\.\d+)(?:\.\d+)?(?:-\d+)?(?:\+(deb\d+))?-amd64$/;

/**
 * Returns one kernel per series, the latest. If several releases of Debian have a series, that of
 * the oldest.
 */
export function listKernels(apt: Apt): KernelChoice[] {
  const best = new Map<string, KernelChoice>();
  // The headers of an image may have left the archive already, or not have come yet.
  const headers = new Set(apt.search('^linux-headers-[0-9].*-amd64$'));
  for (const name of apt.search('^linux-image-[0-9].*-amd64$')) {
    const match = IMAGE.exec(name);
    if (match === null || !headers.has(name.replace('image', 'headers'))) continue;
    const choice: KernelChoice = {
      series: match[1],
      release: name.slice('linux-image-'.length),
      needsBuildRoot: match[2] === 'deb13',
    };
    const known = best.get(choice.series);
    if (known === undefined || compareChoices(choice, known) > 0) best.set(choice.series, choice);
  }
  return [...best.values()].toSorted((a, b) => compareVersions(a.series, b.series));
}

function compareChoices(a: KernelChoice, b: KernelChoice): number {
  return Number(b.needsBuildRoot) - Number(a.needsBuildRoot) || compareVersions(a.release, b.release);
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Returns the kernel for `oldest`, `newest`, or a series; throws if there is none. */
export function chooseKernel(kernels: KernelChoice[], wanted: string): KernelChoice {
  const found =
    wanted === 'oldest'
      ? kernels[0]
      : wanted === 'newest'
        ? kernels.at(-1)
        : kernels.find(({ series }) => series === wanted);
  if (found === undefined) {
    throw new Error(`the archive has no kernel ${wanted}; it has ${kernels.map(({ series }) => series).join(', ')}`);
  }
  return found;
}

/** Fetches and unpacks a kernel, as far as it is not there yet. */
export function fetchKernel(apt: Apt, choice: KernelChoice, cacheFolder: string): GuestKernel {
  const folder = join(cacheFolder, 'kernels', choice.release);
  const stamp = join(folder, 'unpacked');
  const version = `${apt.version(`linux-image-${choice.release}`)} ${[...IMAGE_PARTS, ...IMAGE_FILES].join(' ')}`;
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== version) {
    const names = [`linux-image-${choice.release}`, `linux-headers-${choice.release}`];
    say(`fetching Linux ${choice.release}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const debs = join(folder, 'debs');
    for (const deb of apt.download([...new Set(names.flatMap((name) => apt.kernelClosure(name)))], debs)) {
      unpack(deb, folder);
    }
    rmSync(debs, { recursive: true });
    extractVmlinux(findImage(folder, choice.release), join(folder, 'vmlinux'));
    writeFileSync(stamp, version);
  }
  const modules = ['usr/lib/modules', 'lib/modules']
    .map((name) => join(folder, name, choice.release))
    .find((path) => existsSync(path));
  if (modules === undefined) throw new Error(`Linux ${choice.release} came without its modules`);
  const image = findImage(folder, choice.release);
  return { ...choice, folder, vmlinux: join(folder, 'vmlinux'), image, headers: folder, modules };
}

/** The parts of an image of 100 MB that a guest needs. */
const IMAGE_PARTS = [
  'boot',
  'kernel/net/9p',
  'kernel/fs/9p',
  'kernel/fs/netfs',
  'kernel/fs/fscache',
  'kernel/drivers/virtio',
];
const IMAGE_FILES = ['kernel/drivers/block/brd.ko*'];

function unpack(deb: string, folder: string): void {
  const name = deb.split('/').at(-1) ?? '';
  if (!/^linux-(?:image|binary|modules|base)-/.test(name)) {
    sh('dpkg-deb', ['-x', deb, folder]);
    return;
  }
  const patterns = [...IMAGE_PARTS.map((part) => `${part}/*`), ...IMAGE_FILES].map((part) => `'*/${part}'`).join(' ');
  // tar fails if a pattern matches nothing, and in every package some do not.
  sh('sh', [
    '-c',
    `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards ${patterns} '*/modules.*' '*/vmlinuz*' 2>/dev/null || true`,
    'sh',
    deb,
    folder,
  ]);
}

function findImage(folder: string, release: string): string {
  const places = [join(folder, 'boot'), join(folder, 'usr/lib/modules', release), join(folder, 'lib/modules', release)];
  for (const place of places) {
    if (!existsSync(place)) continue;
    const name = readdirSync(place).find((each) => each.startsWith('vmlinuz'));
    if (name !== undefined) return join(place, name);
  }
  throw new Error(`Linux ${release} came without its vmlinuz`);
}
