/** Who made the cgroups of a trace, by its marks. */
import { markText } from '../../event/marks/marks.js';
import type { CgroupFacts } from '../../rank/report/report-cgroups.js';
import type { MarkLog } from './mark-log.js';

/** Returns the name of the process that made each cgroup last, by path, as far as the log kept its mark. */
export function makersIn(marks: MarkLog): CgroupFacts['makers'] {
  const makers = new Map<string, string>();
  for (const { mark } of marks.marks()) {
    if (mark.kind === 'cgroup-made') makers.set(markText(mark, 'path'), mark.comm);
  }
  return makers;
}
