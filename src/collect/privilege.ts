import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** How a child becomes root: `prefix` goes before its command. */
export interface Privilege {
  how: 'root' | 'sudo';
  prefix: string[];
}

/**
 * Returns how to become root: we are root, or sudo asks for no password. Null if neither is so.
 * Never prompts.
 */
export async function findPrivilege(): Promise<Privilege | null> {
  if (process.getuid?.() === 0) return { how: 'root', prefix: [] };
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
  if (privilege.how === 'root') return readFile(path).catch(() => null);
  const [file, ...args] = [...privilege.prefix, 'cat', path];
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 20_000, encoding: 'buffer' });
  return result.exitCode === 0 ? result.stdout : null;
}
