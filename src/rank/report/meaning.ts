/** What the totals of a report are, where the trace does not cover all frees, or is no trace (coverage/meaning.ts). */
import { type HeldMeaning, sumMeaning } from '../../coverage/meaning.js';
import { valuesOf } from '../../event/kinds.js';
import { isOfProcesses } from './category.js';
import type { Report } from './report.js';

/** Returns the meaning of all that is held together. */
export function totalMeaning({ outstanding }: Pick<Report, 'outstanding'>): HeldMeaning {
  const held = valuesOf(outstanding).filter(([, { bytes }]) => bytes > 0);
  return sumMeaning(held.map(([, { meaning }]) => meaning));
}

/** True for a side of a diff that holds no events, only what was held at one moment. */
export function isDump(side: Pick<Report, 'events' | 'outstanding'>): boolean {
  return side.events.total === 0 && totalMeaning(side) === 'before';
}

const DUMPS: Readonly<Record<string, string | undefined>> = { page_owner_sort: 'page_owner, sorted' };

/**
 * 'page_owner': the file of which a report was made that has no events, only what was held at one
 * moment; null for a trace. Untrusted text.
 */
export function dumpName({ before, events, source }: Pick<Report, 'before' | 'events' | 'source'>): string | null {
  // A live trace that read an account as it began has a collector of its own.
  const isTrace =
    before === null || events.total > 0 || before.source !== source.collector || isOfProcesses(source.allocators);
  return isTrace ? null : (DUMPS[before.source] ?? before.source);
}
