/** What triage says before a ranking, as text. */

import { readLook } from '../../collect/look/read-look.js';
import type { CarriedLook } from '../../event/trace-sink.js';
import { triageText } from '../../export/triage/triage-text.js';
import { carriedLook } from '../../proc/kept-look.js';
import { triageOf } from '../../session/look/triage-looks.js';

const SOURCE = 'this machine';
const COLUMNS = 100;

/** Returns the text of a trace's first look; '' if it has none. Safe to print. */
export function firstLookText([first]: readonly CarriedLook[]): string {
  return first === undefined ? '' : triageText(triageOf([carriedLook(first, SOURCE)]), OPTIONS);
}

/** The same of a look that is taken now: counters can be read where nothing can be traced. */
export async function lookNowText(): Promise<string> {
  return triageText(triageOf([await readLook({ smaps: false })]), OPTIONS);
}

const OPTIONS = { columns: COLUMNS, verbose: false };
