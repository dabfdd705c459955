/** What cgroups-load.c holds in cgroups of a guest, against the ranking by cgroup of the recording. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { lines } from './marks.js';

interface Held {
  cgroup: string;
  pages: number;
  gone: boolean;
  removed: boolean;
}

/** Sentences about what is wrong in the recording marks.unf of the folder; none = each cgroup is there, exactly, the leak first. */
export async function checkCgroups(out: string): Promise<string[]> {
  const path = join(out, 'marks.unf');
  if (!existsSync(path)) return ['cgroups: no recording'];
  const said = lines(join(out, 'cgroups.truth')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const truths = said.filter((each) => 'cgroup' in each) as unknown as Held[];
  if (!said.some(({ held }) => held === true)) return [`cgroups: nothing is held: ${JSON.stringify(said)}`];
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(path, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  const { stacks } = pipeline.report({
    ...defaultSelection(1000),
    group: 'cgroup',
    sort: 'bytes',
    cgroup: '/many',
    grep: 'pipe_write',
    allocators: ['page'],
  });
  const found = stacks.map(({ merged, count, gone }) =>
    textOf(merged?.label ?? '?', count, gone?.gone === gone?.processes),
  );
  // The leak is more than each of the others, so the order of the first is a truth, too.
  const wanted = truths
    .toSorted((a, b) => b.pages - a.pages)
    .map(({ cgroup, removed, pages, gone }) => textOf(removed ? `${cgroup} (removed)` : cgroup, pages, gone));
  if (wanted[0] !== found[0]) return [`cgroups: the first is ${found[0]}, not ${wanted[0]}`];
  const failures = wanted.filter((text) => !found.includes(text)).map((text) => `cgroups: ${text} is not there`);
  failures.push(...found.filter((text) => !wanted.includes(text)).map((text) => `cgroups: ${text} is there`));
  return failures;
}

/** `gone` is null where nothing is known of lives, which is not what these kernels should say. */
function textOf(cgroup: string, pages: number, isGone: boolean): string {
  return `${cgroup} holds ${pages} pages of processes that ${isGone ? 'are gone' : 'live'}`;
}
