/**
 * The guest tests: real other kernels in QEMU, modules that plant allocations and count them, the
 * collector, and the pairing core on this side. Started by scripts/test-guest.sh, from the root of
 * the repository.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { KERNEL_ALLOCATORS } from '../../src/event/kinds.js';
import { Apt } from './apt.js';
import { type Accelerator, chooseAccelerator, runGuest } from './boot.js';
import { buildModules } from './build-modules.js';
import { censusMode, formatCensus, isAsExpected } from './census/results.js';
import { makeCensusInitrd, testCensus } from './census/run.js';
import { compareFunction } from './compare.js';
import { compareSample, compareSurvivors, type SampleRow, youngFailure } from './compare-modes.js';
import { checkCgroups } from './events/cgroups.js';
import { checkMarks } from './events/marks.js';
import { missingHooks } from './holes.js';
import { writeInitrd } from './initrd.js';
import { chooseKernel, fetchKernel, type GuestKernel, type KernelChoice, listKernels } from './kernels.js';
import { type GuestTrace, readTrace } from './measured.js';
import { GUEST_MODES, type GuestMode, parseModes } from './modes.js';
import { formatKernel, joinResults, type KernelResult, sectionKey, splitResults } from './results.js';
import { say, sh } from './shell.js';
import { checkSpaces } from './spaces.js';
import { parseTruth, type Truth } from './truth.js';

const FOLDER = 'test/guest';
const COLLECTOR = 'bpf/build/unfreed-collect';
const ALL_KERNELS = ['5.10', '6.1', '6.12', 'newest'];
/** The kernels that fit in a quarter of an hour with the rest of the checks. */
const CI_KERNELS = ['6.1', '6.12'];
/** The one whose census is taken as well, in about a minute. */
const CI_CENSUS_KERNEL = '6.12';
/** Programs of the guest, each by its sources, the first of which names it, and flags. */
const PROGRAMS: readonly (readonly [string, ...string[]])[] = [
  ['fewer-rights.c'],
  ['events/cgroups-load.c'],
  ['events/marks-load.c'],
  ['../../scripts/loads/hold-maps.c'],
  ['../live/heap/load.c', '../live/heap/load-threads.c', '-g', '-fno-builtin', '-fomit-frame-pointer', '-pthread'],
];
/** About four times the time of the slowest guest seen: a machine may be that much slower. */
const GUEST_TIMEOUT_MS = 600_000;

interface Options {
  kernels: string[];
  modules: string[];
  /** The collector under test; by default the one built here. */
  collector: string;
  collectorOptions: string;
  modes: GuestMode[];
  /** The census instead of a trace (census/). */
  census: boolean;
  /** Traces of what fits in a quarter of an hour, and a census of one kernel. */
  ci: boolean;
  /** The census of kernels that choose their addresses by chance. */
  hasKaslr: boolean;
  write: boolean;
  list: boolean;
}

function parseOptions(args: string[]): Options {
  const named = args.filter((arg) => !arg.startsWith('--'));
  const modes = args.find((arg) => /^--modes(?:=|$)/.test(arg));
  return {
    kernels: named.length > 0 ? named : args.includes('--ci') ? CI_KERNELS : ALL_KERNELS,
    modules: args.filter((arg) => arg.startsWith('--module=')).map((arg) => arg.slice('--module='.length)),
    collector: args.find((arg) => arg.startsWith('--collector='))?.slice('--collector='.length) ?? COLLECTOR,
    collectorOptions: args.find((arg) => arg.startsWith('--collect='))?.slice('--collect='.length) ?? '',
    modes: modes === undefined ? ['all'] : parseModes(modes.replace(/^--modes=?/, '')),
    census: args.includes('--census'),
    ci: args.includes('--ci'),
    hasKaslr: args.includes('--kaslr'),
    write: args.includes('--write'),
    list: args.includes('--list'),
  };
}

const cache = resolve(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'unfreed/guest');

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  mkdirSync(cache, { recursive: true });
  const apt = new Apt(cache);
  apt.update();
  const known = listKernels(apt);
  if (options.list) {
    for (const { series, release } of known) console.log(`${series.padEnd(6)} ${release}`);
    return;
  }
  if (options.census) {
    await testCensuses(apt, known, options);
    return;
  }
  const results: KernelResult[] = [];
  let accelerator: Accelerator | null = null;
  for (const wanted of options.kernels) {
    const kernel = fetchKernel(apt, chooseKernel(known, wanted), cache);
    const initrd = makeInitrd(apt, kernel, options);
    accelerator ??= await chooseAccelerator(kernel.vmlinux, initrd, join(cache, 'out'));
    for (const mode of options.modes) {
      const result = await testKernel(kernel, initrd, accelerator, { mode, more: options.collectorOptions });
      results.push(result);
      console.log(formatKernel(result, 'now'));
    }
  }
  if (options.write) {
    writeResults(results.map((result) => [sectionKey(result), (how) => formatKernel(result, how)]));
  }
  if (options.ci) await testCensuses(apt, known, { ...options, kernels: [CI_CENSUS_KERNEL] });
  const failed = results.filter(({ rows, failures }) => failures.length > 0 || rows.some((row) => !row.expected));
  for (const { release, mode } of failed) say(`FAILED: Linux ${release}, ${GUEST_MODES[mode].what}`);
  if (failed.length > 0) process.exitCode = 1;
}

async function testCensuses(apt: Apt, known: KernelChoice[], options: Options): Promise<void> {
  const sections: Section[] = [];
  let accelerator: Accelerator | null = null;
  for (const wanted of options.kernels) {
    const kernel = fetchKernel(apt, chooseKernel(known, wanted), cache);
    const initrd = makeCensusInitrd(apt, kernel, { cache, collector: options.collector, busybox: busybox() });
    accelerator ??= await chooseAccelerator(kernel.vmlinux, initrd, join(cache, 'out'));
    const { hasKaslr } = options;
    const mode = censusMode({ hasKaslr });
    const out = join(cache, 'out', `${kernel.release}-${mode}`);
    const result = await testCensus({ kernel, initrd, out, options: options.collectorOptions, hasKaslr }, accelerator);
    sections.push([`${kernel.series} ${mode}`, (how) => formatCensus(result, how)]);
    console.log(formatCensus(result, 'now'));
    if (isAsExpected(result)) continue;
    say(`FAILED: Linux ${kernel.release}, ${mode}`);
    process.exitCode = 1;
  }
  if (options.write) writeResults(sections);
}

function busybox(): string {
  return ['/bin/busybox', '/usr/bin/busybox'].find((each) => existsSync(each)) ?? 'busybox';
}

function makeInitrd(apt: Apt, kernel: GuestKernel, { modules: only, collector }: Options): string {
  const built = buildModules(apt, kernel, resolve(FOLDER, 'modules'), cache);
  const path = join(kernel.folder, 'initrd');
  const programs = PROGRAMS.map(([source, ...more]) => {
    const program = join(kernel.folder, basename(source, '.c'));
    const files = [source, ...more].map((each) => (each.endsWith('.c') ? join(FOLDER, each) : each));
    sh('gcc', ['-static', '-O1', '-Wall', '-Werror', '-o', program, ...files]);
    return program;
  });
  writeInitrd(path, {
    init: join(FOLDER, 'guest-init.sh'),
    busybox: busybox(),
    collector,
    programs,
    kernelModules: kernel.modules,
    laterModules: ['brd'],
    testModules: built.filter((each) => only.length === 0 || only.includes(basename(each, '.ko'))),
  });
  return path;
}

async function testKernel(
  kernel: GuestKernel,
  initrd: string,
  accelerator: Accelerator,
  { mode, more }: { mode: GuestMode; more: string },
): Promise<KernelResult> {
  const { options, what, hasWitness, hasFewerRights } = GUEST_MODES[mode];
  const out = join(cache, 'out', mode === 'all' ? kernel.release : `${kernel.release}-${mode}`);
  say(`starting Linux ${kernel.release} (${accelerator}), ${what}; its log: ${out}/console`);
  const { ending, finished } = await runGuest(
    { vmlinux: kernel.vmlinux, initrd, out, collectorOptions: `${options} ${more}`.trim(), hasWitness, hasFewerRights },
    accelerator,
    GUEST_TIMEOUT_MS,
  );
  const { series, release } = kernel;
  const result: KernelResult = {
    series,
    release,
    mode,
    accelerator,
    seconds: ending.seconds,
    rows: [],
    failures: [],
    losses: [],
    hooks: [],
    notes: [],
    spaces: null,
  };
  if (!finished) {
    result.failures.push(`the guest came to no end, twice: ${out}/console`);
    return result;
  }
  const truths = parseTruth(readFileSync(join(out, 'dmesg'), 'latin1'));
  for (const module of new Set(truths.map((truth) => truth.module))) {
    await compareModule(result, module, truths, out);
  }
  if (!hasWitness) {
    result.failures.push(...(await checkMarks(out)), ...(await checkCgroups(out)));
    result.spaces = await checkSpaces(out);
    result.failures.push(...result.spaces.failures);
  }
  if (truths.length === 0) result.failures.push(`no module told its truth: ${out}/console`);
  for (const line of readFileSync(join(out, 'console'), 'latin1').split('\n')) {
    if (/^GUEST uf_\w+ rc [^0]/.test(line) || /\b(?:BUG|WARNING|Oops|Call Trace)\b/.test(line)) {
      result.failures.push(line.trim());
    }
  }
  return result;
}

async function compareModule(
  result: KernelResult,
  module: string,
  truths: ReturnType<typeof parseTruth>,
  out: string,
): Promise<void> {
  const path = join(out, `${module}.unf`);
  if (!existsSync(path)) {
    result.failures.push(`${module}: no recording, see ${out}/${module}.collector`);
    return;
  }
  const trace = await readTrace(path);
  const ours = truths.filter((truth) => truth.module === module);
  result.hooks = trace.facts.hooks;
  result.notes = trace.facts.notes;
  checkTrace(result, module, trace);
  if (result.mode === 'survivors') {
    const rows = ours.map((truth) => compareSurvivors(truth, trace, result.series));
    const failure = youngFailure(rows, trace.young);
    if (failure !== null) result.failures.push(`${module}: ${failure}`);
    if (trace.facts.minAgeNs === 0) result.failures.push(`${module}: young pairs were sent`);
    result.rows.push(...rows);
  } else if (result.mode === 'sample') {
    result.rows.push(...(await sampleRows(result, module, { ours, trace, out })));
  } else result.rows.push(...ours.map((truth) => compareFunction(truth, trace, result.series)));
}

/** Compares the witness with the truth, and the trace with the witness's events in the sample. */
async function sampleRows(
  result: KernelResult,
  module: string,
  { ours, trace, out }: { ours: Truth[]; trace: GuestTrace; out: string },
): Promise<SampleRow[]> {
  const path = join(out, `${module}.all.unf`);
  if (!existsSync(path)) {
    result.failures.push(`${module}: no recording of the witness, see ${out}/${module}.all.collector`);
    return [];
  }
  if (trace.facts.sampleOneIn === 1) result.failures.push(`${module}: everything was traced`);
  const witness = await readTrace(path);
  checkTrace(result, `${module}, the witness`, witness);
  for (const truth of ours) {
    const row = compareFunction(truth, witness, result.series);
    if (!row.expected) result.failures.push(`${module}: of ${truth.fn} the witness is ${row.answer}`);
  }
  const inSample = await readTrace(path, trace.facts);
  return ours.map((truth) => compareSample(truth, trace, inSample, result.series));
}

/** Checks what must hold for every trace. */
function checkTrace(result: KernelResult, module: string, trace: GuestTrace): void {
  const missing = missingHooks(result.series, trace.facts.hooks);
  if (missing.length > 0) result.failures.push(`${module}: not in force: ${missing.join(', ')}`);
  if (trace.badEvents > 0) result.failures.push(`${module}: ${trace.badEvents} events are bad`);
  if (trace.withoutCallPath > 0) {
    // From 7.0 on a task may preempt the walk of another: the kernel has no buffer left then, and
    // the collector counts this.
    const preemptible = Number.parseInt(result.series, 10) >= 7;
    const list = preemptible ? result.losses : result.failures;
    list.push(`${module}: ${trace.withoutCallPath} events have no call path`);
  }
  for (const kind of KERNEL_ALLOCATORS) {
    const lost = trace.lostEvents(kind);
    if (lost > 0) result.losses.push(`${module}: ${lost} of ${kind}`);
  }
  if (trace.ended !== 'stopped SIGTERM') result.failures.push(`${module}: the trace ended with ${trace.ended}`);
}

/** A section of RESULTS.md: its key, and its text, given when and where it was made. */
type Section = [key: string, text: (how: string) => string];

/** Writes RESULTS.md; kernels that did not run keep their last result. */
function writeResults(made: Section[]): void {
  const path = join(FOLDER, 'RESULTS.md');
  const sections = existsSync(path) ? splitResults(readFileSync(path, 'utf8')) : new Map<string, string>();
  const how = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} CPUs`;
  for (const [key, text] of made) sections.set(key, text(how));
  writeFileSync(path, joinResults(sections));
}

await main();
