/**
 * Processes of a bundle: /proc/PID/status where it was kept, else what ps printed, by the names of its
 * columns. ps knows the whole resident set alone: it stands in rssAnon, and again in rss.
 */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';
import type { OpenFiles } from './open-files.js';

interface Process {
  pid: number;
  parent: number | null;
  name: string;
  threads: number | null;
  virtual: number | null;
  rssAnon: number | null;
  rssFile: number | null;
  rssShmem: number | null;
  swap: number | null;
  pageTables: number | null;
  cgroup: string | null;
}

const PROCESS_LIMIT = 200_000;

/** Returns the text of table/processes; null if the bundle has no process. */
export function processTable(texts: NamedTexts, pageSize: number, open: OpenFiles | null): string | null {
  const processes = new Map<number, Process>();
  for (const { text } of [...texts.command('ps'), ...texts.command('top')])
    for (const each of psRows(text, pageSize)) merge(processes, each);
  for (const { name, text } of texts.startingWith('proc/')) {
    const path = /^proc\/(\d{1,10})\/(status|cgroup)$/.exec(name);
    if (path === null) continue;
    merge(processes, path[2] === 'status' ? statusRow(Number(path[1]), text) : cgroupRow(Number(path[1]), text), true);
  }
  // A thread's or a process's cgroup alone is none.
  const rows = [...processes.values()].filter(({ name }) => name !== '').slice(0, PROCESS_LIMIT);
  if (rows.length === 0) return null;
  return tableText(
    'table/processes',
    rows.map((row) => [
      row.pid,
      row.parent,
      row.name,
      null,
      row.threads,
      row.virtual,
      row.rssAnon,
      row.rssFile,
      row.rssShmem,
      row.swap,
      row.pageTables,
      ...(open?.counts.get(row.pid) ?? Array<null>(8).fill(null)),
      row.cgroup,
    ]),
  );
}

/** Adds what is known of a process; what is known already stays, unless the new facts are better. */
function merge(processes: Map<number, Process>, found: Process, better = false): void {
  const known = processes.get(found.pid);
  if (known === undefined) {
    processes.set(found.pid, found);
    return;
  }
  for (const key of Object.keys(found) as (keyof Process)[]) {
    const value = found[key];
    const lacks = known[key] === null || known[key] === '';
    if (value !== null && value !== '' && (better || lacks)) Object.assign(known, { [key]: value });
  }
}

function nothingOf(pid: number): Process {
  return {
    pid,
    parent: null,
    name: '',
    threads: null,
    virtual: null,
    rssAnon: null,
    rssFile: null,
    rssShmem: null,
    swap: null,
    pageTables: null,
    cgroup: null,
  };
}

/** fs/proc/array.c and task_mmu.c; RssAnon and the two below it since 4.5. */
function statusRow(pid: number, text: string): Process {
  const line = (name: string): string | undefined =>
    new RegExp(`^${name}:\\t *(.{0,255}?)(?: kB)?$`, 'm').exec(text)?.[1];
  const bytes = (name: string): number | null => {
    const value = line(name);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) * 1024 : null;
  };
  const count = (name: string): number | null => (/^\d{1,9}$/.test(line(name) ?? '') ? Number(line(name)) : null);
  return {
    ...nothingOf(pid),
    parent: count('PPid'),
    name: line('Name') ?? '',
    threads: count('Threads'),
    virtual: bytes('VmSize') ?? 0,
    rssAnon: bytes('RssAnon') ?? bytes('VmRSS') ?? 0,
    rssFile: bytes('RssFile') ?? 0,
    rssShmem: bytes('RssShmem') ?? 0,
    swap: bytes('VmSwap') ?? 0,
    pageTables: bytes('VmPTE') ?? 0,
  };
}

/** "4:memory:/kubepods/..." of v1, "0::/system.slice/..." of v2. */
function cgroupRow(pid: number, text: string): Process {
  const path = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(text) ?? /^0::(.*)$/m.exec(text);
  return { ...nothingOf(pid), cgroup: path === null ? null : path[1] };
}

/** Columns of ps by the names of their headers. SZ is in pages, the others in KiB. */
const NUMBERS: Readonly<Record<string, 'pid' | 'parent' | 'threads' | 'virtual' | 'rssAnon'>> = {
  PID: 'pid',
  PPID: 'parent',
  NLWP: 'threads',
  THCNT: 'threads',
  VSZ: 'virtual',
  VIRT: 'virtual',
  SZ: 'virtual',
  RSS: 'rssAnon',
  RSZ: 'rssAnon',
  RES: 'rssAnon',
};
const KIB_COLUMNS = new Set(['VSZ', 'VIRT', 'RSS', 'RSZ', 'RES']);
/** top shortens large sizes: "1.2g". */
const SIZE = /^(\d{1,15}|\d{1,9}\.\d{1,3})([mgtp]?)$/;
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, m: 2 ** 10, g: 2 ** 20, t: 2 ** 30, p: 2 ** 40 };

function psRows(text: string, pageSize: number): Process[] {
  const rows: Process[] = [];
  let columns: string[] | null = null;
  for (const line of text.split('\n', PROCESS_LIMIT * 8)) {
    if (/^ *(?:F|S|UID|USER|PID|PPID|LABEL)\b.*\b(?:CMD|COMMAND|COMM|CGROUP)\s*$/.test(line)) {
      columns = line.trim().split(/\s+/);
    } else if (line.startsWith('top - ')) {
      // Another sample of top -b: the first is of the time since boot, but sizes are of now in all.
      if (rows.length > 0) break;
    } else if (columns !== null && rows.length < PROCESS_LIMIT) {
      const row = psRow(line, columns, pageSize);
      // ps m prints the threads of a process below it, with '-' for its number.
      if (row === 'thread') {
        const last = rows.at(-1);
        if (last !== undefined) last.threads = (last.threads ?? 0) + 1;
      } else if (row !== null) rows.push(row);
    }
  }
  return rows;
}

function psRow(line: string, columns: readonly string[], pageSize: number): Process | 'thread' | null {
  const words = line.slice(0, 4096).trim().split(/\s+/);
  const row = nothingOf(-1);
  let at = 0;
  for (const [index, column] of columns.entries()) {
    const last = index === columns.length - 1;
    const value = words.at(at) ?? '';
    if (column === 'PID' && value === '-') return 'thread';
    const key = NUMBERS[column];
    if (key !== undefined) {
      const size = SIZE.exec(value);
      if (size === null || (size[2] !== '' && !KIB_COLUMNS.has(column))) return null;
      row[key] =
        Number(size[1]) * SIZE_UNITS[size[2]] * (KIB_COLUMNS.has(column) ? 1024 : column === 'SZ' ? pageSize : 1);
    } else if (/^(?:COMMAND|CMD|COMM)$/.test(column)) {
      row.name = programName(value);
    } else if (column === 'CGROUP') {
      row.cgroup = cgroupOfPs(last ? words.slice(at).join(' ') : value);
    }
    // lstart: "Mon Mar  2 10:12:13 2026".
    at += column === 'STARTED' && /^[A-Z][a-z]{2}$/.test(value) ? 5 : 1;
  }
  return row.pid < 0 ? null : row;
}

/** '/usr/sbin/mysqld --x' -> 'mysqld', '[kworker/0:1]' as it is, '\_ nginx: worker' -> 'nginx'. */
function programName(word: string): string {
  return word.startsWith('[') ? word : word.replace(/^.*\/(?=[^/])/, '').replace(/:$/, '');
}

function cgroupOfPs(text: string): string | null {
  const path = /(?:^|;)\d+:(?:[^:;]*,)?memory(?:,[^:;]*)?:([^;,]*)/.exec(text) ?? /(?:^|[;,])0::([^;,]*)/.exec(text);
  return path === null ? null : path[1];
}
