/** /proc/PID/status (fs/proc/array.c), sizes in bytes. */
export interface StatusFacts {
  name: string;
  parent: number;
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
  const whole = text.slice(0, TEXT_LIMIT);
  const virtual = valueOf(whole, '\nVmSize:');
  const facts = {
    name: unescapeName(whole.slice(6, end < 0 ? 70 : end)),
    parent: valueOf(whole, '\nPPid:'),
    threads: valueOf(whole, '\nThreads:'),
  };
  if (virtual === 0) return { ...facts, virtual, ...NO_MEMORY };
  const byKind = whole.includes('\nRssAnon:');
  return {
    ...facts,
    virtual: virtual * 1024,
    rssAnon: valueOf(whole, byKind ? '\nRssAnon:' : '\nVmRSS:') * 1024,
    rssFile: valueOf(whole, '\nRssFile:') * 1024,
    rssShmem: valueOf(whole, '\nRssShmem:') * 1024,
    swap: valueOf(whole, '\nVmSwap:') * 1024,
    // VmPMD was a line of its own from 4.0 to 4.14.
    pageTables: (valueOf(whole, '\nVmPTE:') + valueOf(whole, '\nVmPMD:')) * 1024,
  };
}

const NO_MEMORY = { rssAnon: 0, rssFile: 0, rssShmem: 0, swap: 0, pageTables: 0 };

/** Faster than a regular expression by a factor of five: this runs for each process of the machine. */
function valueOf(text: string, name: string): number {
  const at = text.indexOf(name);
  if (at < 0) return 0;
  const value = Number.parseInt(text.slice(at + name.length, at + name.length + 24), 10);
  return value > 0 && Number.isSafeInteger(value) ? value : 0;
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
