/** The start of a trace: its time counts from the moment all hooks are attached, and before it nothing is traced. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { StartStepName } from '../../src/base/start-steps.js';
import { runUntilStopped } from '../../src/cli/traces/load-trace.js';
import { Progress } from '../../src/cli/traces/progress.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import { MAIN, startUnfreed, unfreed } from '../helpers/cli.js';
import { modeIt, prepareLive } from '../helpers/live-trace.js';
import { mode, modeOptions } from '../helpers/modes.js';
import { replayedFile } from '../helpers/replayed.js';
import { sleep, TerminalProgram } from '../helpers/terminal.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

/** Keeps what is shown, and interrupts this process at a step. */
class InterruptingProgress extends Progress {
  readonly shown: string[] = [];
  private readonly at: string;

  constructor(at: string) {
    super({ quiet: true });
    this.at = at;
  }

  override show(text: string): void {
    this.shown.push(text);
    if (text.startsWith(this.at) && !this.shown.includes('stopping')) process.emit('SIGINT');
  }
}

it('--duration counts from the attachment: so long is the trace, and the start comes on top', async () => {
  const path = join(directory, 'second.unfreed');
  const ran = await unfreed(['record', ...mode.flags, '--duration', '1s', '-o', path]);
  expect(ran).toMatchObject({ code: 0 });
  const lines = ran.stderr.split('\n');
  expect(lines[0]).toBe('unfreed: attaching to this machine');
  expect(lines[1]).toMatch(/^unfreed: recording this machine to .*second\.unfreed \(bpf collector\); Ctrl-C ends$/);
  expect(ran.stderr).toMatch(
    /^recorded [1-9]\.\d+s: .* events, .*, lost \S+(?: \(the answer holds\))?\n[A-Z]+ .*\n(?: .*\n)*look {5}unfreed replay .*\nsend {5}unfreed export /m,
  );
  const { pipeline } = await replayedFile(path);
  expect(pipeline.core.nowNs).toBeGreaterThanOrEqual(0.99e9);
  expect(ran.ms).toBeGreaterThan(pipeline.core.nowNs / 1e6);
  expect(pipeline.ended).toMatchObject({ reason: 'duration' });
});

for (const at of ['reading the', 'loading', 'attaching', 'reading symbols']) {
  it(`a Ctrl-C during "${at}" says that nothing was traced, and writes nothing`, async () => {
    const path = join(directory, 'nothing.unfreed');
    const run = new LiveRun({ collector: modeOptions(), recordPath: path, force: false });
    const progress = new InterruptingProgress(at);
    const ended = runUntilStopped(run, 60e9, { progress, tracing: () => 'tracing' });
    await expect(ended).rejects.toThrow(/^nothing was traced: stopped before tracing had begun/);
    expect(progress.shown).toContainEqual(expect.stringContaining(at));
    expect(progress.shown).not.toContain('tracing');
    expect(existsSync(path)).toBe(false);
  });
}

it('each step is reported, in order', async () => {
  const run = new LiveRun({ collector: modeOptions(), recordPath: null, force: false });
  const names: StartStepName[] = [];
  run.onStep = ({ name }) => {
    if (names.at(-1) !== name) names.push(name);
  };
  await run.start();
  await run.stop();
  expect(names).toEqual(['types', 'programs', 'hooks', 'symbols', 'events']);
});

it('an output that cannot be written is refused before anything is said of tracing', async () => {
  const ran = await unfreed(['record', ...mode.flags, '--duration', '1s', '-o', '/nonexistent/x.unfreed']);
  expect(ran).toMatchObject({
    code: 1,
    stderr:
      'unfreed: cannot write /nonexistent/x.unfreed: no such file or directory\n  make its folder first: mkdir -p /nonexistent\n',
  });
});

it('top into a pipe says in two lines what it does', async () => {
  const { done } = await startUnfreed(['top', ...mode.flags, '--duration', '300ms']);
  const { stderr, code } = await done;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^unfreed: attaching to this machine\nunfreed: tracing for 300ms; Ctrl-C ends\n/);
});

/** What was on the screen from the start on until `ready`, each text once. */
async function screensUntil(terminal: TerminalProgram, ready: string): Promise<string[]> {
  const screens: string[] = [];
  await terminal.see(() => {
    const text = terminal.text();
    if (text !== screens.at(-1)) screens.push(text);
    return text.includes(ready);
  });
  return screens;
}

/** Of a busy machine: an idle one takes a third of it. */
const LOOKED_SECONDS = 3;

for (const args of [['live', ...mode.flags], ['--no-record']]) {
  it(`unfreed ${args[0]}: the machine and the steps are on the screen before the first report, and q ends it`, async () => {
    const terminal = new TerminalProgram([MAIN, ...args], 80, 24);
    try {
      const screens = await screensUntil(terminal, 'Findings]');
      const attaching = screens.filter((text) => /^unfreed .* attaching {2}\d+\.\ds$/m.test(text));
      expect(attaching.length).toBeGreaterThan(1);
      expect(attaching[0]).toMatch(/^RAM \S+ GiB {3}available \S+ .iB {3}not in meminfo \S+ .?i?B$/m);
      expect(attaching[0]).toContain('▸ rights, kernel types   · programs   · symbols   · first event');
      expect(attaching.some((text) => text.includes('✓ rights, kernel types   ▸ programs'))).toBe(true);
      // The first look comes beside the attaching. A fast start is over before.
      const slow = attaching.filter(
        (text) => Number(/attaching {2}(?<at>\d+\.\d)s$/m.exec(text)?.groups?.at) >= LOOKED_SECONDS,
      );
      for (const text of slow) expect(text).toMatch(/^(?:● First look, \d\.\ds: nothing abnormal|■ )/m);
      terminal.press('T');
      await terminal.see('RULE FINDING');
      terminal.press('q');
      expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    } finally {
      terminal.kill();
    }
  });
}

it('a q before the hooks are attached ends a bare unfreed, without the demo', async () => {
  const terminal = new TerminalProgram([MAIN, '--no-record'], 80, 24);
  try {
    await terminal.see('attaching');
    terminal.press('q');
    expect(await terminal.exit).toMatchObject({ exitCode: 1 });
    await terminal.drawn();
    expect(terminal.text()).toContain('unfreed: nothing was traced: stopped before tracing had begun');
    expect(terminal.text()).not.toContain('DEMO');
  } finally {
    terminal.kill();
  }
});

it('a bare unfreed that cannot trace has drawn at once, then shows the demo, and says why once', async () => {
  const without = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', process.execPath, MAIN];
  const run = `const [, ...rest] = process.argv; require('node:child_process').spawnSync('${without[0]}', rest, { stdio: 'inherit' })`;
  const cache = join(directory, 'cache');
  const terminal = new TerminalProgram(['-e', run, '--', ...without.slice(1)], 160, 24, { XDG_CACHE_HOME: cache });
  try {
    const screens = await screensUntil(terminal, ' DEMO ');
    expect(screens.some((text) => /^unfreed .* attaching /m.test(text))).toBe(true);
    await sleep(100);
    terminal.press('q');
    await terminal.drawn();
    expect(terminal.text().match(/DEMO: a recording of another machine, because /g)).toHaveLength(1);
    expect(existsSync(join(cache, 'unfreed', 'last.unfreed'))).toBe(false);
  } finally {
    terminal.kill();
  }
});
