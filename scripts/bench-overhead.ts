/**
 * npm run bench:overhead [-- --loads LIST --tracers LIST --rounds N --sustained SECONDS --quick
 * --json FILE]: how much tracing slows the traced programs. Each load runs untraced and under each
 * tracer in turn, in several rounds. A slow-down is the CPU time of a traced run divided by that of
 * the two untraced runs beside it, so that other work on the machine cancels out. Prints the
 * median, the range, and a table for bpf/COSTS.md. Needs root; takes 12 minutes with the default
 * options.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL_LOADS, type Load, loads, output, QUICK_LOADS } from './bench-overhead-loads.js';
import { cpuSecondsOf, endAllTracers } from './bench-overhead-processes.js';
import { markdownTable, type OverheadRow, rowText } from './bench-overhead-table.js';
import { type Running, type Tracer, tracers } from './bench-overhead-tracers.js';

/**
 * Turns a second of each of two threads. With 65 events a turn, a little more than a million events
 * a second.
 */
const SUSTAINED_RATE = 8200;

const { values } = parseArgs({
  options: {
    loads: { type: 'string' },
    tracers: { type: 'string' },
    rounds: { type: 'string' },
    sustained: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const allLoads = loads(values.quick ? QUICK_LOADS : FULL_LOADS);
const allTracers = tracers();
const stopping = new AbortController();

if (values.help) {
  console.log(`npm run bench:overhead [-- OPTIONS]
  --loads LIST         of ${allLoads.map((load) => load.name).join(',')}
  --tracers LIST       of ${allTracers.map((tracer) => tracer.name).join(',')}
  --rounds N           runs of each load under each tracer (default 5)
  --sustained SECONDS  how long a million events a second must be kept up (default 60; 0: leave it out)
  --quick              a little of everything, within a minute: churn under every tracer and the other loads under one,
                       one round, 2 s sustained: shows that the bench works, its figures say nothing
  --json FILE          all figures`);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error('bench:overhead: needs root: it traces this kernel');
    return 1;
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  const seconds = Number(values.sustained ?? (values.quick ? 2 : 60));
  const chosenLoads = choose(allLoads, values.loads);
  const chosen = choose(allTracers, values.tracers);
  const scratch = mkdtempSync(join(tmpdir(), 'unfreed-overhead-'));
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    stopping.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    console.log(`Linux ${release()}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}); ${rounds} rounds\n`);
    const usable = [...available(chosen)];
    const rows: OverheadRow[] = [];
    for (const load of available(chosenLoads)) {
      const under = values.quick && load !== chosenLoads[0] ? usable.slice(0, 1) : usable;
      rows.push(...(await measure({ load, under, rounds, scratch })));
    }
    if (rows.length === 0) throw new Error('nothing is left to measure');
    console.log(`\n${markdownTable(rows, chosenLoads)}`);
    const sustained = seconds > 0 ? await sustain(usable, seconds, scratch) : [];
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows, sustained }, null, 2)}\n`);
    return 0;
  } catch (error) {
    if (!interrupted) throw error;
    console.error('bench:overhead: interrupted; nothing is left attached');
    return 130;
  } finally {
    await endAllTracers();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function choose<T extends { name: string }>(all: T[], list: string | undefined): T[] {
  if (list === undefined) return all;
  return list.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`'${name}' is none of ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

/** Yields what can run here; prints what is left out, and why. */
function* available<T extends Load | Tracer>(chosen: T[]): Generator<T> {
  for (const one of chosen) {
    const missing = one.missing();
    if (missing === null) yield one;
    else console.log(`left out: ${one.title}: ${missing}`);
  }
}

interface Measurement {
  load: Load;
  under: Tracer[];
  rounds: number;
  scratch: string;
}

/** Untraced, A, untraced, B, untraced, A, ... */
async function measure({ load, under, rounds, scratch }: Measurement): Promise<OverheadRow[]> {
  console.log(`${load.name}: ${load.title}`);
  load.prepare(scratch);
  const rows = under.map(
    (tracer): OverheadRow => ({ load: load.name, tracer: tracer.name, title: tracer.title, runs: [] }),
  );
  await load.run(stopping.signal);
  let before = await load.run(stopping.signal);
  for (let round = 0; round < rounds; round++) {
    for (const [i, tracer] of under.entries()) {
      const run = await traced(load, tracer, round === rounds - 1, scratch);
      const after = await load.run(stopping.signal);
      rows[i].runs.push({ ...run, ratio: run.cpuSeconds / ((before.cpuSeconds + after.cpuSeconds) / 2) });
      before = after;
    }
  }
  for (const row of rows) console.log(rowText(row));
  return rows;
}

/** Runs a load under a tracer twice: the first run fills its tables, the second is measured. */
async function traced(load: Load, tracer: Tracer, count: boolean, scratch: string): Promise<OverheadRow['runs'][0]> {
  const running = await tracer.start(scratch);
  const warm = await load.run(stopping.signal);
  const cpu = watchCpu(running);
  const run = await load.run(stopping.signal);
  const { tracerCpu, coreCpu } = cpu();
  const { events, lost } = await running.stop(count);
  stopping.signal.throwIfAborted();
  const unseen = tracer.silent === true && events !== null ? warm.events + run.events - events : 0;
  return {
    cpuSeconds: run.cpuSeconds,
    ratio: Number.NaN,
    eventsPerSecond: events === null ? null : events / (warm.wallSeconds + run.wallSeconds),
    events,
    lost: unseen > 0 ? unseen : lost,
    tracerCpu,
    coreCpu,
  };
}

/** Returns a function for the CPUs that the tracer, and our core, kept busy from now until it is called. */
function watchCpu(running: Running): () => { tracerCpu: number; coreCpu: number | null } {
  const start = performance.now();
  const [tracer, core] = [cpuSecondsOf(running.pid), running.corePid === null ? 0 : cpuSecondsOf(running.corePid)];
  return () => {
    const seconds = (performance.now() - start) / 1000;
    return {
      tracerCpu: (cpuSecondsOf(running.pid) - tracer) / seconds,
      coreCpu: running.corePid === null ? null : (cpuSecondsOf(running.corePid) - core) / seconds,
    };
  };
}

/** Runs two threads at a bounded rate for a long time, and reports whether events are lost. */
async function sustain(chosen: Tracer[], seconds: number, scratch: string): Promise<object[]> {
  const churn = join(process.cwd(), 'scripts/build/churn');
  const results: object[] = [];
  for (const tracer of chosen.filter(({ name }) => name === 'full' || name === 'record')) {
    if (!existsSync(churn)) allLoads[0].prepare(scratch);
    const running = await tracer.start(scratch);
    const cpu = watchCpu(running);
    const start = performance.now();
    await output([churn, String(seconds), '--threads', '2', '--rate', String(SUSTAINED_RATE)], stopping.signal);
    const wallSeconds = (performance.now() - start) / 1000;
    const { tracerCpu, coreCpu } = cpu();
    const { events, lost, lostToRing } = await running.stop(true);
    results.push({ tracer: tracer.name, seconds: wallSeconds, events, lost, lostToRing, tracerCpu, coreCpu });
    console.log(
      `${tracer.title}: ${((events ?? 0) / wallSeconds / 1e6).toFixed(2)} M events/s for ${wallSeconds.toFixed(0)} s, ` +
        `${lost ?? '?'} of ${events ?? '?'} lost` +
        (lostToRing === undefined ? '' : `, ${lostToRing} to a full ring`) +
        `; collector ${percent(tracerCpu)}` +
        (coreCpu === null ? '' : `, core ${percent(coreCpu)}`),
    );
  }
  return results;
}

function percent(cpu: number): string {
  return `${(cpu * 100).toFixed(0)} % of a CPU`;
}
