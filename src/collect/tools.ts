import { execa } from 'execa';

/** The first version number that a program prints, '' when it prints none, null when the program is not there. */
export async function toolVersion(file: string, args: string[]): Promise<string | null> {
  // bpftool lives in /usr/sbin on Debian, which is not on everybody's path.
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: 10_000, all: true, env });
  if (result.exitCode === undefined || result.exitCode === 127) return null;
  return result.exitCode === 0 ? (/\d+\.\d+(\.\d+)?/.exec(result.all ?? '')?.[0] ?? '') : null;
}
