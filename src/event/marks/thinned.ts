/** Fewer marks, so that each kind keeps some from its beginning to its end. */
import type { LoggedMark, MarkKind } from './marks.js';

/** At most `most` of them, in their order: again and again every second mark of the kind that has most goes. */
export function thinned(marks: readonly LoggedMark[], most: number): LoggedMark[] {
  let kept = [...marks];
  while (kept.length > most) {
    const commonest = commonestKind(kept);
    let seen = 0;
    kept = kept.filter(({ mark }) => mark.kind !== commonest || seen++ % 2 === 0);
  }
  return kept;
}

function commonestKind(marks: readonly LoggedMark[]): MarkKind | null {
  const counts = new Map<MarkKind, number>();
  for (const { mark } of marks) counts.set(mark.kind, (counts.get(mark.kind) ?? 0) + 1);
  let found: MarkKind | null = null;
  for (const [kind, count] of counts) if (found === null || count > (counts.get(found) ?? 0)) found = kind;
  return found;
}
