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
