/** Which processes -p means: by number, by name, or all of a cgroup. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';

/** Processes that one collector traces by name (bpf/base/base.h); those that they start are traced too. */
const MOST_PROCESSES = 1024;

/**
 * Returns the numbers of these processes. A word of digits is a number, one that begins with a slash a cgroup with those
 * below it, any other a name as ps -e prints it. Throws a UserError for one that nothing is found for.
 */
export function processesNamed(words: readonly string[]): number[] {
  const found = new Set<number>();
  for (const word of words) for (const pid of processesOf(word)) found.add(pid);
  found.delete(process.pid);
  if (found.size <= MOST_PROCESSES) return [...found];
  throw new UserError(`${found.size} processes are meant, and ${MOST_PROCESSES} can be traced at once`, [], {
    usage: true,
  });
}

function processesOf(word: string): number[] {
  if (/^\d+$/.test(word)) {
    const pid = Number(word);
    refuseUnknownProcess(pid);
    return [pid];
  }
  const isMeant = word.startsWith('/') ? inCgroup(word.replace(/(?<=.)\/+$/, '')) : named(word);
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isMeant(name))
    .map(Number);
  // Without a size it is a thread of the kernel. Everyone may read that, of other users' processes too.
  const traceable = pids.filter((pid) => textOf(`/proc/${pid}/status`).includes('\nVmSize:'));
  if (traceable.length > 0) return traceable;
  const what = word.startsWith('/') ? 'in the cgroup' : 'named';
  throw new UserError(`there is no process ${what} ${safeText(word)}`, ['ps -eo pid,comm,cgroup lists them.'], {
    usage: true,
  });
}

/** The kernel keeps 15 bytes of a name. */
function named(name: string): (pid: string) => boolean {
  const kept = Buffer.from(name).subarray(0, 15).toString();
  return (pid) => textOf(`/proc/${pid}/comm`).trimEnd() === kept;
}

function inCgroup(path: string): (pid: string) => boolean {
  const below = path === '/' ? '/' : `${path}/`;
  return (pid) =>
    textOf(`/proc/${pid}/cgroup`)
      .split('\n')
      .map((line) => line.split(':').slice(2).join(':'))
      .some((each) => each === path || each.startsWith(below));
}

/** '' where it cannot be read: the process has ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Throws a UserError if no process has this number: nothing can be allocated in it. In another pid namespace than the
 * kernel's own any number may be right: /proc has others than the events.
 */
export function refuseUnknownProcess(pid: number | undefined): void {
  if (pid === undefined || !isKernelsPidNamespace() || existsSync(`/proc/${pid}`)) return;
  throw new UserError(
    `there is no process ${pid} on this machine`,
    ['pgrep -a NAME finds its number; what a process held that has ended is in a recording.'],
    { usage: true },
  );
}

/** PROC_PID_INIT_INO of the kernel (include/linux/proc_ns.h). */
const KERNELS_PID_NAMESPACE = 'pid:[4026531836]';

function isKernelsPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === KERNELS_PID_NAMESPACE;
  } catch {
    return false;
  }
}
