import { meminfoLines } from '../../src/proc/meminfo.js';
import { type AccountedMachine, type MemoryAccount, memoryAccount } from '../../src/proc/memory-account.js';
import { parseZoneinfo } from '../../src/proc/zoneinfo.js';

export const MACHINE: AccountedMachine = {
  kernel: '6.18.44',
  arch: 'x86_64',
  pageSize: 4096,
  percpuFirstChunkBytes: 0,
  balloonInTotal: false,
};

/** The account of a meminfo, and of a zoneinfo where one is given; null if the first is none. */
export function accountOf(
  meminfo: string,
  zoneinfo = '',
  machine: Partial<AccountedMachine> = {},
): MemoryAccount | null {
  const lines = meminfoLines(meminfo);
  if (lines === null) return null;
  return memoryAccount(7, { meminfo: lines, zones: parseZoneinfo(zoneinfo) }, { ...MACHINE, ...machine });
}
