/** Each rule on a look that is just abnormal enough, and one that is not. */
import { describe, expect, it } from 'vitest';
import { triageOf } from '../../src/session/look/triage-looks.js';
import type { TriageFinding } from '../../src/triage/report.js';
import { RULES } from '../../src/triage/rules/all-rules.js';
import { type LookParts, lookAt, processRow } from '../helpers/look.js';
import { MORE_RULE_CASES, zoneinfo } from '../helpers/more-rule-cases.js';
import { cgroup, RULE_CASES } from '../helpers/rule-cases.js';

const GIB = 2 ** 30;

const NOW_MS = 1_780_000_000_000;

/** The finding of a rule on a look; undefined if there is none. `before`: an earlier look at the same machine. */
function found(rule: string, parts: LookParts, before?: LookParts & { secondsAgo: number }): TriageFinding | undefined {
  const looks = [lookAt({ timeMs: NOW_MS, ...parts })];
  if (before !== undefined) looks.unshift(lookAt({ ...before, timeMs: NOW_MS - before.secondsAgo * 1000 }));
  return triageOf(looks).findings.find((finding) => finding.rule === rule);
}

describe('the rules', () => {
  it.each([...RULE_CASES, ...MORE_RULE_CASES])('$rule tells $what, and is silent below its bound', (one) => {
    const { rule, abnormal, quiet, before, says } = one;
    const finding = found(rule, abnormal, before);
    expect(finding?.severity).toBe(says.severity);
    if (says.bytes !== undefined) expect(Math.abs((finding?.bytes ?? 0) / says.bytes - 1)).toBeLessThan(0.02);
    if (says.holder !== undefined)
      expect(finding?.holders.map(({ name }) => name).join('\n')).toMatch(new RegExp(says.holder.source, 'm'));
    if (says.next !== undefined) expect(finding?.next.join('\n')).toMatch(says.next);
    if (says.text !== undefined) expect(`${finding?.text}\n${finding?.details.join('\n')}`).toMatch(says.text);
    expect(finding?.next.length).toBeGreaterThan(0);
    expect(found(rule, quiet, before)).toBeUndefined();
  });

  it('say where the files of a container can be seen', () => {
    const parts = {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: {
        'table/mounts': [['/dev/shm', 'tmpfs', '0:25', 31, 2.5 * GIB, 8 * GIB, 3, 0, 'db']],
        'table/shmem': [],
      },
    };
    expect(found('R11', parts)?.next[0]).toBe('du -xh --max-depth=2 /proc/31/root/dev/shm | sort -h | tail');
  });

  it('find nothing on a quiet machine but that there is no shortage', () => {
    expect(triageOf([lookAt()]).findings.map(({ rule, severity }) => [rule, severity])).toEqual([['R1', 'fine']]);
  });

  it('tell memory that is not plugged in once, though its pages are present', () => {
    const texts = { 'proc/zoneinfo': zoneinfo({ present: 16.3, managed: 10, free: 4 }) };
    const report = triageOf([lookAt({ texts })]);
    expect(report.findings.filter(({ rule }) => rule === 'R21').map(({ item }) => item)).toEqual([
      'memory not plugged in',
    ]);
    expect(report.outside.map(({ term, bytes }) => [term, bytes / GIB])).toEqual([
      ['records of pages', expect.closeTo(16.3 / 64, 2)],
      ['kept at boot', expect.closeTo(0.3 - 16.3 / 64, 2)],
      ['not plugged in yet', 6],
    ]);
  });

  it('do not say that nothing holds it where nobody looked', () => {
    expect(found('R3', { gap: 4 })?.text).toMatch(/Who may hold it was not read/);
    const parts: LookParts = {
      gap: 4,
      texts: { 'proc/vmallocinfo': '0x1-0x2 8192 other+0x1/0x2 pages=1 vmalloc\n' },
      tables: { 'table/processes': [processRow(4, 'other', { pipes: 2 })], 'table/sockets': [] },
    };
    expect(found('R3', parts)?.text).toMatch(/Nothing that can be counted explains it/);
    const notRead = [{ what: 'open descriptors', why: 'took too long: of the 3 largest of 9 processes alone' }];
    expect(found('R3', { ...parts, notRead })?.text).toMatch(/What was read does not explain it/);
  });

  it('call memory short when little is available', () => {
    const short = { gib: { AnonPages: 11.5, MemAvailable: 0.5 } };
    expect(found('R1', short)?.severity).toBe('limit');
    expect(found('R1', { gib: { AnonPages: 11, MemAvailable: 3.3 } })?.severity).toBe('fine');
  });

  it('judge the cgroups alone where another program writes meminfo', () => {
    const machine = [['pod', '6.1.0', 'x86_64', '', 4096, 4, 100, 0, 0, 'lxcfs']];
    const report = triageOf([
      lookAt({
        gap: 4,
        tables: {
          'table/machine': machine,
          'table/cgroups': [cgroup('/app', { current: GIB, max: GIB, anon: GIB, oomKills: 2 })],
        },
      }),
    ]);
    expect(report.findings.map(({ rule }) => rule)).toEqual(['R17']);
  });

  it('each have a number and something to say that they judge', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    expect(RULES.map(({ id }) => Number(id.slice(1))).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 22 }, (_, i) => i + 1),
    );
  });

  it('call it fine where kills were for limits of cgroups, with or without a log that says so', () => {
    const vmstat = 'allocstall_normal 0\noom_kill 3\npgfree 1\n';
    const unread = [{ what: 'log/kernel', why: 'root only' }];
    const ordinary = found('R1', { texts: { 'proc/vmstat': vmstat }, notRead: unread });
    expect(ordinary?.severity).toBe('fine');
    expect(ordinary?.text).toMatch(/3 OOM kills since boot: for limits of cgroups.*could not be read \(root only\)/);
    const rotated = found('R1', { texts: { 'proc/vmstat': vmstat, 'log/kernel': '[1.5] Linux version 6.12\n' } });
    expect(rotated?.text).toMatch(/log does not have them any more/);
    // A task that had to free memory itself may have led to a kill for the machine, and so may a text without these counters.
    for (const counters of ['allocstall_normal 7\noom_kill 3\npgfree 1\n', 'oom_kill 3\npgfree 1\npgalloc_dma 1\n']) {
      expect(found('R1', { texts: { 'proc/vmstat': counters }, notRead: unread })).toBeUndefined();
    }
  });

  it('say both figures where threads and their stacks differ, and one where they do not', () => {
    const tables = { 'table/processes': [processRow(7, 'java', { threads: 30_000 })] };
    const same = found('R10', { gib: { KernelStack: (30_100 * 16_384) / GIB }, tables });
    expect(same?.text).toMatch(/^30,000 threads have 470 MiB of kernel stacks\./);
    const apart = found('R10', { gib: { KernelStack: 1 }, tables });
    expect(apart?.text).toMatch(
      /^The processes have 30,000 threads, and kernel stacks take 1\.00 GiB, as those of 65,536 threads do\./,
    );
    expect(apart?.holders[0]).toMatchObject({ name: '7 java: 30,000 threads', bytes: 30_000 * 16_384 });
  });

  it.each([
    ['live', /could not be read \(root only\)/],
    ['file', /are not in the file/],
    ['bundle', /are not in the bundle/],
    ['recording', /could not be read \(root only\)/],
  ] as const)('say of what was not there why, in the words of where it comes from: %s', (origin, says) => {
    const why = origin === 'live' || origin === 'recording' ? 'root only' : `not in the ${origin}`;
    const notRead = ['proc/slabinfo', 'proc/vmallocinfo', 'table/mounts', 'log/kernel'].map((what) => ({ what, why }));
    const looked = {
      ...lookAt({
        gib: { SUnreclaim: 2, VmallocUsed: 2, Cached: 5, Shmem: 2.5 },
        notRead,
      }),
      origin,
    };
    const { findings } = triageOf([looked]);
    for (const rule of ['R5', 'R7', 'R11']) expect(findings.find((one) => one.rule === rule)?.text).toMatch(says);
    const text = JSON.stringify(findings);
    if (origin === 'file' || origin === 'bundle') expect(text).not.toMatch(/root only|could not be read/);
  });
});
