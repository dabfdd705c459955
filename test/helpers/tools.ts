import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of a program that a test checks results with; null, with a message, when it is not installed. */
export function toolOrSay(program: string, debianPackage: string): string | null {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (existsSync(join(directory, program))) return join(directory, program);
  }
  process.stderr.write(
    `\n!!! NOT TESTED: ${program} is missing, what it would read back is not checked.\n` +
      `!!! apt-get install --no-install-recommends ${debianPackage}\n\n`,
  );
  return null;
}

/** The output of a program, both streams; throws when it fails. */
export function outputOf(program: string, args: string[], input?: string | Uint8Array): string {
  const run = spawnSync(program, args, { input, encoding: 'utf8', timeout: 60_000 });
  if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${run.status}\n${run.stderr}`);
  return run.stdout + run.stderr;
}
