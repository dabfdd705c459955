/**
 * Makes the guest's whole user space: an initramfs with a static busybox, the collector, the
 * modules under test and those for 9p. It is an archive of the format newc
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Entry {
  name: string;
  mode: number;
  bytes: Uint8Array;
}

export interface InitrdContents {
  init: string;
  busybox: string;
  collector: string;
  /** More static programs, for /bin. */
  programs: string[];
  /** Folder of the guest kernel's own modules. */
  kernelModules: string;
  /** The modules under test, built for this kernel. */
  testModules: string[];
  /** Names of the guest kernel's own modules that a test loads itself, from /modules. */
  laterModules?: string[];
  /** More files, by their paths in the guest. */
  texts?: Record<string, string>;
}

export function writeInitrd(path: string, contents: InitrdContents): void {
  const needed = moduleOrder(contents.kernelModules, ['virtio_pci', '9pnet_virtio', '9p']);
  const later = moduleOrder(contents.kernelModules, contents.laterModules ?? []);
  const entries: Entry[] = [
    ...['bin', 'modules', 'uf', 'proc', 'sys', 'dev', 'tmp', 'out'].map(
      (name): Entry => ({ name, mode: 0o40755, bytes: new Uint8Array(0) }),
    ),
    file('init', contents.init, 0o100755),
    file('bin/busybox', contents.busybox, 0o100755),
    file('bin/unfreed-collect', contents.collector, 0o100755),
    ...contents.programs.map((from) => file(`bin/${basename(from)}`, from, 0o100755)),
    ...Object.entries(contents.texts ?? {}).map(
      ([name, text]): Entry => ({ name, mode: 0o100644, bytes: Buffer.from(text) }),
    ),
    ...[...needed, ...later].map(({ name, bytes }): Entry => ({ name: `modules/${name}.ko`, mode: 0o100644, bytes })),
    { name: 'modules/order', mode: 0o100644, bytes: Buffer.from(needed.map(({ name }) => `${name}.ko\n`).join('')) },
    ...contents.testModules.map((from) => file(`uf/${basename(from)}`, from)),
  ];
  writeFileSync(path, archive(entries));
}

function file(name: string, from: string, mode = 0o100644): Entry {
  return { name, mode, bytes: readFileSync(from) };
}

function archive(entries: Entry[]): Buffer {
  const parts: Uint8Array[] = [];
  const add = ({ name, mode, bytes }: Entry, inode: number): void => {
    const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
    parts.push(padded(Buffer.from(header, 'latin1')), padded(bytes));
  };
  entries.forEach(add);
  add({ name: 'TRAILER!!!', mode: 0, bytes: new Uint8Array(0) }, 0);
  return Buffer.concat(parts);
}

/** Pads bytes to the next multiple of four. */
function padded(bytes: Uint8Array): Uint8Array {
  const more = -bytes.length & 3;
  return more === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(more)]);
}

interface KernelModule {
  name: string;
  bytes: Buffer;
}

/**
 * Returns the modules and their dependencies, each after its own dependencies. A module that is
 * missing is built into the kernel.
 */
function moduleOrder(folder: string, wanted: string[]): KernelModule[] {
  const files = new Map<string, string>();
  for (const each of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const match = /([^/]+)\.ko(?:\.xz|\.zst)?$/.exec(each);
    if (match !== null) files.set(match[1].replaceAll('-', '_'), join(folder, each));
  }
  const order: KernelModule[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const path = files.get(name);
    if (seen.has(name) || path === undefined) return;
    seen.add(name);
    const bytes = readModule(path);
    for (const each of dependencies(bytes)) visit(each);
    order.push({ name, bytes });
  };
  wanted.forEach(visit);
  return order;
}

function readModule(path: string): Buffer {
  const bytes = readFileSync(path);
  const unpacker = path.endsWith('.xz') ? 'xz' : path.endsWith('.zst') ? 'zstd' : null;
  return unpacker === null ? bytes : spawnSync(unpacker, ['-dc'], { input: bytes, maxBuffer: 1 << 28 }).stdout;
}

/** Returns the names in the section .modinfo: `depends=a,b`. */
function dependencies(module: Buffer): string[] {
  const at = module.indexOf('\0depends=');
  if (at < 0) return [];
  const list = module.toString('latin1', at + 9, module.indexOf(0, at + 9));
  return list.split(',').map((name) => name.replaceAll('-', '_'));
}
