import { UserError } from '../../base/errors.js';
import { safeJson } from '../../base/safe-json.js';
import { safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import { type Check, type CheckId, type Diagnosis, runChecks } from '../../collect/checks.js';
import { type MarkAbility } from '../../collect/machine.js';
import { type Refusal, refusalsIn } from '../../coverage/refusals.js';
import { plainIfAsked } from '../options/look.js';
import { Progress } from '../traces/progress.js';

/**
 * Prints whether this machine can be traced, then what can be done and what is less than it could be; with `verbose` each
 * single thing that live tracing needs. Throws a UserError when no collector can run.
 */
export async function runDoctor(flags: { json: boolean; verbose: boolean }): Promise<void> {
  const progress = new Progress({ quiet: true });
  progress.show('trying what this machine allows');
  const diagnosis = await runChecks();
  progress.clear();
  if (flags.json) process.stdout.write(`${safeJson({ ...diagnosis, refused: refusalsIn(diagnosis.notes) })}\n`);
  else process.stdout.write(plainIfAsked(doctorText(diagnosis, flags.verbose, outputColumns())));
  if (diagnosis.collectors.length === 0) {
    const seen = flags.json || flags.verbose;
    throw new UserError(
      'live tracing does not work here',
      seen ? [] : ['every single thing it needs: unfreed doctor -v'],
    );
  }
}

function outputColumns(): number {
  return process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 100;
}

/** The text for people: safe to print, wrapped at `columns`, a line end after each line. */
export function doctorText(diagnosis: Diagnosis, verbose: boolean, columns: number): string {
  const lines = verbose
    ? [conclusionOf(diagnosis), '', ...diagnosis.checks.flatMap(checkLines)]
    : [conclusionOf(diagnosis), ...rowsOf(diagnosis).flatMap((row) => rowLines(row, columns))];
  return lines.map((line) => `${line}\n`).join('');
}

/** 'This machine can be traced: Linux 6.18.44 x86_64, root, eBPF.' */
function conclusionOf({ collectors, kernel, arch, privilege }: Diagnosis): string {
  const [collector] = collectors;
  const where = `Linux ${kernel} ${arch}, ${privilege ?? 'no root'}`;
  return safeText(
    collector === undefined
      ? `This machine cannot be traced from here: ${where}.`
      : `This machine can be traced: ${where}, ${collector === 'bpf' ? 'eBPF' : 'bpftrace'}.`,
  );
}

/** A thing that one may want to do. less: it works in part, no: it does not. */
interface Row {
  state: 'ok' | 'less' | 'no';
  what: string;
  text: string;
}

function rowsOf(diagnosis: Diagnosis): Row[] {
  const { checks, collectors, notes, allocators } = diagnosis;
  const recordings: Row = { state: 'ok', what: 'recordings', text: 'of other machines: unfreed replay FILE' };
  if (collectors.length === 0) return [...blocking(diagnosis).map((check) => checkRow('no', check)), recordings];
  const refused = refusalsIn(notes);
  const text = allocators.map((name) => (name === 'page' ? 'pages' : name)).join(', ');
  return [
    { state: 'ok', what: 'kernel memory', text },
    ...eventRows(diagnosis.marks),
    ...refused.map(refusalRow),
    ...(collectors[0] === 'bpftrace' ? [bpftraceRow(checks)] : []),
    ...checks
      .filter(
        (check) => check.for === 'nice' && !check.ok && !refused.some(({ about }) => about === SUBJECTS[check.id]),
      )
      .map((check) => checkRow('less', check)),
  ];
}

/** Kinds of events as a sentence names them. */
const EVENTS: Readonly<Record<string, string>> = {
  'oom-kill': 'OOM kills',
  reclaim: 'reclaim',
  'memcg-reclaim': "reclaim at a cgroup's limit",
  compaction: 'compaction',
  shm: 'System V shared memory calls',
  swap: 'swap on and off',
  cgroup: 'cgroups',
  module: 'modules',
  exec: 'execs and exits',
};
/** These calls have another hook, which costs every system call a little: only `unfreed events` takes it. */
const TAKEN_BY_EVENTS = /^sys_.*lets nobody hook functions/;

/** What the time line has, and what it lacks, by the cause. */
function eventRows(marks: readonly MarkAbility[]): Row[] {
  const has = marks.filter(({ lacks }) => lacks === null);
  const lacking = new Map<string, MarkAbility[]>();
  for (const mark of marks) {
    // A kernel without modules lacks nothing.
    if (mark.lacks === null || mark.lacks.endsWith('this kernel has no modules')) continue;
    const cause = TAKEN_BY_EVENTS.test(mark.lacks)
      ? 'this kernel refuses function hooks; unfreed events has them'
      : mark.lacks;
    lacking.set(cause, [...(lacking.get(cause) ?? []), mark]);
  }
  return [
    ...(has.length === 0 ? [] : [{ state: 'ok' as const, what: 'events', text: eventsText(has) }]),
    ...[...lacking].map(([cause, kinds]) => ({
      state: 'less' as const,
      what: 'events',
      text: `not ${eventsText(kinds)}: ${cause}`,
    })),
  ];
}

function eventsText(kinds: readonly MarkAbility[]): string {
  return kinds.map(({ kind }) => EVENTS[kind] ?? kind).join(', ');
}

function refusalRow({ about, cause, means }: Refusal): Row {
  return { state: 'less', what: about, text: `${cause}: ${means}` };
}

/** Why it must be bpftrace, and what that costs. */
function bpftraceRow(checks: readonly Check[]): Row {
  const missing = checks.find((check) => check.for === 'bpf' && !check.ok);
  const why = missing === undefined ? '' : `; eBPF lacks ${missing.needed}: ${missing.found}; ${missing.advice}`;
  return { state: 'less', what: 'speed', text: `bpftrace slows the machine down 5 to 23 times as much as eBPF${why}` };
}

/** What no trial can show without rights, or without anything to try with. */
const SHOWN_BY_TRIAL: readonly CheckId[] = ['bpf', 'tracepoints', 'tracefs'];

/** The checks that keep every collector from running; none whose failure only follows from another one. */
function blocking({ checks, privilege }: Diagnosis): Check[] {
  const failed = checks.filter(({ ok }) => !ok);
  const ofAll = failed.filter((check) => check.for === 'live');
  if (privilege === null) return ofAll.filter(({ id }) => !SHOWN_BY_TRIAL.includes(id));
  const ofEach = failed.filter((check) => check.for === 'bpf' || check.for === 'bpftrace');
  const tools: readonly CheckId[] = ['collector', 'bpftrace'];
  const hasTools = tools.some((tool) => ofEach.every(({ id }) => id !== tool));
  if (!hasTools) return [...ofAll.filter(({ id }) => id !== 'bpf'), ...ofEach];
  return ofAll.length > 0 ? ofAll : ofEach;
}

function checkRow(state: Row['state'], { id, needed, found, advice }: Check): Row {
  const text = state === 'no' ? `needs ${needed}: ${found}` : found;
  return { state, what: SUBJECTS[id], text: advice === '' ? text : `${text}; ${advice}` };
}

/** What a check is about, in 18 columns. */
const SUBJECTS: Readonly<Record<CheckId, string>> = {
  root: 'rights',
  rights: 'rights',
  allocators: 'kernel memory',
  btf: 'types',
  tracepoints: 'tracepoints',
  vmalloc: 'vmalloc memory',
  bpf: 'BPF programs',
  lockdown: 'lockdown',
  kptr: 'names in paths',
  memlock: 'locked memory',
  collector: 'eBPF collector',
  clang: 'clang',
  libbpf: 'libbpf',
  bpftool: 'bpftool',
  make: 'make',
  cc: 'cc',
  bpftrace: 'bpftrace',
  tracefs: 'tracefs',
};

const STATE_WIDTH = 6;
const SUBJECT_WIDTH = 20;

function rowLines({ state, what, text }: Row, columns: number): string[] {
  const head = `${state.padEnd(STATE_WIDTH)}${what.padEnd(SUBJECT_WIDTH)}`;
  const indent = ' '.repeat(head.length);
  return wrapText(safeText(text), columns - head.length, { indent: '', gap: ' ' }).map(
    (line, i) => `${i === 0 ? head : indent}${line}`,
  );
}

const PURPOSE: Record<Check['for'], string> = {
  live: 'needed',
  bpf: 'bpf collector',
  bpftrace: 'bpftrace collector',
  build: 'to build it',
  nice: 'better with it',
};

function checkLines(check: Check): string[] {
  const head = `${check.ok ? 'ok' : 'NO'}  ${PURPOSE[check.for].padEnd(18)} ${check.needed}: ${check.found}`;
  const advice = !check.ok && check.advice !== '' ? [`${' '.repeat(23)}${safeText(check.advice)}`] : [];
  return [safeText(head), ...advice];
}
