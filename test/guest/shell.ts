import { spawn, spawnSync } from 'node:child_process';

/**
 * Runs a command to its end and returns its output; throws with the last lines of it if the command
 * fails.
 */
export function sh(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string {
  const run = spawnSync(command, args, {
    cwd: options.cwd,
    env: options.env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (run.error !== undefined) throw new Error(`cannot run ${command}: ${run.error.message}`);
  if (run.status !== 0) {
    const said = `${run.stdout}\n${run.stderr}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`${command} ${args.slice(0, 6).join(' ')} ended with ${run.status ?? run.signal}:\n${said}`);
  }
  return run.stdout;
}

export interface Ending {
  status: number | null;
  seconds: number;
  timedOut: boolean;
}

/** Runs a command for at most `timeoutMs`, then kills it. With `quiet` its output is dropped. */
export async function runFor(command: string, args: string[], timeoutMs: number, quiet: boolean): Promise<Ending> {
  const start = Date.now();
  const said = quiet ? 'ignore' : 'inherit';
  const child = spawn(command, args, { stdio: ['ignore', said, said] });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  }).finally(() => clearTimeout(timer));
  return { status, seconds: (Date.now() - start) / 1000, timedOut };
}

/** Prints a line on stderr; stdout is for tables. */
export function say(text: string): void {
  process.stderr.write(`guest: ${text}\n`);
}
