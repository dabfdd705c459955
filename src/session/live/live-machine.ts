/** This machine, read anew while a view shows it: a MachineNow beside a live trace. */
import { readLook } from '../../collect/look/read-look.js';
import { readMappings, readProcesses } from '../../collect/watch/watch-processes.js';
import type { CarriedLook } from '../../event/trace-sink.js';
import { keptLook } from '../../proc/kept-look.js';
import { limitsOf } from '../look/look-limits.js';
import { LookedMachine, processesOfLook } from '../look/look-processes.js';
import type { LimitsNow, MachineNow, MappingsNow, ProcessesNow } from '../look/machine-now.js';

/** A reading, with what came between its pieces, takes at most this share of the time: a large machine is read seldom. */
const READ_SHARE = 0.1;
const PROCESSES_MS = 2000;
const LIMITS_MS = 5000;
const MAPPINGS_MS = 4000;
/** The walks end after this. Events come first, so that a reading may take long where there are many. */
const DEADLINE_MS = 10_000;

/** A value that is read again when it is asked for and is old. */
class Fresh<T> {
  value: T | null = null;
  private readonly read: () => Promise<T>;
  private readonly onRead: () => void;
  private readonly everyMs: number;
  private nextMs = 0;
  private isReading = false;

  constructor(everyMs: number, read: () => Promise<T>, onRead: () => void) {
    this.everyMs = everyMs;
    this.read = read;
    this.onRead = onRead;
  }

  get(): T | null {
    if (!this.isReading && performance.now() >= this.nextMs) void this.begin();
    return this.value;
  }

  private async begin(): Promise<void> {
    this.isReading = true;
    const startMs = performance.now();
    // What cannot be read leaves the value as it was.
    this.value = await this.read().catch(() => this.value);
    const nowMs = performance.now();
    this.nextMs = nowMs + Math.max(this.everyMs, (nowMs - startMs) / READ_SHARE);
    this.isReading = false;
    this.onRead();
  }
}

export class LiveMachine implements MachineNow {
  private readonly onRead: () => void;
  private readonly freshLimits: Fresh<LimitsNow>;
  private readonly freshProcesses: Fresh<ProcessesNow>;
  /** Of the process that was asked for last. */
  private freshMappings: { pid: number; of: Fresh<MappingsNow> } | null = null;

  /** What the look at the start says, until something was read. */
  private readonly looked: LookedMachine;

  /** `onRead` is called when something was read; `looks` returns those of the trace. */
  constructor(looks: () => readonly CarriedLook[], onRead: () => void) {
    this.looked = new LookedMachine(looks);
    this.onRead = onRead;
    this.freshLimits = new Fresh(LIMITS_MS, limitsHere, onRead);
    this.freshProcesses = new Fresh(PROCESSES_MS, processesHere, onRead);
  }

  limits(): LimitsNow | null {
    return this.freshLimits.get() ?? this.looked.limits();
  }

  processes(): ProcessesNow | null {
    return this.freshProcesses.get() ?? this.looked.processes();
  }

  mappings(pid: number): MappingsNow | null {
    if (this.freshMappings?.pid !== pid) {
      this.freshMappings = { pid, of: new Fresh(MAPPINGS_MS, () => mappingsHere(pid), this.onRead) };
    }
    return this.freshMappings.of.get();
  }
}

async function limitsHere(): Promise<LimitsNow> {
  const look = keptLook(await readLook({ smaps: 'maps', tools: false, deadlineMs: DEADLINE_MS }));
  const limits = limitsOf(look) ?? { timeMs: look.unixMs, gauges: [], more: 0 };
  return { ...limits, isNow: true };
}

async function processesHere(): Promise<ProcessesNow> {
  return processesOfLook(await readProcesses({ deadlineMs: DEADLINE_MS }), true);
}

async function mappingsHere(pid: number): Promise<MappingsNow> {
  return { ...(await readMappings(pid, { deadlineMs: DEADLINE_MS })), pid, timeMs: Date.now(), isNow: true };
}
