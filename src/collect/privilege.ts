/**
 * How a child gets the rights to trace, and what rights allow: judgeRights() gives the row of the
 * table in bpf/README.md that applies. What this kernel really allows, only a trial shows (machine.ts).
 */
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** How a child gets the rights to trace: `prefix` goes before its command. */
export interface Privilege {
  /** capabilities: it is not root, but inherits those that are needed. */
  how: 'root' | 'capabilities' | 'sudo';
  prefix: string[];
}

/**
 * Returns how a child gets the rights to trace: we are root, it inherits the capabilities, or sudo
 * asks for no password. Null if none is so. Never prompts.
 */
export async function findPrivilege(): Promise<Privilege | null> {
  if (process.getuid?.() === 0) return { how: 'root', prefix: [] };
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  if (mayLoadPrograms(rightsOfChild(status, false))) return { how: 'capabilities', prefix: [] };
  const tried = await execa('sudo', ['-n', 'true'], { reject: false, stdin: 'ignore', timeout: 10_000 });
  return tried.exitCode === 0 ? { how: 'sudo', prefix: ['sudo', '-n'] } : null;
}

export interface RootOutput {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a short command as root and returns its output. Never throws, never prompts. */
export async function asRoot(privilege: Privilege, command: string[]): Promise<RootOutput> {
  const [file, ...args] = [...privilege.prefix, ...command];
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 20_000 });
  return { exitCode: result.exitCode, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
}

/** Returns a file of /proc as root sees it, null if root cannot read it. */
export async function readAsRoot(privilege: Privilege, path: string): Promise<Uint8Array | null> {
  if (privilege.how !== 'sudo') return readFile(path).catch(() => null);
  const [file, ...args] = [...privilege.prefix, 'cat', path];
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 20_000, encoding: 'buffer' });
  return result.exitCode === 0 ? result.stdout : null;
}

/** Bits of include/uapi/linux/capability.h that matter to a tracer. */
const BITS = { DAC_OVERRIDE: 1, DAC_READ_SEARCH: 2, SYS_ADMIN: 21, SYSLOG: 34, PERFMON: 38, BPF: 39 } as const;

export type Capability = keyof typeof BITS;

/** The rights of a collector that is started from here. */
export interface Rights {
  uid: number;
  capabilities: Capability[];
}

/**
 * Returns the rights of a program that a process starts, from its /proc/PID/status. A program of
 * root's gets all of the bounding set, any other only ambient capabilities. `becomesRoot`: it is started
 * as root, by sudo if need be.
 */
export function rightsOfChild(status: string, becomesRoot: boolean): Rights {
  const uid = becomesRoot ? 0 : Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? -1);
  const set = new RegExp(`^Cap${uid === 0 ? 'Bnd' : 'Amb'}:\\s+([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0';
  const bits = BigInt(`0x${set}`);
  const names = Object.keys(BITS) as Capability[];
  return { uid, capabilities: names.filter((name) => ((bits >> BigInt(BITS[name])) & 1n) === 1n) };
}

/** True if these rights suffice to load and attach BPF programs. */
export function mayLoadPrograms({ capabilities }: Rights): boolean {
  const has = (name: Capability): boolean => capabilities.includes(name);
  return has('SYS_ADMIN') || (has('BPF') && has('PERFMON'));
}

export interface RightsVerdict {
  /** True if nothing is missing. */
  whole: boolean;
  /** What these rights give, in words. */
  gives: string;
  advice: string;
}

/** Judges rights: which of names, cheap call paths, slabinfo and page frame numbers they give. */
export function judgeRights(rights: Rights): RightsVerdict {
  const has = (name: Capability): boolean => rights.capabilities.includes(name);
  const held = rights.capabilities.length === 0 ? 'no capability that helps' : rights.capabilities.join(', ');
  const who = `uid ${rights.uid} with ${held}`;
  if (!mayLoadPrograms(rights)) {
    return {
      whole: false,
      gives: `${who}: no BPF program can be loaded`,
      advice: 'give it BPF, PERFMON and SYSLOG (a container: --cap-add), or run it as root',
    };
  }
  const readsSlabinfo = rights.uid === 0 || has('DAC_READ_SEARCH') || has('DAC_OVERRIDE');
  const lacks = [
    ...(has('SYSLOG') ? [] : ['call paths have no names and are walked by the kernel, at 15 times the cost']),
    ...(readsSlabinfo ? [] : ['slabinfo cannot be read: slab call paths are not compared with it']),
  ];
  const adds = [...(has('SYSLOG') ? [] : ['SYSLOG']), ...(readsSlabinfo ? [] : ['DAC_READ_SEARCH'])];
  const whole = lacks.length === 0;
  return {
    whole,
    gives: `${who}: ${whole ? 'names, cheap call paths, slabinfo' : lacks.join('; ')}`,
    advice: whole ? '' : `give it ${adds.join(' and ')} too`,
  };
}
