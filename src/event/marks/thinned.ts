/** Fewer marks, so that each kind keeps some from its beginning to its end. */
import type { LoggedMark, MarkKind } from './marks.js';

/** At most `most` of them, in their order: again and again every second mark of the kind that has most goes. */
export function thinned(marks: readonly LoggedMark[], most: number): LoggedMark[] {
  if (marks.length <= most) return [...marks];
  const counts = new Map<MarkKind, number>();
  const numbered = marks.map((logged) => {
    const { kind } = logged.mark;
    const nth = counts.get(kind) ?? 0;
    counts.set(kind, nth + 1);
    return { logged, kind, nth };
  });
  const steps = stepsOf(counts, most);
  return numbered.filter(({ kind, nth }) => nth % (steps.get(kind) ?? 1) === 0).map(({ logged }) => logged);
}

/**
 * The marks of a kind that stay, by its name: every one, every second, every fourth ... from the first on. It depends on the
 * counts alone: so who keeps at least twice as many always has the marks that are chosen for a shorter list later.
 */
export function stepsOf(counts: ReadonlyMap<MarkKind, number>, most: number): Map<MarkKind, number> {
  const left = new Map(counts);
  const steps = new Map<MarkKind, number>();
  let sum = [...left.values()].reduce((all, count) => all + count, 0);
  while (sum > most) {
    const [kind, count] = commonest(left);
    if (count < 2) return steps;
    const step = (steps.get(kind) ?? 1) * 2;
    const fewer = Math.ceil((counts.get(kind) ?? 0) / step);
    steps.set(kind, step);
    left.set(kind, fewer);
    sum -= count - fewer;
  }
  return steps;
}

/** Of equal counts the name decides: the order in which kinds came does not. */
function commonest(counts: ReadonlyMap<MarkKind, number>): [MarkKind, number] {
  return [...counts].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a));
}
