import { describe, expect, it } from 'vitest';
import type { CarriedLook } from '../../../src/event/trace-sink.js';
import { keptLook } from '../../../src/proc/kept-look.js';
import { LookedMachine } from '../../../src/session/look/look-processes.js';
import { type LookParts, lookAt, processRow } from '../../helpers/look.js';

const look = (parts: LookParts): CarriedLook => keptLook(lookAt(parts));
const SWAPS = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/sda2 partition\t1024\t\t512\t\t-2\n';

describe('LookedMachine', () => {
  const first = look({ timeMs: 1000, tables: { 'table/processes': [processRow(7, 'java', { anon: 4096 })] } });
  const last = look({
    timeMs: 2000,
    texts: { 'proc/swaps': SWAPS },
    tables: { 'table/processes': [processRow(7, 'java', { anon: 8192 }), processRow(8, 'sh')] },
  });
  const empty = look({ timeMs: 3000, tables: { 'table/processes': [] } });

  it('tells what the newest look so far tells, with its time', () => {
    let looks: CarriedLook[] = [];
    const machine = new LookedMachine(() => looks);
    expect([machine.processes(), machine.limits()]).toEqual([null, null]);
    looks = [first];
    expect(machine.processes()).toMatchObject({
      timeMs: 1000,
      isNow: false,
      swaps: null,
      processes: [{ rssAnon: 4096 }],
    });
    looks = [first, last];
    const now = machine.processes();
    expect(now).toMatchObject({ timeMs: 2000, swaps: [{ device: '/dev/sda2', size: 1 << 20, used: 1 << 19 }] });
    expect(now?.processes.map(({ rssAnon }) => rssAnon)).toEqual([8192, 0]);
    // A replay goes back, too.
    looks = [first];
    expect(machine.processes()?.timeMs).toBe(1000);
  });

  it('takes the processes of an earlier look where the newest had no time for them', () => {
    expect(new LookedMachine(() => [first, empty]).processes()?.timeMs).toBe(1000);
  });

  it('has no mappings, and says why', () => {
    expect(new LookedMachine(() => [first]).mappings(7)).toMatchObject({
      pid: 7,
      mappings: null,
      isNow: false,
      timeMs: 1000,
    });
  });
});
