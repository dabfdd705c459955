/** top --interval over a run: each ranking arrives when it is made, and Ctrl-C ends it with status 0. */
import { spawn } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { requireRoot } from '../helpers/live.js';

const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

beforeAll(requireRoot);

/** Runs `unfreed top` into a pipe; calls `onHead` at each head line. */
async function top(
  args: string[],
  onHead: (heads: number, kill: () => void) => void,
): Promise<[number | null, string]> {
  const child = spawn(process.execPath, [MAIN, 'top', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const heads = text.match(/^== /gm)?.length ?? 0;
    if (heads > seen) onHead(heads, () => child.kill('SIGINT'));
    seen = heads;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return [code, text];
}

it('each ranking is in the pipe when its time has come, and --count ends the run', async () => {
  const arrivedMs: number[] = [];
  const [code, text] = await top(['--interval', '1s', '--count', '3', '-n', '2'], () =>
    arrivedMs.push(performance.now()),
  );
  expect(code).toBe(0);
  expect(text.match(/^== 00:00:0\d\.\d of the trace, \S+Z ==$/gm)).toHaveLength(3);
  expect(arrivedMs).toHaveLength(3);
  for (const i of [1, 2]) expect(arrivedMs[i] - arrivedMs[i - 1]).toBeGreaterThan(300);
}, 60_000);

it('Ctrl-C ends it with status 0 and no half ranking', async () => {
  const [code, text] = await top(['--interval', '1s', '-n', '1'], (heads, kill) => {
    if (heads === 2) kill();
  });
  expect(code).toBe(0);
  expect(text.match(/^== /gm)?.length).toBeGreaterThanOrEqual(2);
  expect(text.endsWith('\n')).toBe(true);
}, 60_000);
