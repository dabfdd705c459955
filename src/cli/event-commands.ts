/** The commands about what happens on the machine besides allocations. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MARK_KINDS, type MarkKind } from '../event/marks/marks.js';
import type { EventsFlags, MarkFlags } from './options/flags.js';
import { EVENTS_HELP, MARK_HELP } from './options/help-texts.js';
import { asciiOption } from './options/look.js';
import { durationArgument, pidArgument, runTimeArgument } from './options/selection-options.js';
import { whileLoading } from './traces/progress.js';

const KINDS = MARK_KINDS.filter((kind) => kind !== undefined);

export function addEvents(program: Command): void {
  program
    .command('events')
    .description('what happened meanwhile: OOM kills, reclaim stalls, shared memory, cgroups, swap, modules, marks')
    .argument('[file]', 'a recording, or - for standard input; none: this machine, as it happens')
    .addOption(new Option('--kind <names>', 'only these, comma separated').argParser(kindList).default([], 'all'))
    .addOption(new Option('-p, --pid <tgid>', 'only what this process did, or what killed it').argParser(pidArgument))
    .option('--comm <name>', 'only what processes of this name did, or what killed them')
    .addOption(
      new Option('--from <time>', 'first moment, e.g. 10s or 1m30s').argParser(durationArgument).default(0, '0'),
    )
    .addOption(new Option('--to <time>', 'end, not shown').argParser(durationArgument).default(Infinity, 'end'))
    .addOption(
      new Option('--duration <time>', 'how long to wait for events (default: Ctrl-C)').argParser(runTimeArgument),
    )
    .addOption(
      new Option('--watch-comm <names>', 'execs and exits of these, and of what they start, are events')
        .argParser(commList)
        .default([], 'none'),
    )
    .option('--json', 'as one JSON object', false)
    .addOption(asciiOption())
    .addHelpText('after', EVENTS_HELP)
    .action(async (file: string | undefined, flags: EventsFlags) => {
      const loading = import('./marks/events.js');
      const { runEvents } = await (file === undefined ? whileLoading(loading) : loading);
      await runEvents(file ?? null, flags);
    });
}

export function addMark(program: Command): void {
  program
    .command('mark')
    .description('set a mark in the trace that runs: a deployment, the start of a test')
    .argument('<text>', 'what to call it')
    .addOption(new Option('--pid <pid>', 'the unfreed process, where several trace').argParser(pidArgument))
    .addHelpText('after', MARK_HELP)
    .action(async (text: string, flags: MarkFlags) => {
      const { runMark } = await import('./marks/mark.js');
      await runMark(text, flags);
    });
}

function kindList(text: string): MarkKind[] {
  return text.split(',').map((name) => {
    const kind = KINDS.find((each) => each === name.trim());
    if (kind === undefined) throw new InvalidArgumentError(`The kinds are ${KINDS.join(', ')}.`);
    return kind;
  });
}

/** The kernel keeps 15 bytes of a name. */
export function commList(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0 || names.length > MOST_WATCHED) {
    throw new InvalidArgumentError(`Give up to ${MOST_WATCHED} names of commands, such as nginx,postgres.`);
  }
  return names.map((name) => Buffer.from(name).subarray(0, 15).toString());
}

/** MAX_WATCHED_COMMS of the collector. */
const MOST_WATCHED = 8;
