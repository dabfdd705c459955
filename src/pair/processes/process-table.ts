/**
 * ProcessTable: the processes whose memory was traced, by their number in the trace: who they were, when they began and
 * ended. At most 65,535, and 32 MiB of text: what comes beyond that has no exe and no arguments.
 */
import { MOST_PROCESSES, MOST_TEXT_BYTES, type ProcessEvent, type ProcessReason } from '../../event/process-facts.js';

/** Characters of exe and cmdline of all processes together. */
const MOST_TEXT = 2 ** 24;

export interface TracedProcess {
  number: number;
  pid: number;
  /** When the process started, ns since boot; 0 = not known. */
  startNs: number;
  /** Number of the parent, or of the program before; 0 = none. */
  parent: number;
  /** How it began in the trace: 'first', 'fork' or 'exec'; 'exit' if only its end was seen. */
  why: ProcessReason;
  /** Untrusted. */
  exe: string;
  cmdline: string;
  /** In the trace; of a process that ran before it, when it was first seen. */
  beganNs: number;
  /** Null while it runs. */
  endedNs: number | null;
  /** How it ended: 'exit', or 'exec' if its pid runs another program; null while it runs. */
  ended: 'exit' | 'exec' | null;
  /** It has ended, and what it held is still outstanding. */
  stays: boolean;
}

export class ProcessTable {
  private readonly byNumber = new Map<number, TracedProcess>();
  private textLength = 0;

  get size(): number {
    return this.byNumber.size;
  }

  /** All processes, in the order in which they were first named. */
  all(): TracedProcess[] {
    return [...this.byNumber.values()];
  }

  get(number: number): TracedProcess | null {
    return this.byNumber.get(number) ?? null;
  }

  /** Those that have not ended. */
  living(): TracedProcess[] {
    return this.all().filter(({ endedNs }) => endedNs === null);
  }

  /** The process in which another was forked or which ran another program before; null if there is none. */
  parentOf(number: number): TracedProcess | null {
    const parent = this.byNumber.get(number)?.parent ?? 0;
    return parent === number ? null : this.get(parent);
  }

  /** Takes a fact. False for a number that cannot be. */
  take(timeNs: number, event: ProcessEvent): boolean {
    const { number, pid, startNs, parent, why, stays } = event;
    if (!Number.isInteger(number) || number < 1 || number > MOST_PROCESSES) return false;
    const known = this.byNumber.get(number);
    if (why === 'exit') {
      const gone = known ?? this.add({ ...event, parent: 0 }, timeNs);
      gone.endedNs = timeNs;
      gone.ended = 'exit';
      gone.stays = stays;
      return true;
    }
    // Numbers are used again only after all have been: the process before it has ended.
    if (known !== undefined) this.forget(known);
    this.add({ number, pid, startNs, parent, why, stays: false, exe: event.exe, cmdline: event.cmdline }, timeNs);
    const before = why === 'exec' && parent !== number ? this.byNumber.get(parent) : undefined;
    if (before !== undefined) {
      before.endedNs = timeNs;
      before.ended = 'exec';
    }
    return true;
  }

  private add({ number, pid, startNs, parent, why, exe, cmdline }: ProcessEvent, beganNs: number): TracedProcess {
    const has = this.textLength + exe.length + cmdline.length <= MOST_TEXT;
    const added: TracedProcess = {
      number,
      pid,
      startNs,
      parent,
      why,
      exe: has ? exe.slice(0, MOST_TEXT_BYTES) : '',
      cmdline: has ? cmdline.slice(0, MOST_TEXT_BYTES) : '',
      beganNs,
      endedNs: null,
      ended: null,
      stays: false,
    };
    this.textLength += added.exe.length + added.cmdline.length;
    this.byNumber.set(number, added);
    return added;
  }

  private forget({ number, exe, cmdline }: TracedProcess): void {
    this.textLength -= exe.length + cmdline.length;
    this.byNumber.delete(number);
  }

  /** About the bytes of save() as JSON. */
  get savedBytes(): number {
    return this.byNumber.size * 200 + this.textLength;
  }

  /** Returns the table as plain data. */
  save(): unknown {
    return this.all();
  }

  /** Returns the table of save(), which may have gone through JSON; null if `saved` cannot be one. */
  static restore(saved: unknown): ProcessTable | null {
    if (!Array.isArray(saved) || saved.length > MOST_PROCESSES) return null;
    const table = new ProcessTable();
    for (const each of saved as unknown[]) {
      if (!isProcess(each) || table.byNumber.has(each.number)) return null;
      const { endedNs, ended, stays } = each;
      const { exe, cmdline } = table.add({ ...each, stays: false }, each.beganNs);
      if (exe !== each.exe || cmdline !== each.cmdline) return null;
      Object.assign(table.byNumber.get(each.number) ?? {}, { endedNs, ended, stays });
    }
    return table;
  }
}

function isProcess(value: unknown): value is TracedProcess {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<TracedProcess>;
  const { number, pid, startNs, parent, why, exe, cmdline, beganNs, endedNs, ended, stays } = given;
  return (
    [number, pid, startNs, parent, beganNs, endedNs ?? 0].every((each) => Number.isSafeInteger(each)) &&
    (number as number) >= 1 &&
    (number as number) <= MOST_PROCESSES &&
    ['first', 'fork', 'exec', 'exit'].includes(why as string) &&
    [null, 'exit', 'exec'].includes(ended as string | null) &&
    (endedNs === null) === (ended === null) &&
    typeof exe === 'string' &&
    typeof cmdline === 'string' &&
    typeof stays === 'boolean'
  );
}
