/**
 * A known amount of memory is taken of each kind, and then the program looks: the first abnormal finding
 * names it, within 2 %, and who holds it. So it must, although no trace saw it taken.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unfreed } from '../../helpers/cli.js';
import { buildLoads, Load, requireRoot } from '../../helpers/live.js';
import { saveSosreport } from '../../helpers/sosreport.js';

const MIB = 2 ** 20;
/** What stays available to everything else on the machine. */
const LEFT_MIB = 6144;
const WITHIN = 0.02;

interface Finding {
  rule: string;
  severity: string;
  item: string;
  bytes: number | null;
  holders: { kind: string; name: string; bytes: number | null }[];
  text: string;
  next: string[];
}

interface Answer {
  equation: { term: string; bytes: number }[];
  findings: Finding[];
}

interface Plant {
  kind: string;
  /** MiB, or the number of cgroups or names. */
  amount: number;
  /** What that takes at most, MiB. */
  mib?: number;
  rule: string;
  severity: string;
  /** Bytes that the same item had before, which the finding counts with it. */
  before: (answer: Answer) => number;
  /** The first holder, by its kind and name. */
  holder: (pid: number) => [kind: string, name: RegExp];
  /** The same of a sosreport of the same moment; absent = it is not made. */
  sos?: (pid: number) => [kind: string, name: RegExp];
}

const term = ({ equation }: Answer, name: string): number => equation.find((each) => each.term === name)?.bytes ?? 0;
const line = (name: string): number =>
  Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
const rest = (answer: Answer): number => term(answer, 'not in meminfo');
const nothing = (): number => 0;

const PLANTS: readonly Plant[] = [
  {
    kind: 'pipes',
    amount: 2048,
    rule: 'R3',
    severity: 'abnormal',
    before: rest,
    holder: (pid) => ['process', new RegExp(`^full pipes: 2,048 pipes of plant \\(pid ${pid}\\)`)],
  },
  {
    kind: 'packet',
    amount: 2048,
    rule: 'R3',
    severity: 'abnormal',
    before: rest,
    holder: (pid) => [
      'process',
      new RegExp(`^rings of packet sockets: \\d+ packet sockets? of plant \\(pid ${pid}\\)`),
    ],
  },
  {
    kind: 'tcp',
    amount: 1100,
    rule: 'R3',
    severity: 'abnormal',
    before: rest,
    holder: (pid) => [
      'process',
      new RegExp(`^data in queues of (TCP )?sockets: [\\d,]+ (TCP )?sockets of plant \\(pid ${pid}\\)`),
    ],
  },
  {
    kind: 'tmpfs',
    amount: 3072,
    rule: 'R11',
    severity: 'large',
    before: () => line('Shmem'),
    holder: (pid) => ['mount', new RegExp(`^/mnt of ${pid} plant$`)],
  },
  {
    kind: 'memfd',
    amount: 3072,
    rule: 'R11',
    severity: 'large',
    before: () => line('Shmem'),
    holder: (pid) => ['segment', new RegExp(`^memfd of ${pid} plant$`)],
  },
  {
    kind: 'sysv',
    amount: 3072,
    rule: 'R11',
    severity: 'large',
    before: () => line('Shmem'),
    holder: (pid) => ['segment', new RegExp(`^SysV segment 0x\\w+, id \\d+ of ${pid} plant$`)],
    sos: (pid) => ['segment', new RegExp(`^SysV segment \\d+ of ${pid} plant$`)],
  },
  {
    kind: 'tables',
    amount: 1536,
    rule: 'R9',
    severity: 'large',
    before: () => line('PageTables'),
    holder: (pid) => ['process', new RegExp(`^${pid} plant$`)],
  },
  {
    kind: 'hugetlb',
    amount: 3072,
    rule: 'R12',
    severity: 'abnormal',
    before: nothing,
    holder: () => ['zone', /^1,\d{3} pages of 2\.00 MiB$/],
    sos: () => ['zone', /^1,\d{3} pages of 2\.00 MiB$/],
  },
  {
    kind: 'bpf',
    amount: 2560,
    rule: 'R7',
    severity: 'large',
    before: (answer) => term(answer, 'vmalloc without stacks'),
    holder: (pid) => ['map', new RegExp(`^BPF map array planted of ${pid} plant$`)],
    // Without the right to load a program, bpftool does not tell whose they are.
    sos: () => ['map', /^BPF map array planted/],
  },
  {
    kind: 'anon',
    amount: 6400,
    rule: 'R13',
    severity: 'large',
    before: nothing,
    holder: (pid) => ['process', new RegExp(`^${pid} plant$`)],
    sos: (pid) => ['process', new RegExp(`^${pid} plant$`)],
  },
];

let load: Load | null = null;
let folder = '';
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
  if (folder !== '') rmSync(folder, { recursive: true });
  folder = '';
});

/** Takes memory; resolves to what it is, bytes, and who has it. */
async function plant(mib: number, program: 'plant' | 'hold-unmapped', ...args: string[]): Promise<[number, number]> {
  const available = line('MemAvailable') / MIB;
  if (available - mib < LEFT_MIB)
    throw new Error(`${mib} MiB would leave less than 6 GiB of ${available.toFixed()} MiB`);
  load = await Load.start(program, ...args);
  const { objects, truth } = await load.hold();
  return [objects?.[0].bytes ?? truth?.[0].bytes ?? 0, load.pid];
}

/** Runs the program; resolves to what it says, and to the first of it that is abnormal. */
async function look(...args: string[]): Promise<Answer & { first: Finding | undefined; code: number | null }> {
  const { code, stdout, stderr } = await unfreed(['triage', '--json', ...args]);
  if (code !== 0 && code !== 3) throw new Error(`triage: ${code}\n${stderr}`);
  const answer = JSON.parse(stdout) as Answer;
  const first = answer.findings.find(({ severity }) => severity !== 'fine' && severity !== 'note');
  return { ...answer, first, code };
}

function expectAbout(bytes: number | null | undefined, wanted: number): void {
  expect(Math.abs((bytes ?? 0) / wanted - 1), `${bytes} beside ${wanted}`).toBeLessThan(WITHIN);
}

// The counters are those of the whole machine, so whoever else works on it disturbs: hence the retries.
describe('memory that was taken before the look', () => {
  it('nothing: there is no finding but notes, and the exit code is 0', { retry: 2 }, async () => {
    const { findings, code } = await look();
    expect(findings.map(({ rule }) => rule)).toContain('R1');
    expect(findings.filter(({ severity }) => severity !== 'fine' && severity !== 'note')).toEqual([]);
    expect(code).toBe(0);
  });

  it.each(PLANTS)('$kind: $rule', { retry: 2 }, async ({ kind, amount, mib = amount, before, ...says }) => {
    const had = before(await look('--quick'));
    const [taken, pid] = await plant(mib, 'plant', kind, String(amount));
    const looks = [{ ...(await look()), wanted: says.holder(pid) }];
    if (says.sos !== undefined) {
      folder = mkdtempSync(join(tmpdir(), 'unfreed-sos-'));
      saveSosreport(join(folder, 'sosreport-here'));
      looks.push({ ...(await look(folder)), wanted: says.sos(pid) });
    }
    for (const { first, code, wanted } of looks) {
      expect(code).toBe(3);
      expect(first).toMatchObject({ rule: says.rule, severity: says.severity });
      expectAbout(first?.bytes, taken + had);
      const holder = first?.holders[0];
      expect(holder?.kind).toBe(wanted[0]);
      expect(holder?.name).toMatch(wanted[1]);
      expectAbout(holder?.bytes, taken);
    }
  });

  it('vmsplice: R4, although no process maps it', { retry: 2 }, async () => {
    const had = term(await look('--quick'), 'held by a reference');
    const [taken, pid] = await plant(2048, 'hold-unmapped', '2048');
    const { first, code } = await look();
    expect(code).toBe(3);
    expect(first).toMatchObject({ rule: 'R4', severity: 'abnormal' });
    expectAbout(first?.bytes, taken + had);
    expect(first?.holders[0].name).toMatch(
      new RegExp(`moved into pipes .*: 2,048 pipes of hold-unmapped \\(pid ${pid}\\)`),
    );
  });

  it('removed cgroups: R8, by their number', { retry: 2 }, async () => {
    const percpu = line('Percpu');
    const had = dying();
    await plant(256, 'plant', 'cgroups', '4000');
    const { first, code } = await look();
    expect(code).toBe(3);
    expect(first).toMatchObject({ rule: 'R8', severity: 'abnormal', item: 'removed cgroups' });
    expect(dying() - had).toBeGreaterThanOrEqual(4000 * (1 - WITHIN));
    const told = Number(/^([\d,]+) removed cgroups$/.exec(first?.holders[0].name ?? '')?.[1].replaceAll(',', ''));
    expectAbout(told, 4000 + had);
    // Each has counters on every CPU.
    expect(line('Percpu') - percpu).toBeGreaterThan(4000 * 1024);
  });

  it('negative dentries: R6', { retry: 2 }, async () => {
    const had = negative();
    await plant(1024, 'plant', 'dentries', '3000000');
    const { first, code } = await look();
    expect(code).toBe(3);
    expect(first).toMatchObject({ rule: 'R6', severity: 'reclaimable', item: 'negative dentries' });
    expectAbout(first?.bytes, (3_000_000 + had) * dentryBytes());
    expect(first?.holders).toMatchObject([{ kind: 'cache', name: 'dentry' }]);
  });
});

/** Memory cgroups that have no directory any more: what the kernel counts beside what is there. */
function dying(): number {
  const counted = Number(/^memory\t\d+\t(\d+)/m.exec(readFileSync('/proc/cgroups', 'utf8'))?.[1]);
  const tree = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
  const folders = execFileSync('find', [tree, '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
  return counted - folders.length;
}

function negative(): number {
  return Number(readFileSync('/proc/sys/fs/dentry-state', 'utf8').split('\t')[4]);
}

function dentryBytes(): number {
  return Number(/^dentry +\d+ +\d+ +(\d+)/m.exec(readFileSync('/proc/slabinfo', 'utf8'))?.[1]);
}
