/** Damage in words: which spans of a recording could not be read, and how many events were lost there. */
import { formatClock, formatCount } from '../../base/format.js';
import type { Damage } from '../../event/damage.js';

/** Damaged spans that get a line of their own. */
const SHOWN = 5;

/**
 * Returns 'damaged in 2 places, 1,234 events lost'; '' if nothing is damaged. `count` counts all
 * spans, `damagedSpans` are the first ones.
 */
export function damageSentence(damagedSpans: readonly Damage[], count: number): string {
  if (count === 0) return '';
  const events = damagedSpans.reduce((sum, damage) => sum + damage.events, 0);
  const places = count === 1 ? 'one place' : `${formatCount(count)} places`;
  const first = damagedSpans[0];
  const span = count === 1 && first !== undefined ? ` ${damageSpan(first)}` : '';
  return `damaged in ${places}${span}, ${events === 0 ? 'no event known to be lost' : `${formatCount(events)} events lost`}`;
}

/** Returns a line for each of the first SHOWN damaged spans, and one that counts the others. */
export function damageLines(damagedSpans: readonly Damage[], count: number): string[] {
  const lines = damagedSpans.slice(0, SHOWN).map((damage) => {
    const events = damage.events === 0 ? '' : `${formatCount(damage.events)} events, `;
    return `${damageSpan(damage)}: ${events}${damage.reason} (byte ${damage.byteOffset})`;
  });
  if (count > lines.length) lines.push(`… ${formatCount(count - lines.length)} more`);
  return lines;
}

/** Returns 'from 00:00:01.203 to 00:00:02.204', or 'at ...' for a span without length. */
export function damageSpan({ fromNs, toNs }: Damage): string {
  if (fromNs >= toNs) return `at ${formatMoment(toNs)}`;
  return `from ${formatMoment(fromNs)} to ${formatMoment(toNs)}`;
}

/** Returns a time in ns as '00:00:01.203'. */
export function formatMoment(ns: number): string {
  const ms = Math.floor(Math.max(0, ns) / 1e6);
  return `${formatClock(ns)}.${(ms % 1000).toString().padStart(3, '0')}`;
}
