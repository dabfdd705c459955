/**
 * Cgroups that are made and removed with pages of tmpfs left in each: all of them are found, by what pins them and by who
 * made them, and the bytes are those of the files.
 */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { findCgroupTree } from '../../src/collect/look/cgroup-table.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { modeIt, prepareLive, startRun } from '../helpers/live-trace.js';

const it = modeIt(import.meta.url);
const JOBS = 132;
const FILE_BYTES = 65_536;
const NAME = `unfreed-test-${process.pid}`;

/** Makes a cgroup, has a process in it write a file, and removes it, JOBS times; $1 = their parent, $2 = a folder in tmpfs. */
const SCRIPT = `set -e
for i in $(seq ${JOBS}); do
  mkdir "$1/job-$i"
  ( echo $BASHPID > "$1/job-$i/cgroup.procs"; exec head -c ${FILE_BYTES} /dev/zero > "$2/$i" )
  until rmdir "$1/job-$i" 2> /dev/null; do sleep 0.01; done
done`;

let end: () => Promise<void>;
let files: string;
let parent: string;

beforeAll(() => {
  ({ end } = prepareLive());
  files = mkdtempSync('/dev/shm/unfreed-test-');
  const tree = findCgroupTree();
  if (tree === null) throw new Error('no memory controller is mounted here');
  parent = join(tree.mount, NAME);
  mkdirSync(parent);
});

afterAll(async () => {
  rmSync(files, { recursive: true, force: true });
  rmdirSync(parent);
  await end();
});

it('names how many hold what, exactly, what pins them and who made them', async () => {
  const { run, later } = await startRun();
  await later(2);
  await execa('bash', ['-c', SCRIPT, 'bash', parent, files]);
  await later(3);
  const held = run.pipeline.report(defaultSelection(10));
  rmSync(files, { recursive: true });
  await later(3);
  const freed = run.pipeline.report(defaultSelection(10));
  await run.stop();
  await run.finished;

  const group = held.removedCgroups?.groups.find((each) => each.parent === `/${NAME}`);
  expect(group).toMatchObject({ cgroups: JOBS, maker: { comm: 'mkdir', cgroups: JOBS } });
  expect(group?.categories[0]).toEqual({ category: 'shmem', bytes: JOBS * FILE_BYTES });
  expect(held.conclusions.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(new RegExp(`^${JOBS} removed cgroups of /${NAME} hold .*: made by mkdir, pinned by tmpfs`)),
  );
  const left = freed.removedCgroups?.groups.find((each) => each.parent === `/${NAME}`);
  expect(left?.categories.find(({ category }) => category === 'shmem')?.bytes ?? 0).toBe(0);
});
