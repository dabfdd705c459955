/** All rules, in the order of their numbers. */

import type { Rule } from '../rule.js';
import { cgroupLimits } from './cgroup-limits.js';
import { gap, heldByReference, perCpuLists } from './gap/gap.js';
import { givenAway } from './gap/given-away.js';
import { growth } from './growth.js';
import { oomKills } from './oom.js';
import { owners, restOfShort, withoutMachine } from './partial.js';
import { pastReclaim, pastSwapping } from './past.js';
import { percpu } from './percpu.js';
import { oneProcess, pageTables, threads } from './processes.js';
import { idleHugepages, sharedMemory } from './shmem.js';
import { noShortage, swap } from './shortage.js';
import { unreclaimableSlab } from './slab.js';
import { fileNames, ownerless } from './slab-objects.js';
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

/** The same numbers for texts that tell a part: a dump of owners, a short meminfo, a history. */
export const RULES_OF_PARTS: readonly Rule[] = [owners, restOfShort, withoutMachine, pastReclaim, pastSwapping];
