/** More of rule-cases.ts: cgroups at their limit (R17). */
import { processRow } from './look.js';
import { cgroup, type RuleCase } from './rule-cases.js';

const GIB = 2 ** 30;

const LIMITED = { current: 0.95 * GIB, max: GIB, anon: 0.1 * GIB, file: 0.85 * GIB, inactiveFile: 0.8 * GIB };

export const CGROUP_RULE_CASES: readonly RuleCase[] = [
  {
    rule: 'R17',
    what: 'a cgroup that hits its limit and is killed in now',
    before: {
      secondsAgo: 2,
      tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, current: 0.5 * GIB, oomKills: 0 })] },
    },
    abnormal: {
      tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, current: 0.5 * GIB, maxEvents: 40, oomKills: 3 })] },
    },
    quiet: { tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, current: 0.5 * GIB })] } },
    says: {
      severity: 'limit',
      text: /in the 2s between the looks it hit its limit 40 times, 3 of its processes were killed/,
    },
  },
  {
    rule: 'R17',
    what: 'a cgroup that hits its limit and reclaims its files',
    before: { secondsAgo: 2, tables: { 'table/cgroups': [cgroup('/web', LIMITED)] } },
    abnormal: { tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, maxEvents: 40 })] } },
    quiet: { tables: { 'table/cgroups': [cgroup('/web', LIMITED)] } },
    says: { severity: 'note', text: /it hit its limit 40 times/ },
  },
  {
    rule: 'R17',
    what: 'a cgroup that reads again what it reclaimed',
    before: { secondsAgo: 2, tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, refaults: 1000 })] } },
    abnormal: { tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, refaults: 11_000 })] } },
    quiet: { tables: { 'table/cgroups': [cgroup('/web', { ...LIMITED, refaults: 1500 })] } },
    says: { severity: 'limit', text: /39\.1 MiB that had been reclaimed were read again/ },
  },
  {
    rule: 'R17',
    what: 'what the kernel holds for a cgroup beyond its lines, and its resident memory',
    abnormal: {
      tables: {
        'table/cgroups': [cgroup('/web', { current: GIB, max: 1.01 * GIB, anon: 0.3 * GIB, kernel: 0.5 * GIB })],
        'table/processes': [processRow(8, 'app', { anon: 0.3 * GIB, cgroup: '/web' })],
      },
    },
    quiet: { tables: { 'table/cgroups': [cgroup('/web', { current: 0.5 * GIB, max: 1.01 * GIB })] } },
    says: {
      severity: 'limit',
      text: /other kernel memory 512 MiB, anon 307 MiB[\s\S]*processes have 307 MiB resident\n205 MiB of it is in no line/,
    },
  },
];
