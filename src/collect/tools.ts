import { execa } from 'execa';

/**
 * Returns the first version number that a program prints, '' if it prints none, null if the program
 * is missing.
 */
export async function toolVersion(file: string, args: string[]): Promise<string | null> {
  // On Debian bpftool is in /usr/sbin, which is not on every user's path.
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 10_000, all: true, env });
  if (result.exitCode === undefined || result.exitCode === 127) return null;
  return result.exitCode === 0 ? (/\d+\.\d+(\.\d+)?/.exec(result.all ?? '')?.[0] ?? '') : null;
}
