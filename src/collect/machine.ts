/** What this machine offers a tracer, found by looking and by trying; checks.ts judges it. */
import { access, constants, readFile } from 'node:fs/promises';
import { machine as machineName, release } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { bpfCollectorPath, isBpfCollectorBuilt } from './bpf-collector.js';
import { findPrivilege, type Privilege, type Rights, rightsOfChild } from './privilege.js';
import { toolVersion } from './tools.js';
import { readTracefs, TRACEPOINTS } from './tracefs.js';

export interface Machine {
  kernel: string;
  /** uname -m */
  arch: string;
  privilege: Privilege['how'] | null;
  /** The rights of a collector that is started from here. */
  rights: Rights;
  /** True if /sys/kernel/btf/vmlinux is readable. */
  btf: boolean;
  /** Tracepoints (system:event) in the BTF, and those in tracefs. */
  btfTracepoints: string[];
  tracefsTracepoints: string[];
  /** Why tracefs could not be read, null if it could. */
  tracefsError: string | null;
  /** True if tracefs must be mounted, for us alone. */
  tracefsUnmounted: boolean;
  /**
   * The result of loading a BPF program: null = it worked, else the error; undefined = there was
   * nothing to try with.
   */
  bpfTrial: string | null | undefined;
  bpfTriedWith: string;
  /**
   * What the eBPF collector cannot trace here although it must, with the remedy; null: nothing, or it
   * was not tried.
   */
  bpfUnmet: string | null;
  /** The allocators that the eBPF collector can trace here, as its options name them; null = not tried. */
  bpfAllocators: string[] | null;
  /** The kinds of events that the eBPF collector knows, and why it cannot tell of some here; [] = not tried. */
  bpfMarks: MarkAbility[];
  /** What a trace of the eBPF collector will lack here, in its own words. */
  bpfNotes: string[];
  bpfCollectorBuilt: boolean;
  /** The first error of the build that failed, '' = there was none. */
  bpfBuildError: string;
  libbpfHeaders: boolean;
  /** Version of each tool; '' = it prints none, null = not installed. */
  clang: string | null;
  bpftool: string | null;
  make: string | null;
  cc: string | null;
  bpftrace: string | null;
  /** Soft limit in bytes, Infinity = none. */
  lockedMemoryBytes: number;
  /** kernel.kptr_restrict, -1 = cannot be read. */
  kptrRestrict: number;
  /** 'none', 'integrity', 'confidentiality', or '' if this kernel has no lockdown. */
  lockdown: string;
}

export interface MarkAbility {
  /** 'oom-kill', 'shm': as `--probe` names it. */
  kind: string;
  /** The hook, and what is wrong with it: untrusted text. Null: it can be told. */
  lacks: string | null;
}

export async function lookAtMachine(): Promise<Machine> {
  const privilege = await findPrivilege();
  const tools = await Promise.all([
    toolVersion('clang', ['--version']),
    toolVersion('bpftool', ['version']),
    toolVersion('make', ['--version']),
    toolVersion('cc', ['--version']),
    toolVersion('bpftrace', ['--version']),
  ]);
  const btf = await readFile('/sys/kernel/btf/vmlinux').catch(() => null);
  const tracefs = privilege === null ? null : await readTracefs(privilege);
  const bpfCollectorBuilt = await isBpfCollectorBuilt();
  const trial = await tryBpf(privilege, bpfCollectorBuilt, tools[4] !== null);
  return {
    kernel: release(),
    arch: machineName(),
    privilege: privilege?.how ?? null,
    rights: rightsOfChild(await readText('/proc/self/status'), privilege?.how === 'root' || privilege?.how === 'sudo'),
    btf: btf !== null,
    btfTracepoints:
      btf === null
        ? []
        : TRACEPOINTS.filter((name) => btf.includes(`\0btf_trace_${name.slice(name.indexOf(':') + 1)}\0`)),
    tracefsTracepoints: tracefs === null ? [] : [...tracefs.formats.keys()],
    tracefsError: tracefs === null ? 'only root can read it' : tracefs.error,
    tracefsUnmounted: tracefs?.needsMount ?? false,
    bpfTrial: trial.result,
    bpfTriedWith: trial.with,
    bpfUnmet: trial.unmet,
    bpfAllocators: trial.allocators,
    bpfMarks: trial.marks,
    bpfNotes: trial.notes,
    bpfCollectorBuilt,
    bpfBuildError: await bpfBuildError(),
    libbpfHeaders: await access('/usr/include/bpf/libbpf.h', constants.R_OK).then(
      () => true,
      () => false,
    ),
    clang: tools[0],
    bpftool: tools[1],
    make: tools[2],
    cc: tools[3],
    bpftrace: tools[4],
    lockedMemoryBytes: parseLockedMemory(await readText('/proc/self/limits')),
    kptrRestrict: Number.parseInt((await readText('/proc/sys/kernel/kptr_restrict')) || '-1', 10),
    lockdown: /\[(\w+)\]/.exec(await readText('/sys/kernel/security/lockdown'))?.[1] ?? '',
  };
}

/**
 * Loads a BPF program as root: only this shows what the kernel, a container or a security module
 * forbids.
 */
async function tryBpf(privilege: Privilege | null, built: boolean, bpftrace: boolean): Promise<Trial> {
  const untried = { with: '', unmet: null, allocators: null, marks: [], notes: [] };
  if (privilege === null || (!built && !bpftrace)) return { ...untried, result: undefined };
  const command = built ? [bpfCollectorPath(), '--probe'] : ['bpftrace', '-e', 'BEGIN { exit(); }'];
  const [file, ...args] = [...privilege.prefix, ...command];
  const tried = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 30_000, all: true });
  const output = tried.all ?? '';
  if (built) {
    const verdict = probeVerdict(output);
    const result = verdict === undefined ? exitText(tried.exitCode, output) : verdict;
    const unmet = probeVerdict(output, 'demand') ?? null;
    return { result, with: 'unfreed-collect', unmet, ...probeDetails(output) };
  }
  return { ...untried, result: tried.exitCode === 0 ? null : exitText(tried.exitCode, output), with: 'bpftrace' };
}

/** What a trial has shown; its parts are those of Machine. */
interface Trial {
  result: string | null | undefined;
  with: string;
  unmet: string | null;
  allocators: string[] | null;
  marks: MarkAbility[];
  notes: string[];
}

/**
 * Returns the first error of the last attempt to build the eBPF collector, as the set-up keeps it; ''
 * if it succeeded, or was not made.
 */
export async function bpfBuildError(): Promise<string> {
  return (await readText(join(dirname(bpfCollectorPath()), '.failed'))).trim();
}

/**
 * Returns what `unfreed-collect --probe` printed about one thing: null for 'ok', the reason of a
 * refusal, or undefined if it printed nothing. Each line is a JSON object;
 * {"name":"load","ok":true,"detail":"..."} is the one about loading its programs, "demand" the one
 * about all that must be traced.
 */
export function probeVerdict(output: string, about = 'load'): string | null | undefined {
  const found = probeLines(output).find(({ name }) => name === about);
  return found === undefined ? undefined : found.ok ? null : found.detail;
}

/** Returns the allocators that `--probe` could trace, null if it did not try, the kinds of events, and its notes. */
export function probeDetails(output: string): Pick<Trial, 'allocators' | 'marks' | 'notes'> {
  const lines = probeLines(output);
  const allocators = lines.filter(({ name }) => name.startsWith('allocator:'));
  return {
    allocators:
      allocators.length === 0
        ? null
        : allocators.filter(({ ok }) => ok).map(({ name }) => name.replace('allocator:', '')),
    marks: lines
      .filter(({ name }) => name.startsWith('marks:'))
      .map(({ name, ok, detail }) => ({ kind: name.replace('marks:', ''), lacks: ok ? null : detail })),
    notes: lines.filter(({ name }) => name === 'note').map(({ detail }) => detail),
  };
}

function probeLines(output: string): { name: string; ok: boolean; detail: string }[] {
  return output.split('\n').flatMap((line) => {
    try {
      const { name, ok, detail } = JSON.parse(line) as { name?: unknown; ok?: unknown; detail?: unknown };
      return typeof name === 'string' ? [{ name, ok: ok === true, detail: String(detail) }] : [];
    } catch {
      // All other lines are for people.
      return [];
    }
  });
}

function exitText(code: number | undefined, output: string): string {
  const said = output.trim().split('\n').at(-1) ?? '';
  return said === '' ? `exit code ${code}` : said;
}

/**
 * Returns the soft limit of "Max locked memory" in /proc/self/limits, in bytes; Infinity if there
 * is none.
 */
export function parseLockedMemory(limits: string): number {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
