import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peakRssBytes } from './peak-rss.js';

/** dist/main.js, which the set-up before the tests builds. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  ms: number;
  /** Greatest resident size seen, bytes (Linux). */
  peakBytes: number;
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  cwd?: string;
}

/** Runs `unfreed ARGS` to its end. */
export async function unfreed(args: string[], options: RunOptions = {}): Promise<Ran> {
  return (await startUnfreed(args, options)).done;
}

/** Starts `unfreed ARGS`; `done` resolves when it has ended. */
export function startUnfreed(
  args: string[],
  options: RunOptions = {},
): Promise<{ child: ReturnType<typeof spawn>; done: Promise<Ran>; stderrHas: (text: string) => Promise<void> }> {
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'], cwd: options.cwd });
  let stdout = '';
  let stderr = '';
  let peakBytes = 0;
  const watch = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, peakRssBytes(child.pid));
  }, 10);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const done = once(child, 'close').then(([code, signal]) => {
    clearInterval(watch);
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
      ms: performance.now() - started,
      peakBytes,
    };
  });
  const stderrHas = async (text: string): Promise<void> => {
    while (!stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`unfreed ended before it said "${text}":\n${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return Promise.resolve({ child, done, stderrHas });
}
