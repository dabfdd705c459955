/**
 * npm run test:modes: runs the live tests in one mode after another and prints a table of the
 * outcome of each test in each mode. A test that was skipped without a line in the list of
 * test/helpers/modes.ts fails, and so does a line of that list without its test: no test passes by
 * not running.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MODE_NAMES, MODES, type ModeName, NOT_RUN, notRun } from '../test/helpers/modes.js';

const FOLDER = 'test/live';

/** The part of the output of vitest's json reporter that is read here. */
interface Results {
  testResults: {
    name: string;
    message: string;
    assertionResults: { title: string; status: string; duration?: number }[];
  }[];
}

/** Outcome of one mode, by file and title. */
interface Outcome {
  mode: ModeName;
  seconds: number;
  cells: Map<string, string>;
  failures: string[];
}

const args = process.argv.slice(2);
const named = MODE_NAMES.filter((name) => args.includes(name));
const parts = args.filter((arg) => !MODE_NAMES.some((name) => name === arg));
const modes = named.length > 0 ? named : MODE_NAMES.filter((name) => name !== 'all');
const files = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.test.ts') && (parts.length === 0 || parts.some((part) => name.includes(part))),
);

async function runMode(mode: ModeName): Promise<Outcome> {
  const outcome: Outcome = { mode, seconds: 0, cells: new Map(), failures: [] };
  const run = files.filter((file) => notRun(file, null, mode) === null);
  for (const file of run) {
    const isAware = readFileSync(join(FOLDER, file), 'utf8').includes('modeIt(import.meta.url)');
    if (!isAware) outcome.failures.push(`${file} is the same in every mode, and not in the list of what is not run`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'unfreed-modes-'));
  const path = join(folder, 'results.json');
  const start = Date.now();
  const options = [
    'run',
    '--config',
    'test/vitest.config.ts',
    '--project',
    'live',
    '--project',
    'live-long',
    '--reporter=default',
  ];
  const child = spawn(
    'node_modules/.bin/vitest',
    [...options, '--reporter=json', `--outputFile.json=${path}`, ...run.map((file) => join(FOLDER, file))],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, UNFREED_TEST_MODE: mode } },
  );
  const [status] = (await once(child, 'close')) as [number | null];
  outcome.seconds = (Date.now() - start) / 1000;
  if (status !== 0) outcome.failures.push(`vitest ended with ${status}`);
  try {
    readResults(outcome, JSON.parse(readFileSync(path, 'utf8')) as Results);
  } catch (error) {
    outcome.failures.push(`no results: ${String(error)}`);
  }
  rmSync(folder, { recursive: true });
  for (const each of NOT_RUN) {
    if (each.test === null || !each.modes.includes(mode) || !run.includes(each.file)) continue;
    const found = outcome.cells.get(`${each.file} > ${each.test}`);
    if (found !== 'not run')
      outcome.failures.push(`listed as not run: ${each.file} > ${each.test}: ${found ?? 'no such'}`);
  }
  return outcome;
}

function readResults({ mode, cells, failures }: Outcome, { testResults }: Results): void {
  for (const { name, message, assertionResults } of testResults) {
    const file = basename(name);
    if (assertionResults.length === 0) failures.push(`${file}: ${message}`);
    for (const { title, status, duration } of assertionResults) {
      const key = `${file} > ${title}`;
      if (status === 'passed') cells.set(key, `${((duration ?? 0) / 1000).toFixed(1)} s`);
      else if (notRun(file, title, mode) !== null && status !== 'failed') cells.set(key, 'not run');
      else {
        cells.set(key, status === 'failed' ? 'FAILED' : 'SKIPPED');
        failures.push(`${key}: ${status}`);
      }
    }
  }
}

function printTable(outcomes: Outcome[]): void {
  const keys = [...new Set(outcomes.flatMap(({ cells }) => [...cells.keys()]))];
  const width = Math.max(...keys.map((key) => Math.min(key.length, 110)));
  const line = (first: string, cells: string[]): string =>
    `${first.slice(0, width).padEnd(width)}  ${cells.map((cell) => cell.padStart(10)).join('')}`.trimEnd();
  console.log(`\n${line('Live tests, time or result in each mode', modes)}`);
  for (const key of keys)
    console.log(
      line(
        key,
        outcomes.map(({ cells }) => cells.get(key) ?? ''),
      ),
    );
  console.log(
    line(
      'all',
      outcomes.map(({ seconds }) => `${seconds.toFixed(0)} s`),
    ),
  );
}

function printNotRun(): void {
  console.log('\nNot run, and why:');
  for (const { file, test, modes: inModes, reason } of NOT_RUN) {
    const which = modes.filter((mode) => inModes.includes(mode));
    if (which.length === 0 || !files.includes(file)) continue;
    const all = which.length === modes.length ? 'no mode' : `not in ${which.join(', ')}`;
    console.log(`  ${test === null ? file : `${file} > ${test}`}: ${all}: ${reason}`);
  }
}

const outcomes: Outcome[] = [];
for (const mode of modes) {
  console.log(`\n== ${mode}: ${MODES[mode].what}`);
  outcomes.push(await runMode(mode));
}
printTable(outcomes);
printNotRun();
for (const { mode, failures } of outcomes) {
  console.log(`\n${mode}: ${failures.length === 0 ? 'ok' : 'FAILED'}`);
  for (const failure of failures) console.log(`  ${failure}`);
}
process.exitCode = outcomes.every(({ failures }) => failures.length === 0) ? 0 : 1;
