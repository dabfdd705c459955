/** What a sample of a row's pages or objects belongs to, as a report tells it. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { NamedRow, NamedThing } from '../../things/named-row.js';
import { thingText } from '../../things/thing-text.js';

export interface ShownThing extends NamedThing {
  /** '/dev/shm/big.bin (tmpfs on /dev/shm)'. Untrusted text. */
  text: string;
}

export interface RowNames extends Pick<NamedRow, 'looked' | 'lookedBytes' | 'known' | 'knownBytes'> {
  /** When it was looked at, ns of trace time. */
  timeNs: number;
  /** The most bytes first. */
  things: ShownThing[];
}

export function rowNames({
  looked,
  lookedBytes,
  known,
  knownBytes,
  things,
  timeNs,
}: NamedRow & { timeNs: number }): RowNames {
  return {
    looked,
    lookedBytes,
    known,
    knownBytes,
    timeNs,
    things: things.map((named) => ({ ...named, text: thingText(named) })),
  };
}

/** The first thing, and how much of the sample it is; null where nothing is known. Untrusted text. */
export function firstNameText({ things, lookedBytes }: RowNames): string | null {
  const [first, ...others] = things;
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` and ${formatCount(others.length)} more`;
  // The devices of a module are no share of it.
  if (first.count === 0) return `${first.text}${more}`;
  const share = first.bytes >= lookedBytes ? '' : `${formatShare(first.bytes, lookedBytes)} `;
  return `${share}${first.text}${more}`;
}

/** The names of a row as a sentence of their own: 'belongs to ..., of 128 looked at'; null where there is none. Untrusted text. */
export function belongsText({ names }: { names?: RowNames }): string | null {
  const first = names === undefined ? null : firstNameText(names);
  return names === undefined || first === null ? null : `belongs to ${first}, ${sampleText(names)}`;
}

/** 'of 256 looked at, 1.00 MiB, 3 belong to nothing that is known' */
export function sampleText({ looked, lookedBytes, known }: RowNames): string {
  const unknown = looked - known;
  const rest = unknown === 0 ? '' : `, of ${formatCount(unknown)} nothing is known`;
  return `of ${formatCount(looked)} looked at, ${formatBytes(lookedBytes)}${rest}`;
}
