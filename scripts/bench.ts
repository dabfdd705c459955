/**
 * npm run bench [-- [PART [ARG...]] [--quick] [--json FILE]]: the cost of the core, the recording,
 * the importers and the screen, with seeded data. Runs PART, or all parts one after the other.
 * Prints tables on stdout, and writes the figures as JSON with --json. Exits with 1 if a part
 * fails; the parts after it still run. A part that the machine cannot measure (perf is missing, or
 * root) is not a failure, but the last lines name it.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { FULL_CENSUS, printCensusBench, QUICK_CENSUS, runCensusBench } from './bench-census.js';
import { type BenchRow, FULL_CORE, printCoreBench, QUICK_CORE, runCoreBench, targetsOf } from './bench-core.js';
import { FULL_MEGABYTES, printImportBench, QUICK_MEGABYTES, runImportBench } from './bench-import.js';
import { FULL_LOOK, printLookBench, QUICK_LOOK, runLookBench } from './bench-look.js';
import { type BenchPart, NotMeasured } from './bench-part.js';
import { FULL_PERF_KMEM, printPerfKmemBench, QUICK_PERF_KMEM, runPerfKmemBench } from './bench-perf-kmem.js';
import {
  FULL_RECORDING,
  printRecordingBench,
  QUICK_RECORDING,
  type RecordingBenchRow,
  runRecordingBench,
} from './bench-recording.js';
import { FULL_REPLAY, printReplayBench, QUICK_REPLAY, runReplayBench, runReplayBenchOf } from './bench-replay.js';
import { FULL_SCREEN, printScreenBench, QUICK_SCREEN, runScreenBench } from './bench-screen.js';
import { FULL_SPOOL, printSpoolBench, QUICK_SPOOL, runSpoolBench } from './bench-spool.js';
import { FULL_VIEW, printViewBench, QUICK_VIEW, runViewBench } from './bench-view.js';

const PARTS: BenchPart[] = [
  {
    name: 'core',
    key: 'core',
    title: 'Pairing and ranking, by allocations outstanding',
    usage: '[OUTSTANDING...]',
    run: async (words, quick) => {
      const size = quick ? QUICK_CORE : FULL_CORE;
      const rows = await runCoreBench(words.length > 0 ? { ...size, targets: targetsOf(words.map(Number)) } : size);
      printCoreBench(rows);
      return rows;
    },
  },
  {
    name: 'recording',
    key: 'recording',
    title: 'Recording: size, and decoding alone',
    usage: '[STREAM...]     streams of the collector, beside the seeded one',
    run: async (words, quick) => {
      const rows = await runRecordingBench(words, quick ? QUICK_RECORDING : FULL_RECORDING);
      printRecordingBench(rows);
      return rows;
    },
  },
  {
    name: 'replay',
    key: 'replay',
    title: 'Reading a recording and going to any time in it',
    usage: '[FILE | EVENTS [OUTSTANDING...]]',
    run: async (words, quick) => {
      const size = quick ? QUICK_REPLAY : FULL_REPLAY;
      const rows = await (words.length === 0 ? runReplayBench(size) : runReplayBenchOf(words, size));
      printReplayBench(rows);
      return rows;
    },
  },
  {
    name: 'spool',
    key: 'spool',
    title: 'Replaying a text, with a spool and without',
    usage: '[FILE]          that can be read only from its start',
    run: async ([path], quick) => {
      const size = quick ? QUICK_SPOOL : FULL_SPOOL;
      const rows = await runSpoolBench(path === undefined ? size : { ...size, path });
      printSpoolBench(rows);
      return rows;
    },
  },
  {
    name: 'perf-kmem',
    key: 'perfKmem',
    title: 'A recording of this machine beside perf record and perf kmem stat, the same traffic at the same time',
    usage: '[TURNS]         of the load that is traced',
    run: async ([turns], quick) => {
      const size = quick ? QUICK_PERF_KMEM : FULL_PERF_KMEM;
      const rows = await runPerfKmemBench(turns === undefined ? size : { ...size, turns: Number(turns) });
      printPerfKmemBench(rows);
      return rows;
    },
  },
  {
    name: 'import',
    key: 'texts',
    title: 'Importing text of other tools',
    usage: '[MEGABYTES]     of each text',
    run: ([megabytes], quick) => {
      const rows = runImportBench(Number(megabytes ?? (quick ? QUICK_MEGABYTES : FULL_MEGABYTES)));
      printImportBench(rows);
      return Promise.resolve(rows);
    },
  },
  {
    name: 'look',
    key: 'look',
    title: 'The look of unfreed triage: as this machine is, and among many processes and cgroups',
    usage: '[PROCESSES [CGROUPS]]',
    run: async ([processes, cgroups], quick) => {
      const size = quick ? QUICK_LOOK : FULL_LOOK;
      const rows = await runLookBench({
        ...size,
        processes: Number(processes ?? size.processes),
        cgroups: Number(cgroups ?? size.cgroups),
      });
      printLookBench(rows);
      return rows;
    },
  },
  {
    name: 'census',
    key: 'census',
    title: 'A census of the pages: what it takes, and what a sleeper on the same CPU notices',
    usage: '[WAKES]         of the sleeper',
    run: async ([wakes], quick) => {
      const size = quick ? QUICK_CENSUS : FULL_CENSUS;
      const figures = await runCensusBench({ ...size, wakes: Number(wakes ?? size.wakes) });
      printCensusBench(figures);
      return figures;
    },
  },
  {
    name: 'view',
    key: 'view',
    title: 'The screen, 160x50',
    usage: '',
    run: async (_words, quick) => {
      const view = await runViewBench(quick ? QUICK_VIEW : FULL_VIEW);
      printViewBench(view);
      return view;
    },
  },
  {
    name: 'screen',
    key: 'screen',
    title: 'The screen over its worker, a recording playing',
    usage: '',
    run: async (_words, quick) => {
      const screen = await runScreenBench(quick ? QUICK_SCREEN : FULL_SCREEN);
      printScreenBench(screen);
      return screen;
    },
  },
];

const HELP = `npm run bench [-- [PART [ARG...]] [OPTIONS]]
${PARTS.map(({ name, usage }) => `  ${name.padEnd(11)}${usage}`.trimEnd()).join('\n')}
  --quick      every part with little data, within a minute: shows that the bench works, its figures say nothing
  --json FILE  all figures`;

/**
 * Runs the parts. A part that was not asked for is left out of the JSON; one that could not be
 * measured has its reason there.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [name, ...words] = positionals;
  const parts = PARTS.filter((part) => name === undefined || part.name === name);
  if (parts.length === 0) {
    console.error(`bench: '${name}' is none of ${PARTS.map((part) => part.name).join(', ')}`);
    return 2;
  }
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, Node ${process.version}`);
  const figures: Record<string, unknown> = { node: process.version };
  const remarks: string[] = [];
  let failed = false;
  for (const part of parts) {
    console.log(`\n${part.title}`);
    try {
      figures[part.key] = await part.run(words, values.quick);
    } catch (error) {
      if (error instanceof NotMeasured) {
        figures[part.key] = error.message;
        remarks.push(`NOT MEASURED: ${part.name}: ${error.message}`);
      } else {
        failed = true;
        remarks.push(
          `FAILED: ${part.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
      console.log(remarks.at(-1));
    }
    if (part.key === 'recording' && 'core' in figures && 'recording' in figures) {
      figures['together'] = readingOnOneCore(
        figures['core'] as BenchRow[],
        figures['recording'] as RecordingBenchRow[],
      );
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`\n${[...remarks, failed ? 'bench: FAILED' : 'bench: done'].join('\n')}`);
  return failed ? 1 : 0;
}

/** Estimates decoding, pairing and ranking of a recording on one core: the two parts one after the other. */
function readingOnOneCore(core: BenchRow[], recording: RecordingBenchRow[]): object[] {
  console.log('\nDecode + pair + rank of a recording, one core: the two above one after the other');
  const decode = recording.find((row) => row.codec === 'brotli')?.decodeEventsPerSecond ?? Number.NaN;
  return core.map(({ habit, outstanding, medianEventsPerSecond }) => {
    const eventsPerSecond = 1 / (1 / decode + 1 / medianEventsPerSecond);
    const rate = `${(eventsPerSecond / 1e6).toFixed(1)} M events/s`;
    console.log(habit.padStart(9), outstanding.toLocaleString('en').padStart(11), rate);
    return { habit, outstanding, eventsPerSecond };
  });
}

// A part that failed may have left threads and timers behind.
process.exit(await main());
