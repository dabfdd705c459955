/**
 * What is asked of a machine beside its trace: live it is read anew while a view shows it, in a replay it is from the
 * newest look that the recording carries up to the position.
 */
import type { MappingsFacts } from '../../proc/process/smaps.js';
import type { ReportLimits } from '../../rank/report/report-limits.js';
import type { ProcessFacts, SwapFacts } from '../../triage/facts.js';

/** When something was read. */
export interface ReadAt {
  /** Wall clock, ms since 1970; null = not known. */
  timeMs: number | null;
  /** True of this machine, as it is now; false of a look that a trace carries. */
  isNow: boolean;
}

export interface ProcessesNow extends ReadAt {
  /** Names are untrusted. */
  processes: readonly ProcessFacts[];
  /** Devices and files of swap; null = not read. Names are untrusted. */
  swaps: readonly SwapFacts[] | null;
  /** False if only the largest are listed. */
  whole: boolean;
}

export type LimitsNow = ReportLimits & Pick<ReadAt, 'isNow'>;

/** The mappings of one process. */
export interface MappingsNow extends ReadAt {
  pid: number;
  /** Null where they cannot be read; `why` says so. */
  mappings: MappingsFacts | null;
  why: string;
}

/** Each returns null as long as nothing was read; live, asking also begins a reading if the last is some seconds old. */
export interface MachineNow {
  limits(): LimitsNow | null;
  processes(): ProcessesNow | null;
  mappings(pid: number): MappingsNow | null;
}
