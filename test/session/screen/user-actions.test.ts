import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import type { Driver } from '../../../src/session/driver.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { ReplayDriver } from '../../../src/session/replay/replay-driver.js';
import { unusedFileName } from '../../../src/session/screen/unused-file-name.js';
import { UserActions } from '../../../src/session/screen/user-actions.js';

const RECORDING = new URL('../../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;
const NOW = Date.UTC(2026, 10, 21, 14, 15, 23, 456);
const STEM = 'unfreed-host-20261121T141523Z';

let directory = '';
let before = '';
beforeEach(() => {
  before = process.cwd();
  directory = mkdtempSync(join(tmpdir(), 'unfreed-actions-'));
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

async function opened(): Promise<{ driver: ReplayDriver; actions: UserActions }> {
  const driver = new ReplayDriver(RECORDING, { thread: false });
  await driver.start();
  while (driver.status().state !== 'ended') await new Promise((wake) => setTimeout(wake, 1));
  return { driver, actions: new UserActions(driver, false, () => NOW) };
}

const SELECTION = { ...defaultSelection(3), grep: 'pipe' };

describe('what the user asks for', () => {
  it('an export holds all that the selection lets through, not only the rows of the screen', async () => {
    const { driver, actions } = await opened();
    await actions.obey({ name: 'export', format: 'json' }, SELECTION);
    const { notice, saved } = actions.status();
    expect(statSync(`${STEM}.json`).mode & 0o777).toBe(0o600);
    const exported = JSON.parse(readFileSync(`${STEM}.json`, 'utf8')) as { stacks: unknown[] };
    const { length } = driver.pipeline.report({ ...SELECTION, limit: 1000 }).stacks;
    expect(length).toBeGreaterThan(3);
    expect(exported.stacks).toHaveLength(length);
    expect(notice).toEqual({ id: 1, text: `wrote ${length} call paths as json to ${STEM}.json`, failed: false });
    expect(saved).toEqual([`${STEM}.json`]);
    await driver.stop();
  });

  it('each format gets a name that says which it is, and nothing is overwritten', async () => {
    const { driver, actions } = await opened();
    for (const format of ['csv', 'folded', 'pprof', 'speedscope', 'firefox', 'html', 'svg', 'markdown'] as const) {
      await actions.obey({ name: 'export', format }, SELECTION);
    }
    await actions.obey({ name: 'export', format: 'csv' }, SELECTION);
    expect(readdirSync('.').toSorted()).toEqual([
      `${STEM}-2.csv`,
      ...['csv', 'firefox.json', 'folded', 'html', 'md', 'pb.gz', 'speedscope.json', 'svg'].map((e) => `${STEM}.${e}`),
    ]);
    expect(readFileSync(`${STEM}-2.csv`)).toEqual(readFileSync(`${STEM}.csv`));
    await driver.stop();
  });

  it('one call path is written with all its frames', async () => {
    const { driver, actions } = await opened();
    const [stack] = driver.pipeline.report(SELECTION).stacks;
    await actions.obey({ name: 'save-stack', stackId: stack.stackId }, SELECTION);
    const text = readFileSync(`${STEM}.txt`, 'utf8');
    for (const { symbol } of stack.frames) expect(text).toContain(`       ${symbol}+0x`);
    expect(text).toContain('Linux 6.18');
    await actions.obey({ name: 'save-stack', stackId: 4_000_000 }, SELECTION);
    expect(actions.status().notice).toEqual({ id: 2, text: 'this call path holds nothing any more', failed: true });
    await driver.stop();
  });

  it('a folder that cannot be written to is said, and nothing else happens', async () => {
    const { driver, actions } = await opened();
    rmSync(directory, { recursive: true });
    await actions.obey({ name: 'export', format: 'json' }, SELECTION);
    expect(actions.status()).toMatchObject({ notice: { failed: true }, saved: [] });
    expect(actions.status().notice?.text).toBe(`cannot write ${STEM}.json: no such file or directory`);
    process.chdir(before);
    directory = mkdtempSync(join(tmpdir(), 'unfreed-actions-'));
    await driver.stop();
  });

  it('a mark stays where it was made when time is moved', async () => {
    const { driver, actions } = await opened();
    await actions.obey({ name: 'mark' }, SELECTION);
    const { markNs } = actions.status();
    expect(markNs).toBe(driver.pipeline.core.nowNs);
    const settled = new Promise<void>((resolve) => (driver.onSettled = resolve));
    driver.seek(2e9);
    await settled;
    expect(actions.status().markNs).toBe(markNs);
    expect(driver.pipeline.core.nowNs).toBeLessThan(2.1e9);
    await driver.stop();
  });

  it('what has changed since the mark is written with what was held then and now', async () => {
    const { driver, actions } = await opened();
    await actions.obey({ name: 'export-growth', format: 'csv' }, SELECTION);
    expect(actions.status().notice).toEqual({ id: 1, text: 'no mark yet: m sets one', failed: true });
    const settled = new Promise<void>((resolve) => (driver.onSettled = resolve));
    driver.seek(3e9);
    await settled;
    await actions.obey({ name: 'mark' }, SELECTION);
    const ended = new Promise<void>((resolve) => (driver.onSettled = resolve));
    driver.seek(7e9);
    await ended;
    for (const format of ['csv', 'folded', 'markdown'] as const) {
      await actions.obey({ name: 'export-growth', format }, { ...SELECTION, grep: 'anon_pipe_write' });
      expect(actions.status().notice).toMatchObject({ failed: false });
    }
    const [head, row, rest] = readFileSync(`${STEM}.csv`, 'utf8').split('\r\n');
    const cells = Object.fromEntries(head.split(',').map((name, i) => [name, row.split(',')[i]]));
    const then = Number(cells['before_bytes']);
    const now = Number(cells['after_bytes']);
    expect([cells['change'], cells['allocator'], now, cells['lost_events']]).toEqual(['grown', 'page', 6627328, '0']);
    expect(then).toBeGreaterThan(0);
    expect(Number(cells['difference_bytes'])).toBe(now - then);
    expect(cells['frames']).toContain('anon_pipe_write < vfs_write');
    expect(rest).toBe('');
    expect(readFileSync(`${STEM}.folded`, 'utf8')).toMatch(new RegExp(`;anon_pipe_write;.* ${then} ${now}\n$`));
    const text = readFileSync(`${STEM}.md`, 'utf8');
    expect(text).toContain('### 1. grown +');
    expect(text).toContain('\nonly matching /anon_pipe_write/\nfrom 00:00:02 to 00:00:06: +2.56 MiB;');
    await driver.stop();
  });

  it('a replay is not recorded', async () => {
    const { driver, actions } = await opened();
    await actions.obey({ name: 'record' }, SELECTION);
    expect(actions.status()).toMatchObject({
      notice: { text: 'a replay is not recorded: it is one', failed: true },
      lateRecording: null,
    });
    expect(readdirSync('.')).toEqual([]);
    await driver.stop();
  });
});

it('names of files hold nothing of a hostile host name but letters, digits, dots and dashes', () => {
  expect(unusedFileName('../../etc/\x1b[2J häst', NOW, '.json')).toBe(
    'unfreed-.._.._etc_2J_h_st-20261121T141523Z.json',
  );
  expect(unusedFileName('', NOW, '.json')).toBe('unfreed-unknown-20261121T141523Z.json');
  writeFileSync('unfreed-a-20261121T141523Z.txt', '');
  writeFileSync('unfreed-a-20261121T141523Z-2.txt', '');
  expect(unusedFileName('a', NOW, '.txt')).toBe('unfreed-a-20261121T141523Z-3.txt');
});

it('the mark of a live trace is an event of it too; that of a replay is not', async () => {
  for (const isLive of [true, false]) {
    const pipeline = new Pipeline('live');
    pipeline.fact({ type: 'clock', timeNs: 2e9 });
    const actions = new UserActions({ pipeline } as Driver, isLive, () => 0);
    await actions.obey({ name: 'mark' }, SELECTION);
    expect(actions.status().notice?.failed).toBe(false);
    expect(pipeline.marks.countsByKind()).toEqual(isLive ? [{ kind: 'user', count: 1, leftOut: 0 }] : []);
    await actions.obey({ name: 'mark', text: ' deploy\x1b[2J\n 42 ' }, SELECTION);
    expect(actions.status().notice?.text).toContain('marked "deploy [2J  42" at 00:00:02');
    const texts = pipeline.marks.marks().map(({ mark }) => mark.texts[0]);
    expect(texts).toEqual(isLive ? ['m', 'deploy [2J  42'] : []);
  }
});
