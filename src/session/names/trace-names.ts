/** What the rows of one live trace belong to: looks, and tells the trace. */
import type { TraceFact } from '../../event/trace-sink.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { Report } from '../../rank/report/report.js';
import { defaultSelection, type Selection } from '../../rank/report/selection.js';
import { knownRows, type NamesWanted, nameRows } from './name-rows.js';
import { wantedRows } from './names-watch.js';

/** Rows of a report that are looked at as the trace ends. */
const LAST_ROWS = 16;

/** The pipeline of a live trace. */
export interface NamedTrace {
  readonly core: PairingCore;
  readonly ended: unknown;
  report(selection: Selection): Pick<Report, 'stacks' | 'findings'>;
  fact(fact: TraceFact): void;
}

/** Does what starts processes of the tracer's own, each of which is reported to `began`. */
export interface OwnWork {
  during<T>(work: (began: (pid: number) => void) => Promise<T>): Promise<T>;
}

export class TraceNames {
  private readonly trace: NamedTrace;
  private readonly own: OwnWork;

  /** `own` marks the memory of the looks themselves. */
  constructor(trace: NamedTrace, own: OwnWork) {
    this.trace = trace;
    this.own = own;
  }

  /**
   * Looks what these rows belong to; the trace has it then. Returns the `stackId` of those of which something is known.
   * Throws a UserError where that may not be read.
   */
  async look(wanted: readonly NamesWanted[], signal?: AbortSignal): Promise<Set<number>> {
    const { core } = this.trace;
    const rows = await this.own.during((onPid) =>
      nameRows(core, wanted, { onPid, ...(signal !== undefined && { signal }) }),
    );
    if (rows.length > 0 && this.trace.ended === null) this.trace.fact({ type: 'names', timeNs: core.nowNs, rows });
    return knownRows(core, wanted, rows);
  }

  /** Looks at the first rows of a report, as the trace ends. */
  lookAtEnd(): Promise<Set<number>> {
    return this.look(wantedRows(this.trace.report(defaultSelection(LAST_ROWS))));
  }
}
