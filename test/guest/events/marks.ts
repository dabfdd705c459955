/** What marks-load.c made happen in a guest, against the marks of its recording, the kernel's log and its counters. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { markJson } from '../../../src/export/events/events-json.js';
import { openTrace } from '../../../src/recording/open.js';
import { MarkLog } from '../../../src/session/pipeline/mark-log.js';

type Fields = Record<string, unknown>;

/** Sentences about what is wrong in the recording marks.unf of the folder; none = every event is there, with all its fields right. */
export async function checkMarks(out: string): Promise<string[]> {
  const path = join(out, 'marks.unf');
  if (!existsSync(path)) return ['marks: no recording'];
  const marks = await marksOf(path);
  const truths = lines(join(out, 'marks.truth')).map((line) => JSON.parse(line) as Fields);
  const failures = truths.flatMap((truth) => {
    if ('sum' in truth) return checkSum(truth, marks);
    if ('vmstat' in truth) return checkStalls(truth, marks);
    return marks.some((mark) => agrees(mark, truth)) ? [] : [missing(truth, marks)];
  });
  if (truths.length < TRUTHS) failures.push(`marks: only ${truths.length} events were made`);
  const kills = truths.filter(({ kind }) => kind === 'oom-kill');
  const log = lines(join(out, 'dmesg'));
  return [...failures, ...kills.flatMap(({ victimPid }) => checkKill(marks, log, Number(victimPid)))];
}

/** Lines that marks-load prints when all goes well. */
const TRUTHS = 22;

async function marksOf(path: string): Promise<Fields[]> {
  const log = new MarkLog();
  const recording = await openTrace(
    path,
    { events: () => undefined, fact: (fact) => log.fact(fact) },
    new TraceDictionary(),
    { thread: false },
  );
  while (await recording.readNext());
  recording.close();
  return log.marks().map(markJson);
}

function agrees(mark: Fields, truth: Fields): boolean {
  return Object.entries(truth).every(([name, value]) => mark[name] === value);
}

function missing(truth: Fields, marks: Fields[]): string {
  const alike = marks.filter(({ kind }) => kind === truth['kind']);
  return `marks: ${JSON.stringify(truth)} is not there; of that kind: ${JSON.stringify(alike)}`;
}

/** What the marks of a kind must come to together, each field. */
function checkSum(truth: Fields, marks: Fields[]): string[] {
  return Object.entries(truth['sum'] as Fields).flatMap(([field, value]) => {
    const sum = sumOf(marks, truth['kind'], field);
    return sum === value ? [] : [`marks: ${String(truth['kind'])}: ${field} comes to ${sum}, not ${String(value)}`];
  });
}

/**
 * The stalls of all processes beside what the kernel counted meanwhile. It counts one more where a turn that found nothing
 * is done again, and the trace has those of a little longer.
 */
function checkStalls(truth: Fields, marks: Fields[]): string[] {
  const { allocstall } = truth['vmstat'] as { allocstall: number };
  const count = sumOf(marks, truth['kind'], 'count');
  const found = marks.filter(({ kind }) => kind === truth['kind']);
  const odd = found.filter(
    (mark) => !(0 < Number(mark['longestNs']) && Number(mark['longestNs']) <= Number(mark['durationNs'])),
  );
  const failures = odd.map((mark) => `marks: a stall with odd times: ${JSON.stringify(mark)}`);
  if (allocstall === 0) failures.push('marks: the small machine had no stall');
  if (count < allocstall / 2 || count > allocstall + STALLS_BESIDE)
    failures.push(`marks: ${count} stalls, the kernel counted ${allocstall}`);
  return failures;
}

const STALLS_BESIDE = 16;

function sumOf(marks: Fields[], kind: unknown, field: string): number {
  return marks.filter((mark) => mark['kind'] === kind).reduce((sum, mark) => sum + Number(mark[field]), 0);
}

/**
 * "Killed process 77 (marks-load) total-vm:..kB, anon-rss:..kB, file-rss:..kB, shmem-rss:..kB, UID:0 pgtables:..kB", before it
 * "marks-load invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, ..." and the table of tasks, with their pages in swap.
 */
function checkKill(marks: Fields[], dmesg: string[], pid: number): string[] {
  const at = dmesg.findIndex((line) => line.includes(`Killed process ${pid} (marks-load)`));
  const kill = marks.find(({ kind, victimPid }) => kind === 'oom-kill' && victimPid === pid) ?? {};
  const report = dmesg.slice(0, at + 1);
  const from = report.findLastIndex((line) => line.includes('invoked oom-killer'));
  const killed = report.at(-1) ?? '';
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:(\\d+)kB`).exec(killed)?.[1] ?? -1) * 1024;
  const pairs: [string, number, number][] = [
    ['virtualBytes', kilobytes('total-vm'), NOT_ADDED_BYTES],
    ['anonBytes', kilobytes('anon-rss'), NOT_ADDED_BYTES],
    ['fileBytes', kilobytes('file-rss'), NOT_ADDED_BYTES],
    ['shmemBytes', kilobytes('shmem-rss'), NOT_ADDED_BYTES],
    ['pageTableBytes', kilobytes('pgtables'), NOT_ADDED_BYTES],
    ['swapBytes', swapOf(report.slice(from), pid), NOT_ADDED_BYTES],
    // Who asked: "CPU: 0 PID: 77 Comm: marks-load ...", with "UID: 0" between them on newer kernels.
    ['pid', Number(/PID: (\d+)/.exec(report[from + 1])?.[1]), 0],
    ['order', Number(/order=(-?\d+)/.exec(report[from])?.[1]), 0],
    ['gfpFlags', Number(/gfp_mask=(0x[0-9a-f]+)/.exec(report[from])?.[1]), 0],
  ];
  const asker = /Comm: (\S+)/.exec(report[from + 1] ?? '')?.[1];
  const wrongName =
    kill['comm'] === asker ? [] : [`marks: ${String(kill['comm'])} asked, the kernel's log says ${asker}`];
  const wrong = pairs.flatMap(([field, said, within]) =>
    Math.abs(Number(kill[field] ?? Number.NaN) - said) <= within
      ? []
      : [`marks: ${field} of the kill of ${pid} is ${String(kill[field])}, the kernel's log says ${said}: ${killed}`],
  );
  return [...wrong, ...wrongName];
}

/** From 7.x on the log has what a CPU has not added to a counter yet, which is less than 32 pages. */
const NOT_ADDED_BYTES = 32 * 4096;

/** The column swapents of a task in the table of an OOM report, in bytes; its columns differ by kernel. */
function swapOf(report: string[], pid: number): number {
  const head = report.find((line) => line.includes('swapents')) ?? '';
  const row = report.find((line) => new RegExp(`\\[ *${pid}\\] `).test(line)) ?? '';
  const columns = head
    .replace(/^.*\[ +pid +\]/, '')
    .trim()
    .split(/ +/);
  return (
    Number(
      row
        .replace(/^.*\[ *\d+\]/, '')
        .trim()
        .split(/ +/)[columns.indexOf('swapents')],
    ) * 4096
  );
}

export function lines(path: string): string[] {
  return existsSync(path)
    ? readFileSync(path, 'latin1')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}
