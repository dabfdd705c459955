import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** How a child becomes root: what to put in front of its command. */
export interface Privilege {
  how: 'root' | 'sudo';
  prefix: string[];
}

/** Root already, or sudo that asks for no password; null when neither. Never prompts. */
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

/** Runs a short command as root and gives what it printed. Never throws, never prompts. */
export async function asRoot(privilege: Privilege, command: string[]): Promise<RootOutput> {
  const [file, ...args] = [...privilege.prefix, ...command];
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 20_000 });
  return { exitCode: result.exitCode, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
}

/** A file of /proc as root sees it, null when even root cannot. */
export async function readAsRoot(privilege: Privilege, path: string): Promise<Uint8Array | null> {
  if (privilege.how === 'root') return readFile(path).catch(() => null);
  const [file, ...args] = [...privilege.prefix, 'cat', path];
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 20_000, encoding: 'buffer' });
  return result.exitCode === 0 ? result.stdout : null;
}
