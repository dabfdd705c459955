/**
 * Texts of perf script in the form that perf 6.1 prints on Linux 6.18: header lines are copied from
 * real ones and shortened, the events are made.
 */

/** The tail of an event's line in the header: attributes of perf 6.1 for a tracepoint. */
export function eventLine(name: string, attributes = '{ sample_period, sample_freq } = 1, ' + WITH_PERIOD): string {
  return `# event : name = ${name}, , id = { 835, 836 }, type = 2, size = 128, config = 0x292, ${attributes}, sample_id_all = 1`;
}

/** What perf record asks for by itself: the period is in each sample, so none is left out. */
export const WITH_PERIOD = 'sample_type = IP|TID|TIME|CPU|PERIOD|RAW|IDENTIFIER, read_format = ID|LOST';
/** With --no-period. */
export const WITHOUT_PERIOD = 'sample_type = IP|TID|TIME|CPU|RAW|IDENTIFIER, read_format = ID|LOST';

export interface PerfHeader {
  cmdline?: string;
  events?: readonly string[];
  arch?: string;
  kernel?: string;
  cpus?: number;
}

export function perfHeader({
  cmdline,
  events = [],
  arch = 'x86_64',
  kernel = '6.18.44',
  cpus = 2,
}: PerfHeader): string {
  return [
    '# ========',
    '# hostname : vm',
    `# os release : ${kernel}`,
    '# perf version : 6.1.192',
    `# arch : ${arch}`,
    `# nrcpus online : ${cpus}`,
    ...(cmdline === undefined ? [] : [`# cmdline : /usr/bin/${cmdline} `]),
    ...events,
    '# CPU_TOPOLOGY info available, use -I to display',
    '# ========',
    '#',
    '',
  ].join('\n');
}

/**
 * Twenty seconds of a made machine: leak_step keeps 4 KiB ten times a second, busy_step allocates as
 * often and (unless `frees` is false) frees at once, from several processes on both CPUs.
 */
export function leakText({ frees = true, events = 200, name = 'kmalloc' } = {}): string {
  const lines: string[] = [];
  const isKmalloc = name === 'kmalloc';
  const free = isKmalloc ? 'kfree' : 'kmem_cache_free';
  // Other functions and addresses, so that both kinds may be in one text.
  const [of, base] = isKmalloc ? ['', '0xffff888'] : ['cached_', '0xffff889'];
  for (let i = 0; i < events; i++) {
    const who = `${i % 2 === 0 ? 'worker' : 'other'} ${100 + (i % 3)} [00${i % 2}] ${(500 + i / 10).toFixed(6)}:`;
    const sizes = 'bytes_req=4096 bytes_alloc=4096 gfp_flags=GFP_KERNEL node=-1 accounted=false';
    lines.push(`${who} kmem:${name}: call_site=${of}leak_step+0x10 ptr=${base}1${hex(0x1000 + i)}000 ${sizes}`);
    lines.push(`${who} kmem:${name}: call_site=${of}busy_step+0x10 ptr=${base}2${hex(0x1000 + i)}000 ${sizes}`);
    if (frees) lines.push(`${who} kmem:${free}: call_site=${of}busy_done+0x10 ptr=${base}2${hex(0x1000 + i)}000`);
  }
  return `${lines.join('\n')}\n`;
}

function hex(value: number): string {
  return value.toString(16).padStart(5, '0');
}

/** The lines of several such texts, in the order of their times. */
export function inOrderOfTime(...texts: string[]): string {
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return `${lines.toSorted((a, b) => timeOf(a) - timeOf(b)).join('\n')}\n`;
}

function timeOf(line: string): number {
  return Number(/ (\d+\.\d{6}): /.exec(line)?.[1]);
}
