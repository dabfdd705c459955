/** Damage in words, for whoever shows it: what could not be read, of what time, and what that costs. */
import { formatClock, formatCount } from '../../base/format.js';
import type { Damage } from '../../event/damage.js';

/** Damages told one by one. */
const SHOWN = 5;

/** 'damaged in 2 places, 1,234 events lost'. '' when nothing is. */
export function damageSentence(damagedSpans: readonly Damage[], count: number): string {
  if (count === 0) return '';
  const events = damagedSpans.reduce((sum, damage) => sum + damage.events, 0);
  const places = count === 1 ? 'one place' : `${formatCount(count)} places`;
  const first = damagedSpans[0];
  const span = count === 1 && first !== undefined ? ` ${damageSpan(first)}` : '';
  return `damaged in ${places}${span}, ${events === 0 ? 'no event known to be lost' : `${formatCount(events)} events lost`}`;
}

/** A line for each damage, as many as are worth reading. */
export function damageLines(damagedSpans: readonly Damage[], count: number): string[] {
  const lines = damagedSpans.slice(0, SHOWN).map((damage) => {
    const events = damage.events === 0 ? '' : `${formatCount(damage.events)} events, `;
    return `${damageSpan(damage)}: ${events}${damage.reason} (byte ${damage.byteOffset})`;
  });
  if (count > lines.length) lines.push(`… ${formatCount(count - lines.length)} more`);
  return lines;
}

/** 'from 00:00:01.203 to 00:00:02.204', or 'at ...'. */
export function damageSpan({ fromNs, toNs }: Damage): string {
  if (fromNs >= toNs) return `at ${formatMoment(toNs)}`;
  return `from ${formatMoment(fromNs)} to ${formatMoment(toNs)}`;
}

/** '00:00:01.203'. */
export function formatMoment(ns: number): string {
  const ms = Math.floor(Math.max(0, ns) / 1e6);
  return `${formatClock(ns)}.${(ms % 1000).toString().padStart(3, '0')}`;
}
