/**
 * Counters that meet a limit, as gauges: those of the machine, of cgroups and of file systems in memory. One is there
 * only if its use and its limit are both known.
 */
import type { CgroupFacts, Facts, LimitFacts, MountFacts } from '../facts.js';
import type { Gauge, Gauges } from '../report.js';
import { NEAR_SHARE } from '../words.js';

/** A machine may have 100,000 cgroups with a limit, and a mount for each: of either so many are listed. */
const MOST_OF_A_KIND = 40;
/** A bound from which TCP slows down, not one where it ends: rule R14 judges it. */
const NO_LIMIT: readonly string[] = ['tcp_mem pressure'];
/** Beyond this a limit of version 1 stands for none: LONG_MAX, rounded down to pages. */
const UNLIMITED = 2 ** 53;

export function gaugesOf(facts: Facts): Gauges {
  const { limits, cgroups, mounts, machine } = facts;
  const ofMachine = (limits ?? []).flatMap((limit) => machineGauge(limit, machine.pageSize));
  const ofCgroups = fullest((cgroups ?? []).flatMap(cgroupGauge));
  const ofMounts = fullest((mounts ?? []).flatMap(mountGauge));
  return {
    gauges: [...ofMachine, ...ofCgroups.gauges, ...ofMounts.gauges].toSorted(byShare),
    more: ofCgroups.more + ofMounts.more,
  };
}

type Amounts = Pick<Gauge, 'name' | 'used' | 'limit' | 'unit'> & Partial<Pick<Gauge, 'of' | 'reclaimable' | 'holder'>>;

function gauge({ name, of = '', used, limit, unit, reclaimable = null, holder = '' }: Amounts): Gauge[] {
  if (!(limit > 0 && limit < UNLIMITED)) return [];
  const share = used / limit;
  return [{ name, of, used, limit, unit, share, near: share >= NEAR_SHARE, reclaimable, holder, readMs: null }];
}

function machineGauge({ name, used, max, unit, holder }: LimitFacts, pageSize: number): Gauge[] {
  if (used === null || NO_LIMIT.includes(name)) return [];
  if (unit === 'pages') return gauge({ name, used: used * pageSize, limit: max * pageSize, unit: 'bytes', holder });
  return gauge({ name, used, limit: max, unit, holder });
}

function cgroupGauge({ path, version, current, max, inactiveFile }: CgroupFacts): Gauge[] {
  if (max === null) return [];
  const name = version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
  const reclaimable = inactiveFile > 0 ? Math.min(inactiveFile, current) : null;
  return gauge({ name, of: path, used: current, limit: max, unit: 'bytes', reclaimable });
}

/** A pool of huge pages that a mount may take all of has no size of its own. */
function mountGauge({ path, type, used, size, processName, pid }: MountFacts): Gauge[] {
  if (used === 0 || (type !== 'tmpfs' && type !== 'hugetlbfs')) return [];
  const holder = processName === '' ? '' : `${pid} ${processName}`;
  return gauge({ name: `${type} size`, of: path, used, limit: size, unit: 'bytes', holder });
}

function fullest(gauges: readonly Gauge[]): Gauges {
  const kept = gauges.toSorted(byShare).slice(0, MOST_OF_A_KIND);
  return { gauges: kept, more: gauges.length - kept.length };
}

function byShare(one: Gauge, other: Gauge): number {
  return other.share - one.share;
}
