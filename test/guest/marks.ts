/** What marks-load.c made happen in a guest, against the marks of its recording and the kernel's log. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { markJson } from '../../src/export/events/events-json.js';
import { openTrace } from '../../src/recording/open.js';
import { MarkLog } from '../../src/session/pipeline/mark-log.js';

type Fields = Record<string, unknown>;

/** Sentences about what is wrong in the recording marks.unf of the folder; none = every event is there, with all its fields right. */
export async function checkMarks(out: string): Promise<string[]> {
  const path = join(out, 'marks.unf');
  if (!existsSync(path)) return ['marks: no recording'];
  const marks = await marksOf(path);
  const truths = lines(join(out, 'marks.truth')).map((line) => JSON.parse(line) as Fields);
  const failures = truths.flatMap((truth) =>
    marks.some((mark) => agrees(mark, truth)) ? [] : [missing(truth, marks)],
  );
  if (truths.length < 9) failures.push(`marks: only ${truths.length} events were made`);
  return [...failures, ...checkKill(marks, lines(join(out, 'dmesg')))];
}

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

/** "Killed process 77 (marks-load) total-vm:..kB, anon-rss:..kB, file-rss:..kB, shmem-rss:..kB, UID:0 pgtables:..kB" */
function checkKill(marks: Fields[], dmesg: string[]): string[] {
  const line = dmesg.find((each) => each.includes('Killed process') && each.includes('(marks-load)')) ?? '';
  const number = (name: string): number => Number(new RegExp(`${name}:(\\d+)kB`).exec(line)?.[1] ?? -1) * 1024;
  const kill = marks.find(({ kind }) => kind === 'oom-kill') ?? {};
  const pairs = [
    ['virtualBytes', 'total-vm'],
    ['anonBytes', 'anon-rss'],
    ['fileBytes', 'file-rss'],
    ['shmemBytes', 'shmem-rss'],
    ['pageTableBytes', 'pgtables'],
  ];
  return pairs.flatMap(([field, name]) =>
    Math.abs(Number(kill[field]) - number(name)) <= NOT_ADDED_BYTES
      ? []
      : [`marks: ${field} is ${String(kill[field])}, the kernel's log says ${number(name)}: ${line}`],
  );
}

/** From 7.x on the log has what a CPU has not added to a counter yet, which is less than 32 pages. */
const NOT_ADDED_BYTES = 32 * 4096;

function lines(path: string): string[] {
  return existsSync(path)
    ? readFileSync(path, 'latin1')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}
