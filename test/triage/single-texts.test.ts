/** A single text, of whatever tool, is judged with what it has; nothing is called fine that it cannot show. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/collect/bundle/read-bundle.js';
import { triageJson } from '../../src/export/triage/triage-json.js';
import { triageText } from '../../src/export/triage/triage-text.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageReport } from '../../src/triage/report.js';
import { looks, wide } from '../helpers/single-text.js';

const FOLDER = join(import.meta.dirname, 'texts');
const isValid = new Ajv({ allErrors: true }).compile(
  JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'src/export/triage/triage.schema.json'), 'utf8'),
  ) as object,
);

async function reportOf(file: string): Promise<TriageReport> {
  return triageOf(await readBundle(join(FOLDER, file)));
}

interface Judged {
  file: string;
  rule: string;
  severity: string;
  /** In the text of the finding. */
  says: RegExp;
  /** Names of holders that it must have. */
  holders: string[];
}

const JUDGED: Judged[] = [
  {
    file: 'slabtop.txt',
    rule: 'R5',
    severity: 'note',
    says: /33 slab caches hold 597 MiB.*MemTotal was not read/,
    holders: ['ext4_inode_cache', 'dentry'],
  },
  { file: 'slabinfo.txt', rule: 'R5', severity: 'note', says: /slab caches hold/, holders: ['ext4_inode_cache'] },
  {
    file: 'kmem-s.txt',
    rule: 'R5',
    severity: 'large',
    says: /36\.1 GiB; of how much memory is not known/,
    holders: ['kmalloc-64'],
  },
  {
    file: 'kmem-i.txt',
    rule: 'R3',
    severity: 'note',
    says: /^17\.3 GiB \(14%\) are in none of the figures of kmem -i .*Hugetlb 37\.0 GiB/,
    holders: [],
  },
  {
    file: 'vmallocinfo.txt',
    rule: 'R7',
    severity: 'note',
    says: /83 vmalloc areas hold 12\.0 MiB/,
    holders: ['htab_map_alloc', 'pcpu_create_chunk'],
  },
  {
    file: 'oom-of-cgroup.txt',
    rule: 'R20',
    severity: 'limit',
    says: /cgroup \/lookplant\/c7: it used 100 MiB of 100 MiB; it met the limit 75 times \(anon 99\.8 MiB\)/,
    holders: ['/lookplant/c7', '22217 python3'],
  },
  {
    file: 'oom-tasks-of-cgroup.txt',
    rule: 'R20',
    severity: 'limit',
    says: /for the limit of the cgroup \/lookplant\/c7/,
    holders: ['/lookplant/c7', '22217 python3'],
  },
  {
    file: 'oom-slab.txt',
    rule: 'R20',
    severity: 'limit',
    says: /2 slab caches have 36\.1 GiB, most of it kmalloc-64/,
    holders: ['kmalloc-64', 'task_struct'],
  },
  {
    file: 'oom-allocations.txt',
    rule: 'R20',
    severity: 'limit',
    says: /5 lines of code have 127 MiB/,
    holders: ['drivers/block/xen-blkfront.c:322 [xen_blkfront] func:fill_grant_buffer'],
  },
  {
    file: 'page-owner-sorted.txt',
    rule: 'R3',
    severity: 'note',
    says: /4 largest call paths of page_owner have 5\.16 GiB/,
    holders: ['dma_generic_alloc_coherent < ttm_dma_populate [ttm] < radeon_ttm_tt_populate [radeon]'],
  },
  {
    file: 'page-owner-stacks.txt',
    rule: 'R3',
    severity: 'note',
    says: /3 largest call paths of page_owner/,
    holders: ['my_dma_ring [my_nic]'],
  },
  {
    file: 'allocinfo.txt',
    rule: 'R3',
    severity: 'note',
    says: /8 largest lines of code of allocinfo/,
    holders: ['ice_alloc_mapped_page (drivers/net/ethernet/intel/ice/ice_txrx.c:681) [ice]'],
  },
  {
    file: 'ps.txt',
    rule: 'R13',
    severity: 'note',
    says: /^7 processes have 9\d\d MiB resident, most of it 1629 tsgolint/,
    holders: ['1629 tsgolint'],
  },
  {
    file: 'vmstat-m.txt',
    rule: 'R5',
    severity: 'note',
    says: /ext4_inode_cache 3\d\d MiB/,
    holders: ['ext4_inode_cache', 'dentry'],
  },
  { file: 'slabinfo-no-head.txt', rule: 'R5', severity: 'note', says: /28 slab caches/, holders: [] },
  {
    file: 'memory-stat.txt',
    rule: 'R17',
    severity: 'note',
    says: /^The cgroup has 5\.37 GiB: files 5\.02 GiB, anon 349 MiB/,
    holders: ['/(not named)'],
  },
];

describe('a single text', () => {
  it.each(JUDGED)(
    '$file has a finding with its figures and holders',
    async ({ file, rule, severity, says, holders }) => {
      const report = await reportOf(file);
      const [first] = report.findings;
      expect(first).toMatchObject({ rule, severity });
      expect(first.text).toMatch(says);
      expect(first.holders.map(({ name }) => name)).toEqual(expect.arrayContaining(holders));
      expect(first.next.length).toBeGreaterThan(0);
    },
  );

  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  it.each(files)('%s keeps the schema, and speaks of it as a reader would', async (file) => {
    const report = await reportOf(file);
    const value: unknown = JSON.parse(triageJson(report));
    expect(isValid(value) ? [] : isValid.errors).toEqual([]);
    const text = triageText(report, { columns: 100, verbose: true });
    // Names of our own tables, and reasons of a machine that is not at hand, say nothing to a reader.
    expect(text).not.toMatch(/\b(?:table|command|sections|report)\/|root only|(?:^|[ :])(?:proc|sys)\/\w/m);
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it.each(files.filter((file) => !/^(?:sar-(?:r|human)|top|free|vmstat-s)/.test(file)))(
    '%s is not called free of shortage',
    async (file) => {
      const report = await reportOf(file);
      expect(report.findings.filter(({ severity }) => severity === 'fine')).toEqual([]);
      expect(wide(report)).not.toMatch(/No shortage|Nothing abnormal\./);
    },
  );

  it.each([
    ['top.txt', 'top', 0.001],
    ['free-h.txt', 'free', 0.05],
    ['vmstat-s.txt', 'vmstat -s', 0.000_001],
  ])('%s has MemTotal, and what is available', async (file, by, near) => {
    const { machine, findings } = await reportOf(file);
    expect(machine.meminfoBy).toBe(by);
    expect(Math.abs(machine.totalBytes / (24_684_084 * 1024) - 1)).toBeLessThan(near);
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['R1', 'fine'],
      ['R3', 'note'],
    ]);
  });

  it('of /proc/zoneinfo is one look, whatever counters its zones have', async () => {
    expect((await reportOf('zoneinfo.txt')).machine).toMatchObject({ looks: 1, cpus: 2 });
  });

  it('says nothing fine of what it lacks', async () => {
    for (const file of ['ps.txt', 'memory-stat.txt', 'slabtop.txt', 'vmallocinfo.txt', 'free-h.txt']) {
      const { fine } = await reportOf(file);
      expect([file, ...fine.filter((about) => !['swap', 'shared memory'].includes(about))]).toEqual([file]);
    }
  });

  it('of page_owner or allocinfo names the command that reads it whole', async () => {
    for (const file of ['allocinfo.txt', 'page-owner-stacks.txt']) {
      const path = join(FOLDER, file);
      expect((await reportOf(file)).findings[0].next).toEqual([`unfreed top ${path}`, `unfreed diff ${path} LATER`]);
    }
  });
});

describe('a kill in a cgroup', () => {
  const lines = readFileSync(join(FOLDER, 'oom-of-cgroup.txt'), 'utf8').trim().split('\n');
  it.each<[string, (text: string) => string]>([
    ['dmesg -T', (text) => `[Mon Mar  2 10:00:00 2026] ${text}`],
    ['dmesg -r', (text) => `<4>[  200.500000] ${text}`],
    ['syslog', (text) => `Mar  2 10:00:00 db-17 kernel: [  200.500000] ${text}`],
    ['journalctl -k', (text) => `Mar 02 10:00:00 db-17 kernel: ${text}`],
    ['journalctl -k -o short-iso', (text) => `2026-03-02T10:00:00+00:00 db-17 kernel: ${text}`],
    ['a tracker, indented', (text) => `    [  200.500000] ${text}`],
    ['a mailer, quoted', (text) => `> [  200.500000] ${text}`],
    ['nothing in front', (text) => text],
  ])('is read as %s prints it, whole, and from the table of tasks on', (_, dress) => {
    const dressed = lines.map((line) => dress(line.replace(/^\[[\d. ]+\] ?/, '')));
    const tasks = dressed.findIndex((line) => line.includes('pid  ]'));
    for (const part of [dressed, dressed.slice(tasks)]) {
      const [finding] = triageOf(looks(`${part.join('\n')}\n`)).findings;
      expect(finding.text).toMatch(/^1 OOM kill in the log: killed python3 22217 .* the cgroup \/lookplant\/c7/);
      expect(finding.holders.map(({ name }) => name)).toEqual(['/lookplant/c7', '22217 python3']);
    }
  });

  it('is named beside others, with the columns of 4.18 and of version 2', () => {
    const text = `[13449.62] Task in /docker/a killed as a result of limit of /docker/a
[13449.62] memory: usage 53824kB, limit 102400kB, failcnt 20427
[13449.62] memory+swap: usage 204800kB, limit 204800kB, failcnt 608
[13449.62] Memory cgroup stats for /docker/a: cache:64KB rss:53760KB swap:150976KB inactive_anon:37708KB
[13449.62] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[13449.62] [14720]     0 14720     67404    13440      14      119             0 stress
[13449.62] Memory cgroup out of memory: Kill process 14720 (stress) score 900 or sacrifice child
[13449.62] Killed process 14720 (stress) total-vm:269616kB, anon-rss:53760kB, file-rss:0kB
`;
    const [finding] = triageOf(looks(text)).findings;
    expect(finding.text).toMatch(
      /52\.6 MiB of 100 MiB, and with swap 200 MiB of 200 MiB; it met the limit 20,427 times \(anon 52\.5 MiB, swap 147 MiB\)/,
    );
    expect(finding.holders.map(({ name }) => name)).toEqual(['/docker/a', '14720 stress']);
  });
});
