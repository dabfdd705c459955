/** /proc/PID/status (fs/proc/array.c), sizes in bytes. */
export interface StatusFacts {
  name: string;
  parent: number;
  /** Real user. */
  uid: number;
  threads: number;
  /** 0 = it has no memory of its own: a kernel thread, or a zombie. */
  virtual: number;
  rssAnon: number;
  rssFile: number;
  rssShmem: number;
  swap: number;
  pageTables: number;
}

const TEXT_LIMIT = 8192;

/** Returns null if the text is not a status. RSS by kind is there since 4.5; before, all of it is `rssAnon`. */
export function parseStatus(text: string): StatusFacts | null {
  if (!text.startsWith('Name:\t')) return null;
  const end = text.indexOf('\n');
  const lines = new StatusLines(text.slice(0, TEXT_LIMIT));
  // In the order of the lines; Threads comes after all sizes.
  const parent = lines.next('\nPPid:');
  const uid = lines.next('\nUid:');
  const virtual = lines.next('\nVmSize:') * 1024;
  const rss = virtual === 0 ? 0 : lines.next('\nVmRSS:');
  const anon = virtual === 0 ? null : lines.nextIfThere('\nRssAnon:');
  const sizes =
    virtual === 0
      ? NO_MEMORY
      : {
          rssAnon: (anon ?? rss) * 1024,
          rssFile: anon === null ? 0 : lines.next('\nRssFile:') * 1024,
          rssShmem: anon === null ? 0 : lines.next('\nRssShmem:') * 1024,
          // VmPMD was a line of its own from 4.0 to 4.14.
          pageTables: (lines.next('\nVmPTE:') + lines.next('\nVmPMD:')) * 1024,
          swap: lines.next('\nVmSwap:') * 1024,
        };
  const name = unescapeName(text.slice(6, end < 0 ? 70 : end));
  return { name, parent, uid, threads: lines.next('\nThreads:'), virtual, ...sizes };
}

const NO_MEMORY = { rssAnon: 0, rssFile: 0, rssShmem: 0, swap: 0, pageTables: 0 };

/**
 * Lines of a status, asked for in their order: each search goes on where the last one ended. This runs for
 * each process of the machine, and a regular expression takes several times as long.
 */
class StatusLines {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Returns the number of the line that begins so; 0 if it is not there. */
  next(start: string): number {
    return this.nextIfThere(start) ?? 0;
  }

  nextIfThere(start: string): number | null {
    const found = this.text.indexOf(start, this.at);
    if (found < 0) return null;
    this.at = found + start.length;
    return numberAt(this.text, this.at);
  }
}

/** Returns the number after blanks and tabs; 0 if there is none that can be counted with. */
function numberAt(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++;
  let value = 0;
  for (let digit = text.charCodeAt(at) - 0x30; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 0x30) {
    value = value * 10 + digit;
  }
  return Number.isSafeInteger(value) ? value : 0;
}

/** The kernel writes \n and \\ for a line feed and a backslash in a name. */
function unescapeName(name: string): string {
  return name.includes('\\') ? name.replace(/\\([n\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : '\\')) : name;
}

/** USER_HZ: the same on all machines but Alpha and IA-64. */
const TICKS = 100;

/** Returns when a process started, in seconds since boot, from /proc/PID/stat; null if the text is not one. */
export function parseStartSeconds(text: string): number | null {
  // The name in parentheses may hold any character.
  const fields = text.slice(text.lastIndexOf(')') + 2, TEXT_LIMIT).split(' ', 21);
  const ticks = fields[19] ?? '';
  return /^\d{1,15}$/.test(ticks) ? Number(ticks) / TICKS : null;
}
