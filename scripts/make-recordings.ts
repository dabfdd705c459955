/**
 * Takes the recordings of growth again, each in a guest of its own that runs the loads and nothing else:
 *   node scripts/run-ts.mjs scripts/make-recordings.ts KERNEL NAME...    demo pipes tmpfs anon sockets before quiet
 * KERNEL is a folder of a guest kernel that `npm run test:guest` has fetched. It writes
 * recordings/bpf/6.12-NAME/NAME.unfreed, and truth.json beside it: what the load itself counted.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeInitrd } from '../test/guest/initrd.js';

/** What the load of a recording holds, in the words of the report; `unit` is a page's or an object's bytes. */
const GROWING: Readonly<Record<string, { noun: string; meminfo: string }>> = {
  demo: { noun: 'pipe buffers', meminfo: 'none' },
  pipes: { noun: 'pipe buffers', meminfo: 'none' },
  tmpfs: { noun: 'tmpfs files', meminfo: 'Shmem' },
  anon: { noun: 'process memory', meminfo: 'AnonPages' },
  sockets: { noun: 'sockets', meminfo: 'SUnreclaim' },
};
const PAGE_BYTES = 4096;
const KEPT_NAMES = ['grow-pipes', 'grow-tmpfs', 'grow-anon', 'grow-sockets', 'hold-pipes', 'tar', 'find', 'gzip'];
const MINUTE_MS = 60_000;

/** The line that a load prints when it holds all (scripts/loads/grow.c). */
interface HeldLine {
  program: string;
  pid: number;
  steps: number;
  everyMs: number;
  truth: [{ allocator: string; symbol: string; count: number }];
}

function record(name: string, kernel: string, work: string): void {
  const out = join(work, 'out');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const args =
    '-M q35 -smp 1 -m 4G -accel tcg,thread=single -cpu max -nodefaults -display none -monitor none -no-reboot'.split(
      ' ',
    );
  args.push('-serial', `file:${join(out, 'console')}`, '-kernel', join(kernel, 'vmlinux'));
  args.push('-initrd', join(work, 'initrd'), '-append', `console=ttyS0 panic=-1 quiet uf_name=${name}`);
  args.push('-virtfs', `local,path=${out},mount_tag=out,security_model=none,multidevs=remap`);
  execFileSync('qemu-system-x86_64', args, { stdio: 'inherit', timeout: 240_000 });
  if (!existsSync(join(out, 'rc'))) throw new Error(readFileSync(join(out, 'console'), 'latin1').slice(-2000));
  const folder = `recordings/bpf/6.12-${name}`;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.unfreed`);
  const keep = ['--keep', ...KEPT_NAMES];
  execFileSync('node', ['dist/main.js', 'anonymize', join(out, 'raw.unf'), '-o', file, '--force', ...keep]);
  execFileSync('chmod', ['644', file]);
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truthOf(name, out), null, 2)}\n`);
}

function truthOf(name: string, out: string): object {
  if (name === 'quiet') return { state: 'quiet', who: null, noun: null, meminfo: null, bytes: 0, bytesPerMinute: 0 };
  if (name === 'before') {
    // 16,384 full pipes of 64 KiB each, by init.
    return { state: 'before', who: null, noun: null, meminfo: 'none', bytes: 2 ** 30, bytesPerMinute: 0 };
  }
  const held = JSON.parse(readFileSync(join(out, 'held.json'), 'utf8')) as HeldLine;
  const [{ allocator, symbol, count }] = held.truth;
  const unit = allocator === 'page' ? PAGE_BYTES : Number(readFileSync(join(out, 'unix-object-size'), 'utf8'));
  const bytes = count * unit;
  const bytesPerMinute = Math.round(((bytes / held.steps) * MINUTE_MS) / held.everyMs);
  const { noun, meminfo } = GROWING[name];
  return {
    state: 'growing',
    who: held.program,
    pid: held.pid,
    noun,
    meminfo,
    allocator,
    symbol,
    count,
    bytes,
    bytesPerMinute,
  };
}

const [kernel, ...names] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'unfreed-recordings-'));
try {
  const loads = join(work, 'loads');
  execFileSync('make', ['-s', '-C', 'scripts/loads', `BUILD=${loads}`, 'CFLAGS=-O2 -static']);
  const modules = join(kernel, 'lib/modules');
  writeInitrd(join(work, 'initrd'), {
    init: 'scripts/recordings-init.sh',
    busybox: '/bin/busybox',
    collector: 'bpf/build/unfreed-collect',
    programs: [],
    kernelModules: join(modules, readdirSync(modules)[0]),
    testModules: ['grow', 'hold-pipes'].map((load) => join(loads, load)),
  });
  for (const name of names) record(name, kernel, work);
} finally {
  rmSync(work, { recursive: true, force: true });
}
