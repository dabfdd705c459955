/** How events look: the tones of their groups, and their signs on a scale of time. */
import { groupOf, MARK_GROUPS, type MarkGroup } from '../../event/marks/mark-groups.js';
import { allEvents } from '../model/events.js';
import type { ViewState } from '../model/view-state.js';
import type { Tone } from './styled-line.js';

/** The character of one column. */
export interface Sign {
  text: string;
  tone: Tone;
}

/** What hurts stands out; what is routine on a busy machine does not. */
export function groupTone({ sign }: MarkGroup): Tone {
  return TONES[sign] ?? 'plain';
}

const TONES: Readonly<Record<string, Tone>> = { K: 'warn', s: 'warn', u: 'strong', c: 'dim', e: 'dim' };

/** The sign of the most important event of each column; `columnOf` a time, ns, is null where it is not on the scale. */
export function signsByColumn(
  state: Pick<ViewState, 'marks'>,
  columnOf: (timeNs: number) => number | null,
): Map<number, Sign> {
  const ranks = new Map<number, number>();
  for (const { timeNs, mark } of allEvents(state)) {
    const column = columnOf(timeNs);
    const rank = MARK_GROUPS.indexOf(groupOf(mark.kind));
    if (column !== null && rank < (ranks.get(column) ?? MARK_GROUPS.length)) ranks.set(column, rank);
  }
  return new Map(
    Array.from(ranks, ([column, rank]) => {
      const group = MARK_GROUPS[rank];
      return [column, { text: group.sign, tone: groupTone(group) }] as const;
    }),
  );
}
