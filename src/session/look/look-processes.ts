/** The processes of a look, and the machine that the looks of a recording show. */
import type { CarriedLook } from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { Look } from '../../proc/look.js';
import { parseSwaps } from '../../proc/machine/swap.js';
import { processesOf } from '../../triage/gather-tables.js';
import { LookLimits } from './look-limits.js';
import type { LimitsNow, MachineNow, MappingsNow, ProcessesNow } from './machine-now.js';

const TABLE = 'table/processes';

export function processesOfLook({ timeMs, texts, notRead }: Look, isNow: boolean): ProcessesNow {
  const swaps = texts.get('proc/swaps');
  return {
    timeMs,
    isNow,
    processes: processesOf(texts) ?? [],
    swaps: swaps === undefined ? null : parseSwaps(swaps),
    whole: notRead.every(({ what }) => what !== TABLE),
  };
}

/** A look in a hurry has none: its table is a head alone. */
function hasProcesses({ texts }: CarriedLook): boolean {
  const table = texts.get(TABLE) ?? '';
  return table.indexOf('\n') < table.length - 1;
}

/** LookedMachine: a MachineNow of the looks that a trace carries; the newest tells. */
export class LookedMachine implements MachineNow {
  private readonly looks: () => readonly CarriedLook[];
  private readonly ofLooks = new LookLimits();
  private look: CarriedLook | undefined;
  private known: ProcessesNow | null = null;

  /** `looks` returns those up to the present position. */
  constructor(looks: () => readonly CarriedLook[]) {
    this.looks = looks;
  }

  limits(): LimitsNow | null {
    const limits = this.ofLooks.of(this.looks());
    return limits === null ? null : { ...limits, isNow: false };
  }

  processes(): ProcessesNow | null {
    const newest = this.looks().findLast(hasProcesses);
    if (newest !== this.look)
      this.known = newest === undefined ? null : processesOfLook(carriedLook(newest, ''), false);
    this.look = newest;
    return this.known;
  }

  mappings(pid: number): MappingsNow {
    const timeMs = this.processes()?.timeMs ?? null;
    return { pid, mappings: null, why: 'a recording does not carry them', timeMs, isNow: false };
  }
}
