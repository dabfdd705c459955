/** What `unfreed-collect --probe` says of events is what a trace of this kernel then lacks. */
import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import { bpfCollectorPath } from '../../../src/collect/bpf-collector.js';
import { requireRoot } from '../../helpers/live.js';

beforeAll(requireRoot);

async function probed(...options: string[]): Promise<{ kinds: Map<string, string | null>; notes: string[] }> {
  const { stdout } = await execa(bpfCollectorPath(), ['--probe', ...options], { stdin: 'ignore' });
  const lines = stdout.split('\n').map((line) => JSON.parse(line) as { name: string; ok: boolean; detail: string });
  const marks = lines.filter(({ name }) => name.startsWith('marks:'));
  return {
    kinds: new Map(marks.map(({ name, ok, detail }) => [name.slice(6), ok ? null : detail])),
    notes: lines.flatMap(({ name, detail }) => (name === 'note' ? [detail] : [])),
  };
}

it('has a line for each kind, and a reason for each that is missing', async () => {
  const { kinds, notes } = await probed();
  expect([...kinds.keys()]).toEqual([
    'oom-kill',
    'reclaim',
    'memcg-reclaim',
    'compaction',
    'shm',
    'swap',
    'cgroup',
    'module',
    'exec',
  ]);
  for (const kind of ['oom-kill', 'exec', 'cgroup']) expect(kinds.get(kind), kind).toBeNull();
  for (const lacks of kinds.values()) if (lacks !== null) expect(lacks).toMatch(/^\w+: \w.+/);
  const note = notes.find((each) => each.startsWith('the time line lacks')) ?? '';
  expect(note.includes('System V shared memory')).toBe(kinds.get('shm') !== null || kinds.get('swap') !== null);
  expect(note.includes('reclaim')).toBe(kinds.get('reclaim') !== null || kinds.get('memcg-reclaim') !== null);
}, 60_000);

it('all system calls can be hooked where functions cannot', async () => {
  const { kinds } = await probed('--system-calls');
  expect([kinds.get('shm'), kinds.get('swap')]).toEqual([null, null]);
}, 60_000);

it('has none of them where a trace would have no events', async () => {
  expect((await probed('--no-marks')).kinds.size).toBe(0);
}, 60_000);
