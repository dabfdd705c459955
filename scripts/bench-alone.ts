import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a program of this repository (a path from its root) in a process of its own, so that its
 * memory and CPU time include nothing else. Its one argument is the task, as JSON. Resolves to the
 * JSON value that it prints.
 */
export async function runAlone<Result>(program: string, task: object): Promise<Result> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['scripts/run-ts.mjs', program, JSON.stringify(task)],
    { maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout) as Result;
}
