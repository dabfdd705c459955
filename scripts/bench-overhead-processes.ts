/**
 * Processes of the tracers in bench-overhead-tracers.ts: waits until they are ready, gathers their
 * output, ends them, and measures their CPU time.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** All running processes, so that an interrupted bench can end them. */
const started = new Set<ChildProcess>();

export async function endAllTracers(): Promise<void> {
  await Promise.all([...started].map((child) => end(child, 'SIGINT')));
}

/** Gathers the stderr of a program. Returns a function for the last 64 KiB of it. */
export function listen(child: ChildProcess): () => string {
  let said = '';
  started.add(child);
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-65536);
  });
  return () => said;
}

export async function ready(child: ChildProcess, sign: () => Promise<unknown>, said: () => string): Promise<void> {
  const gone = once(child, 'exit').then(() => {
    throw new Error(`${child.spawnfile} ended before it traced: ${said().trim().split('\n').at(-1) ?? ''}`);
  });
  await Promise.race([sign(), gone]);
  gone.catch(() => undefined);
}

/**
 * Ends a process by a signal, or by SIGKILL after 30 s: perf and bpftrace end slowly when their
 * buffers are full.
 */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const patience = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    clearTimeout(patience);
  }
  started.delete(child);
}

export async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited += 50) {
    if (waited > 30_000) throw new Error('a tracer did not start within 30 s');
    await sleep(50);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function childOf(parent: number, name: string): number {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = statOf(Number(pid));
    if (stat !== null && stat.comm.startsWith(name.slice(0, 15)) && stat.parent === parent) return Number(pid);
  }
  return 0;
}

/** Returns the CPU time of a process so far, user and system, in seconds; 0 if it has ended. */
export function cpuSecondsOf(pid: number): number {
  return statOf(pid)?.cpuSeconds ?? 0;
}

function statOf(pid: number): { comm: string; parent: number; cpuSeconds: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const close = text.lastIndexOf(')');
    const fields = text.slice(close + 2).split(' ');
    // USER_HZ is 100 on every architecture of Debian.
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    return { comm: text.slice(text.indexOf('(') + 1, close), parent: Number(fields[1]), cpuSeconds };
  } catch {
    return null;
  }
}
