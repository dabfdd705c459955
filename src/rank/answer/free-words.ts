/** Where memory is usually freed, in words. Names are untrusted. */
import { formatCount, formatDuration, formatShare } from '../../base/format.js';
import type { FreePath, TypicalFree } from '../report/free-sites.js';

/** With fewer frees in the sample nothing is usual. */
const FEW = 10;
const HALF = 0.5;

/**
 * 'usually freed by sock_release within 2.10ms; these 900 never', or what else is known of frees: in
 * fewer than ten, or by many functions.
 */
export function freeSentence(free: TypicalFree): string {
  const { samples, withinNs, share, otherFunctions, heldLonger } = free;
  const within = `within ${formatDuration(withinNs)}`;
  const never = heldLonger === 0 ? '' : `; these ${formatCount(heldLonger)} never`;
  const by = freedBy(free);
  if (samples < FEW) {
    const seen = samples === 1 ? 'the one free seen' : `${Math.round(share * samples)} of ${samples} frees seen`;
    return `freed by ${by} in ${seen}, ${within}${never}`;
  }
  if (share >= HALF) return `usually freed by ${by} ${within}${never}`;
  const others = otherFunctions.slice(0, 1).map((other) => `, ${other.function} (${formatShare(other.share, 1)})`);
  return `freed by ${by} (${formatShare(share, 1)})${others.join('')} and others, ${within}${never}`;
}

/** 'sock_release', 'an RCU callback after a grace period', 'drain [driver] on another CPU'. */
export function freedBy({
  function: name,
  module,
  afterGracePeriod,
  otherCpuShare,
}: Pick<FreePath, 'function' | 'module' | 'afterGracePeriod' | 'otherCpuShare'>): string {
  const unnamed = afterGracePeriod ? 'RCU' : 'the allocator itself';
  const code = name === null ? unnamed : module === null ? name : `${name} [${module}]`;
  const cpu = otherCpuShare !== null && otherCpuShare >= HALF ? ' on another CPU' : '';
  return `${code}${afterGracePeriod ? ' after a grace period' : ''}${cpu}`;
}
