/**
 * What stands in shared memory of a bundle: file systems in memory, from df beside the list of mounts,
 * which has their types; and segments of System V, from /proc/sysvipc/shm, else from ipcs.
 */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';
import type { OpenFiles } from './open-files.js';

const IN_MEMORY = new Set(['tmpfs', 'devtmpfs', 'ramfs', 'hugetlbfs', 'shm']);
const MOUNT_LIMIT = 100_000;

interface Mounted {
  type: string;
  /** Tells the file system apart: 'major:minor', or what stands for a device. */
  device: string;
}

/** Returns the text of table/mounts: each file system once; null if the bundle has no df. */
export function mountTable(texts: NamedTexts): string | null {
  const outputs = texts.command('df');
  if (outputs.length === 0) return null;
  const mounts = mountsOf(texts);
  const files = new Map<string, number>();
  const rows = new Map<string, (string | number | null)[]>();
  // Sizes of df -hT are rounded: another output of df is better, if there is one.
  const sorted = outputs.toSorted((a, b) => Number(/ -\w*h/.test(a.name)) - Number(/ -\w*h/.test(b.name)));
  for (const { text } of sorted) {
    for (const row of dfRows(text)) {
      const known = mounts.get(row.path);
      const type = row.type ?? known?.type ?? (IN_MEMORY.has(row.source) ? row.source : '');
      if (row.inodes) files.set(row.path, row.used);
      else if (IN_MEMORY.has(type)) {
        const key = known?.device ?? row.path;
        if (!rows.has(key))
          rows.set(key, [row.path, type === 'shm' ? 'tmpfs' : type, row.source, null, row.used, row.size, null]);
      }
    }
  }
  for (const row of rows.values()) row[6] = files.get(String(row[0])) ?? null;
  return tableText('table/mounts', rows.values());
}

interface DfRow {
  source: string;
  type: string | null;
  size: number;
  used: number;
  path: string;
  /** True if the line counts files, not bytes. */
  inodes: boolean;
}

function* dfRows(text: string): Generator<DfRow> {
  let unit = 1024;
  let inodes = false;
  let count = 0;
  for (const line of text.split('\n', MOUNT_LIMIT)) {
    const header = /^Filesystem\s+(?:Type\s+)?(?:(\d+)([KMG]?)-blocks|(Inodes)|Size)/.exec(line);
    if (header !== null) {
      inodes = header[3] !== undefined;
      unit = header[1] === undefined ? 1 : Number(header[1]) * (UNITS[header[2]] ?? 1);
    }
    const row =
      /^(\S{1,255})\s+(?:([a-z][\w.]*)\s+)?([\d.]+[KMGT]?)\s+([\d.]+[KMGT]?)\s+-?[\d.]+[KMGT]?\s+(?:\d+%|-)\s+(\/.*)$/.exec(
        line,
      );
    if (row === null || count++ >= MOUNT_LIMIT) continue;
    const times = inodes ? 1 : unit;
    yield {
      source: row[1],
      type: row[2] ?? null,
      size: amount(row[3]) * times,
      used: amount(row[4]) * times,
      path: row[5],
      inodes,
    };
  }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** '1.5G' of df -h; without a unit it is a number of blocks. */
function amount(text: string): number {
  const match = /^([\d.]+)([KMGT]?)$/.exec(text);
  return match === null ? 0 : Math.round(Number(match[1]) * (UNITS[match[2]] ?? 1));
}

/** Mounts by their path: /proc/PID/mountinfo, /proc/mounts, or the output of mount. */
function mountsOf(texts: NamedTexts): Map<string, Mounted> {
  const mounts = new Map<string, Mounted>();
  for (const { name, text } of texts.startingWith('proc/')) {
    if (!name.endsWith('/mountinfo')) continue;
    for (const line of text.split('\n', MOUNT_LIMIT)) {
      // "36 35 0:32 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=..."
      const row = /^\d+ \d+ (\d+:\d+) \S+ (\S+) .{0,400}? - (\S+) /.exec(line);
      if (row !== null) mounts.set(plainPath(row[2]), { type: row[3], device: row[1] });
    }
  }
  const list = texts.get('proc/mounts') ?? '';
  for (const line of list.split('\n', MOUNT_LIMIT)) {
    const row = /^\S+ (\S+) (\S+) /.exec(line);
    const path = row === null ? '' : plainPath(row[1]);
    if (row !== null && !mounts.has(path)) mounts.set(path, { type: row[2], device: path });
  }
  return mounts;
}

/** The kernel writes blanks in paths as \040. */
function plainPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

const SEGMENT_LIMIT = 65_536;

/** Returns the text of table/shmem; null if the bundle lists neither segments nor open files. */
export function shmemTable(texts: NamedTexts, open: OpenFiles | null): string | null {
  const own = texts.get('proc/sysvipc/shm');
  const listed = texts.command('ipcs').find(({ text }) => /^-+ Shared Memory Segments -+$/m.test(text));
  if (own === undefined && listed === undefined && open === null) return null;
  const segments = own === undefined ? listedSegments(listed?.text ?? '') : ownSegments(own);
  return tableText('table/shmem', [...segments, ...(open?.shmem ?? [])]);
}

/** Columns by name: rss since 2.6.34. Before, and in ipcs, a segment counts with its size. */
function* ownSegments(text: string): Generator<(string | number)[]> {
  const lines = text.split('\n', SEGMENT_LIMIT);
  const columns = lines[0].trim().split(/\s+/);
  if (!columns.includes('shmid') || !columns.includes('size')) return;
  const at = (name: string): number => columns.indexOf(name);
  for (const line of lines.slice(1)) {
    const cells = line.trim().split(/\s+/);
    const bytes = Number(cells.at(at('rss') < 0 ? at('size') : at('rss')));
    if (/^\d+$/.test(cells.at(at('shmid')) ?? '') && cells.length >= columns.length && Number.isSafeInteger(bytes)) {
      yield ['sysv', `segment ${cells[at('shmid')]}`, Number(cells[at('cpid')]) || 0, '', bytes];
    }
  }
}

/** "0x00000000 32769 oracle 600 4194304 9 dest" */
function* listedSegments(text: string): Generator<(string | number)[]> {
  let segments = false;
  for (const line of text.split('\n', SEGMENT_LIMIT)) {
    if (line.startsWith('---')) segments = line.includes('Shared Memory Segments');
    const row = segments ? /^0x[0-9a-f]{1,16} +(\d+) +(\S+) +\d+ +(\d{1,15}) +\d+/.exec(line) : null;
    if (row !== null) yield ['sysv', `segment ${row[1]} of ${row[2]}`, 0, '', Number(row[3])];
  }
}
