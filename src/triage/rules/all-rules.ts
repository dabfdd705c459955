/** All rules, in the order of their numbers. */
import { cgroupLimits } from './cgroup-limits.js';
import { gap, heldByReference, perCpuLists } from './gap.js';
import { givenAway } from './given-away.js';
import { growth } from './growth.js';
import { oomKills } from './oom-kills.js';
import { percpu } from './percpu.js';
import { oneProcess, pageTables, threads } from './processes.js';
import type { Rule } from './rule.js';
import { idleHugepages, sharedMemory } from './shmem.js';
import { noShortage, swap } from './shortage.js';
import { fileNames, ownerless, unreclaimableSlab } from './slab.js';
import { tableLimits, tcpMemory } from './sockets.js';
import { vmalloc } from './vmalloc.js';
import { imbalance } from './zones.js';

export const RULES: readonly Rule[] = [
  noShortage,
  perCpuLists,
  gap,
  heldByReference,
  unreclaimableSlab,
  fileNames,
  vmalloc,
  percpu,
  pageTables,
  threads,
  sharedMemory,
  idleHugepages,
  oneProcess,
  tcpMemory,
  tableLimits,
  ownerless,
  cgroupLimits,
  swap,
  imbalance,
  oomKills,
  givenAway,
  growth,
];
