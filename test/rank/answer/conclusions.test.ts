import { describe, expect, it } from 'vitest';
import { floorBytesPerHour } from '../../../src/rank/answer/conclusions.js';
import type { Report } from '../../../src/rank/report/report.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { pairText } from '../../helpers/text-trace.js';

const SECOND = 1e9;

/** One object of `size` bytes every 100 ms for `seconds`. */
function growing(seconds: number, { path = 'take < do_take', comm = 'leaky', size = 4096, pid = 9 } = {}): string {
  return Array.from(
    { length: seconds * 10 },
    (_, i) => `${i * 1e8} alloc g${i} ${size} comm=${comm} pid=${pid} < ${path}`,
  ).join('\n');
}

function reportOf(text: string, seconds: number): Report {
  return pairText(`${text}\n${seconds * SECOND} clock`, {
    host: { allocators: ['slab', 'page', 'vmalloc', 'percpu'] },
  }).report({ group: 'finding' });
}

/** The first sentence where allocations come from these cgroups in turn. */
function saidOf(cgroups: readonly string[]): string {
  let place = 0;
  const text = growing(40).replaceAll(/comm=leaky/g, () => `comm=leaky cgroup=${cgroups[place++ % cgroups.length]}`);
  return reportOf(text, 40).conclusions[0].text;
}

const nextOf = (path: string): (string | null)[] =>
  reportOf(growing(40, { path }), 40).conclusions.map(({ next }) => next);
/** 600 allocations at once by one process. */
const takenOnce = (pid: number, from = 0): string =>
  Array.from(
    { length: 600 },
    (_, i) => `${from + i * 1e5} alloc o${pid}.${i} 4096 comm=app pid=${pid} anon_pipe_write`,
  ).join('\n');
const firstOf = (text: string): string => reportOf(text, 40).conclusions[0].text;
const kinds = (report: Report): string[] => report.conclusions.map(({ kind }) => kind);

describe('conclusions', () => {
  it('say what grows, who holds it and the next command', () => {
    const [first] = reportOf(growing(40), 40).conclusions;
    expect(first.kind).toBe('growing');
    expect(first.text).toBe('leaky 9 holds 1.56 MiB of memory of take and takes 2.34 MiB/min more.');
    expect(first.next).toBe('unfreed top --grep take --frames');
  });

  it('name the cgroup that holds nearly all of it, but not the root, nor one that holds half', () => {
    const id = '3f'.repeat(32);
    const rest = 'holds 1.56 MiB of memory of take and takes 2.34 MiB/min more.';
    expect(saidOf([`7:/docker/${id}`])).toBe(`leaky 9 (docker 3f3f3f3f3f3f) ${rest}`);
    expect(saidOf(['7:/ci', '7:/ci', '7:/ci', '8:/web'])).toBe(`leaky 9 (/ci) ${rest}`);
    expect(saidOf(['7:/ci', '8:/web'])).toBe(`leaky 9 ${rest}`);
    expect(saidOf(['1:/'])).toBe(`leaky 9 ${rest}`);
  });

  it('say that it is too early', () => {
    const report = reportOf(growing(1), 1);
    expect(report.conclusions.map(({ text }) => text)).toEqual([
      'Too early to say after 1.00s: growth shows from about 12.0s on.',
    ]);
  });

  it('say that nothing grows, and which leak would show', () => {
    const text = growing(20).replaceAll(/^\d+ (alloc g(\d+) .*)$/gm, (_, event: string, i: string) =>
      [`${Number(i) * 1e8} ${event}`, `${Number(i) * 1e8 + 5e7} free g${i}`].join('\n'),
    );
    const report = reportOf(text, 20);
    expect(kinds(report)).toEqual(['quiet']);
    const [{ text: said, detail }] = report.conclusions;
    expect(said).toMatch(/^Nothing grows\. /);
    const [, number, unit] = /^A leak of ([\d.]+) (KiB|MiB)\/(?:h|min) or more would show/.exec(detail ?? '') ?? [];
    const bytes = Number(number) * (unit === 'KiB' ? 1024 : 1024 ** 2) * (detail?.includes('/min') === true ? 60 : 1);
    expect(bytes).toBeGreaterThanOrEqual(floorBytesPerHour(report));
  });

  it('say that who took it is gone, as soon as it has ended', () => {
    expect(firstOf(takenOnce(3))).toMatch(/ago, and still holds it\.$/);
    expect(firstOf(`${takenOnce(3)}\n1e9 exit 3`)).toMatch(/ago, and is gone; it is still held\.$/);
    // Another process, that has taken nothing.
    expect(firstOf(`${takenOnce(3)}\n1e9 exit 4`)).toMatch(/ago, and still holds it\.$/);
    // Of two with half each one is gone; then both are.
    const both = `${takenOnce(3)}\n${takenOnce(4, 1e8)}`;
    expect(firstOf(`${both}\n1e9 exit 3`)).toMatch(/ago, and still holds it\.$/);
    expect(firstOf(`${both}\n1e9 exit 3\n1e9 exit 4`)).toMatch(/ago, and is gone; it is still held\.$/);
  });

  it('say that those who take more and more are gone', () => {
    expect(reportOf(growing(40), 40).conclusions[0].detail).not.toContain('gone');
    const gone = reportOf(`${growing(40)}\n${40e9 - 1} exit 9`, 40).conclusions[0];
    expect(gone.kind).toBe('growing');
    expect(gone.detail).toContain('Held by a process that is gone.');
  });

  it('say what was taken once', () => {
    const once = Array.from({ length: 600 }, (_, i) => `${i * 1e5} alloc o${i} 4096 comm=app pid=3 < take`).join('\n');
    const report = reportOf(once, 40);
    expect(kinds(report)).toEqual(['once', 'quiet']);
    expect(report.conclusions[0].text).toMatch(
      /^app 3 took 2\.34 MiB of memory of take once, .* ago, and still holds it\.$/,
    );
  });

  it('begin with doubt where many events were lost', () => {
    const report = reportOf(`${growing(40)}\n${39.95 * SECOND} lost kfree 100 409600`, 40);
    expect(report.conclusions[0]).toMatchObject({ kind: 'doubt', next: 'unfreed live --sample 1/16' });
    expect(report.conclusions[0].text).toBe('20% of the events were lost (100): do not rely on what looks held.');
  });

  it.each(['$(reboot)', '`id`', 'a|b', "a'b", '--x'])('put nothing named %s into a command', (name) => {
    expect(nextOf(name)).toEqual([null]);
    // The function's own name is plain.
    expect(nextOf(`f[${name}]`)).toEqual(['unfreed top --grep f --frames']);
  });

  it('give the range of a pace that is not sure', () => {
    const random = seededRandom(3);
    const lines: string[] = [];
    for (let time = 0; time < 40; time += 0.6 * random()) {
      lines.push(`${Math.round(time * SECOND)} alloc g${lines.length} 4096 comm=leaky pid=9 < take`);
    }
    const [first] = reportOf(lines.join('\n'), 40).conclusions;
    expect(first.text).toMatch(/^leaky 9 holds .* more\.$/);
    expect(first.detail).toMatch(/ 95 % sure: \d+(\.\d+)? (KiB )?to \d+(\.\d+)? [KM]iB\/min\./);
  });

  it('put no name of a process into a command', () => {
    for (const { next } of reportOf(growing(40, { comm: '$(reboot)' }), 40).conclusions) {
      expect(next).not.toContain('reboot');
    }
  });
});
