import type { TextOrder } from './text-order.js';

/** What the order of a text was like, in words. */
export interface OrderSentences {
  /** What was put in order, a sentence each. */
  repairs: string[];
  /** What could not be: a clause, and lines of detail. */
  problems: { what: string; details: string[] }[];
}

/** More late rows than this share make what was paired doubtful. */
const LATE_SHARE = 0.01;

/** `startNs` is the time of the first event, `events` the number of all; `isCount`: times have no known unit. */
export function orderSentences(
  order: Pick<TextOrder, 'merged' | 'sorted' | 'late' | 'slightlyLate' | 'other' | 'isFull'>,
  { startNs, events, isCount }: { startNs: number; events: number; isCount: boolean },
): OrderSentences {
  const repairs: string[] = [];
  const problems: OrderSentences['problems'] = [];
  if (order.merged > 0) {
    repairs.push(`the text is joined from files of single CPUs: its ${count(order.merged)} events were merged by time`);
  }
  if (order.sorted > 0) repairs.push(`the text is out of order: its ${count(order.sorted)} events were sorted by time`);
  // The tools sort events by their times, so that those of unequal clocks are in order too.
  const late = order.late + (order.slightlyLate > events * LATE_SHARE ? order.slightlyLate : 0);
  if (late > 0) {
    const what = `${count(late)} events are out of order, and could not be put in order`;
    const details = [
      'the text frees some memory before it allocates it, and such memory counts as held: sort the text by time',
    ];
    if (order.isFull || late > events * LATE_SHARE) problems.push({ what, details });
    else repairs.push(what);
  }
  if (order.other !== null) {
    const { line, fromNs, toNs, events: left } = order.other;
    const timeText = (ns: number): string => (isCount ? `${startNs + ns}` : `${((startNs + ns) / 1e9).toFixed(6)} s`);
    problems.push({
      what:
        `time goes back from ${timeText(fromNs)} to ${timeText(toNs)} at line ${count(line)}, as if another trace ` +
        `was appended: the ${count(left)} events from there on are left out`,
      details: [
        `if it is another trace: tail -n +${line} FILE > second.txt, then unfreed top second.txt`,
        'if its lines are only out of order: sort them by time first',
      ],
    });
  }
  return { repairs, problems };
}

/** Returns the problem of a text with a second header at this line, below which time goes on. */
export function secondTrace(line: number): OrderSentences['problems'][number] {
  return {
    what: `another trace begins at line ${count(line)}: what happened before it and after the first one is missing`,
    details: [
      `read one at a time: head -n ${line - 1} FILE > first.txt, tail -n +${line} FILE > second.txt`,
      'what was freed in between is counted as held',
    ],
  };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
