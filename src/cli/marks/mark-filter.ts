import { type LoggedMark, markText, markValue } from '../../event/marks/marks.js';
import type { EventsFlags } from '../options/flags.js';

/** True if the flags ask for this event. Who was killed counts like who asked. */
export function passes({ timeNs, mark }: LoggedMark, { kind, pid, comm, from, to }: EventsFlags): boolean {
  if (timeNs < from || timeNs >= to) return false;
  if (kind.length > 0 && !kind.includes(mark.kind)) return false;
  if (pid !== undefined && mark.pid !== pid && markValue(mark, 'victimPid') !== pid) return false;
  return comm === undefined || mark.comm === comm || markText(mark, 'victimComm') === comm;
}
