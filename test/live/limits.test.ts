/** Counters beside their limits, of this machine: in a cgroup with a limit and a hostile name, and of a process with many mappings. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCgroupTree } from '../../src/collect/look/cgroup-table.js';
import { readLook } from '../../src/collect/look/read-look.js';
import { gaugesOf } from '../../src/triage/answer/gauges.js';
import { gatherFacts } from '../../src/triage/gather-facts.js';
import type { Gauge } from '../../src/triage/report.js';
import { requireRoot } from '../helpers/live.js';
import { HANG_MS } from '../helpers/patience.js';

const MIB = 2 ** 20;
const LIMIT = 160 * MIB;
const NAME = 'unfreed-\x1b[31m<b>limit';
const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;
/** More than half of what one process may have by default: below it nothing is counted. */
const MAPPINGS = 40_000;
const PLANT = `
import mmap, os, sys, time
kept = bytearray(${96 * MIB})
for at in range(0, len(kept), 4096): kept[at] = 1
maps = [mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ if i % 2 else mmap.PROT_READ | mmap.PROT_WRITE) for i in range(${MAPPINGS})]
print(sum(1 for _ in open('/proc/self/maps')), flush=True)
time.sleep(600)
`;

let child: ChildProcess | null = null;
let folder = '';
let limitFile = '';
let currentFile = '';
let name = '';
let mappings = 0;

beforeAll(async () => {
  requireRoot();
  const tree = findCgroupTree();
  if (tree === null) throw new Error('this machine has no memory cgroups');
  mkdirSync(`${tree.mount}/${NAME}`);
  folder = `${tree.mount}/${NAME}`;
  name = tree.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  limitFile = `${folder}/${name}`;
  currentFile = `${folder}/${tree.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`;
  writeFileSync(limitFile, String(LIMIT));
  child = spawn('sh', ['-c', `echo $$ > "$1/cgroup.procs" && exec python3 -c "$2"`, 'sh', folder, PLANT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  mappings = await new Promise<number>((resolve, reject) => {
    child?.once('exit', () => reject(new Error('the plant has ended')));
    child?.stdout?.once('data', (data: Buffer) => resolve(Number(String(data))));
  });
}, HANG_MS);

afterAll(async () => {
  if (child !== null) {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  if (folder !== '') rmdirSync(folder);
});

const gaugeOf = (gauges: readonly Gauge[], limit: string, of = ''): Gauge | undefined =>
  gauges.find((gauge) => gauge.name === limit && gauge.of === of);

it(
  'shows the limit of a cgroup with what it uses, and the process with most mappings, however small',
  async () => {
    const { gauges } = gaugesOf(gatherFacts(await readLook({ smaps: 'maps', deadlineMs: 60_000 })));
    const cgroup = gaugeOf(gauges, name, `/${NAME}`);
    const current = Number(readFileSync(currentFile, 'utf8'));
    expect(cgroup).toMatchObject({ limit: Number(readFileSync(limitFile, 'utf8')), near: current >= 0.8 * LIMIT });
    // The CPUs give back what they charged in advance.
    expect(Math.abs((cgroup?.used ?? 0) - current)).toBeLessThan(MIB);
    expect(cgroup?.used).toBeGreaterThan(96 * MIB);
    expect(gaugeOf(gauges, 'max_map_count')).toMatchObject({
      used: mappings,
      limit: Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8')),
      unit: 'mappings',
      holder: `${child?.pid} python3`,
    });
    const threads = Number(readFileSync('/proc/loadavg', 'utf8').split('/')[1].split(' ')[0]);
    expect(Math.abs((gaugeOf(gauges, 'pid_max')?.used ?? 0) - threads)).toBeLessThan(threads / 4);
  },
  HANG_MS,
);

it(
  'prints no control character of its name, and has it whole in JSON',
  async () => {
    const text = (await execa('node', [MAIN, 'triage', '-v'], { reject: false })).stdout;
    expect(text).toContain(`${name} of /unfreed-␛[31m<b>limit`);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    const json = (await execa('node', [MAIN, 'triage', '--json'], { reject: false })).stdout;
    const { limits } = JSON.parse(json) as { limits: { gauges: Gauge[] } };
    expect(gaugeOf(limits.gauges, name, `/${NAME}`)?.limit).toBe(LIMIT);
  },
  HANG_MS,
);
