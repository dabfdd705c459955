/** Marks as aligned columns: when, what, who, and in words. */
import { padText, padTextLeft, safeText } from '../../base/safe-text.js';
import { markWords } from '../../event/marks/mark-words.js';
import type { LoggedMark } from '../../event/marks/marks.js';

const TIME_COLUMNS = 12;
/** cgroup-released, module-unloaded */
const KIND_COLUMNS = 15;
const PID_COLUMNS = 7;
const COMM_COLUMNS = 15;

export const EVENTS_HEAD = `${padTextLeft('TIME(s)', TIME_COLUMNS)}  ${padText('EVENT', KIND_COLUMNS)} ${padTextLeft('PID', PID_COLUMNS)}  ${padText('COMMAND', COMM_COLUMNS)}  WHAT`;

/** One line, without its end. */
export function eventLine({ timeNs, mark }: LoggedMark): string {
  const pid = mark.pid === 0 ? '-' : String(mark.pid);
  const comm = mark.comm === '' ? '-' : safeText(mark.comm);
  return [
    `${padTextLeft((timeNs / 1e9).toFixed(6), TIME_COLUMNS)}  ${padText(mark.kind, KIND_COLUMNS)} ${padTextLeft(pid, PID_COLUMNS)}`,
    padText(comm, COMM_COLUMNS),
    safeText(markWords(mark)),
  ].join('  ');
}
