/**
 * The command line in a perf.data header, as far as it says what was traced. perf joins the
 * arguments with blanks and quotes nothing (tools/perf/util/header.c, print_cmdline), so a filter or
 * the traced command may hold anything: the options are read up to the command, and no further.
 * Options: tools/perf/builtin-record.c.
 */

export interface PerfCommand {
  /** False for anything but perf record and perf kmem record: then nothing is known. */
  known: boolean;
  /** Why only some processes were traced, e.g. 'perf record -p 4321'; '' = all were. */
  processes: string;
  /** The list of -C, e.g. '0,2-3'; '' = all CPUs. */
  cpus: string;
  /** The argument of -F; '' = none. */
  frequency: string;
  filters: PerfFilter[];
}

export interface PerfFilter {
  /** The argument of the -e before it, e.g. 'kmem:kmalloc,kmem:kfree' or 'kmem:*'. */
  events: string;
  text: string;
}

const SHORT_WITH_VALUE = 'eptrcCoFmGDujk';
const LONG_WITH_VALUE = new Set(
  (
    'event filter pid tid realtime count cpu output freq mmap-pages mmap-flush call-graph cgroup delay uid ' +
    'branch-filter clockid proc-map-timeout switch-max-files affinity max-size num-thread-synthesize ' +
    'control debuginfod vmlinux bpf-bytecode off-cpu-thresh synth'
  ).split(' '),
);
/** Long names of the options that matter here, by their short ones. */
const SHORT_OF: Record<string, string | undefined> = {
  event: 'e',
  pid: 'p',
  tid: 't',
  cpu: 'C',
  freq: 'F',
  cgroup: 'G',
  uid: 'u',
  'all-cpus': 'a',
};

const UNKNOWN: PerfCommand = { known: false, processes: '', cpus: '', frequency: '', filters: [] };

/** Reads the value of the header's line "# cmdline : /usr/bin/perf record -a -e kmem:kmalloc -- sleep 1". */
export function perfCommand(line: string): PerfCommand {
  const words = line.split(' ').filter((word) => word !== '');
  const at = words.indexOf('record');
  if (at < 1 || at > 3) return UNKNOWN;
  // perf kmem record traces the machine, and passes on the options after it.
  if (words[at - 1] === 'kmem') return { ...UNKNOWN, known: true };
  if (!/(?:^|\/)perf[^/]*$/.test(words[at - 1])) return UNKNOWN;
  return new Options(words.slice(at + 1)).command();
}

class Options {
  private readonly words: readonly string[];
  private readonly values = new Map<string, string>();
  private readonly filters: PerfFilter[] = [];
  private next = 0;
  private hasCommand = false;

  constructor(words: readonly string[]) {
    this.words = words;
    while (this.next < words.length && !this.hasCommand) this.take(words[this.next++]);
  }

  command(): PerfCommand {
    const { values } = this;
    return {
      known: true,
      processes: this.processes(),
      cpus: values.get('C') ?? '',
      frequency: values.get('F') ?? '',
      filters: this.filters,
    };
  }

  /** perf: a process or thread overrides -a and -C, and without a target or command the machine is traced. */
  private processes(): string {
    const { values, hasCommand } = this;
    for (const name of ['p', 't', 'u', 'G']) {
      const value = values.get(name);
      if (value !== undefined) return `perf record -${name} ${value}`;
    }
    return hasCommand && !values.has('a') && !values.has('C') ? 'perf record of a command, without -a' : '';
  }

  private take(word: string): void {
    if (word === '--' || !word.startsWith('-') || word === '-') {
      this.hasCommand = true;
    } else if (word.startsWith('--')) {
      const [name, value] = split(word.slice(2), '=');
      if (name === 'filter') this.takeFilter(value);
      else if (value !== null || LONG_WITH_VALUE.has(name)) this.set(SHORT_OF[name] ?? name, value ?? this.word());
      else this.set(SHORT_OF[name] ?? name, '');
    } else {
      this.takeShort(word);
    }
  }

  /** '-ag', '-agF99', '-F 99' */
  private takeShort(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const rest = word.slice(i + 1);
      // Of these the value is optional, and only in the same word.
      if ('ISz'.includes(word[i])) return;
      if (SHORT_WITH_VALUE.includes(word[i])) return this.set(word[i], rest === '' ? this.word() : rest);
      this.set(word[i], '');
    }
  }

  private set(name: string, value: string): void {
    this.values.set(name, value);
  }

  private word(): string {
    return this.words[this.next++] ?? '';
  }

  /** A filter may have blanks in it ('bytes_req < 512 && order > 0'): it goes on beside an operator. */
  private takeFilter(first: string | null): void {
    const parts = [first ?? this.word()];
    while (this.next < this.words.length) {
      if (!/[=!<>~&|]$/.test(parts[parts.length - 1]) && !/^[=!<>~&|]/.test(this.words[this.next])) break;
      parts.push(this.word());
    }
    this.filters.push({ events: this.values.get('e') ?? '', text: parts.join(' ') });
  }
}

function split(text: string, mark: string): [string, string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** Returns the number of CPUs in a list such as '0,2-3'; 0 if it is none. */
export function cpusInList(list: string): number {
  const cpus = new Set<number>();
  for (const part of list.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (match === null) return 0;
    const last = Number(match[2] ?? match[1]);
    for (let cpu = Number(match[1]); cpu <= last; cpu++) cpus.add(cpu);
  }
  return cpus.size;
}

/** Returns true if the argument of an -e ('kmem:*', 'kmem:kmalloc,kmem:kfree:k') names the event. */
export function namesEvent(events: string, name: string): boolean {
  return events.split(/[,{}]/).some((word) => {
    const [system, event = ''] = word.trim().split('/')[0].split(':');
    return event !== '' && matchesGlob(`${system}:${event}`, name);
  });
}

function matchesGlob(glob: string, name: string): boolean {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
