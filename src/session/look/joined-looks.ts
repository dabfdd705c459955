/** Single texts of one machine, each named on the command line, as looks that have several of them. */
import type { Look, NotRead } from '../../proc/look.js';
import { LOOK_TABLES, tableRows, tableText } from '../../proc/look-tables.js';

/** Texts that every look has. */
const MACHINE = 'table/machine';
const MEMINFO = 'proc/meminfo';
/** Each file of sar has a day of its own. */
const HISTORY = 'table/history';
const ABSENT = 'not in the file';

/**
 * Joins looks of single files that have no text in common: a meminfo, a slabinfo and a log are one look, two
 * meminfos are two. Of several a text could belong to, the nearest in time takes it. Looks of bundles and
 * recordings, and those of other machines, stay as they are.
 */
export function joinedLooks(looks: readonly Look[]): Look[] {
  const joined: Look[] = [];
  // What tools show of meminfo comes last, so that it finds the kernel's own.
  for (const look of looks.toSorted((one, other) => Number(isOfTool(one)) - Number(isOfTool(other)))) {
    const fitting = look.origin === 'file' ? joined.filter((other) => belongTogether(other, look)) : [];
    const nearest = fitting.toSorted((one, other) => distance(one, look) - distance(other, look)).at(0);
    if (nearest === undefined) joined.push(look);
    else joined[joined.indexOf(nearest)] = join(nearest, look);
  }
  return joined;
}

/** True if its meminfo is what a tool shows of it. */
function isOfTool(look: Look): boolean {
  return look.texts.has(MEMINFO) && !['', 'kernel'].includes(machineCell(look, 'meminfoBy'));
}

function belongTogether(one: Look, other: Look): boolean {
  if (one.origin !== 'file') return false;
  // The kernel's own text stands above what a tool shows of it, and above all else that the tool shows.
  const isWeak = one.texts.has(MEMINFO) && other.texts.has(MEMINFO) && isOfTool(one) !== isOfTool(other);
  for (const name of other.texts.keys()) {
    if (name !== MACHINE && one.texts.has(name) && !(isWeak && name !== HISTORY)) return false;
  }
  const names = [one, other].map((look) => machineCell(look, 'hostname')).filter((name) => name !== '');
  return new Set(names).size < 2;
}

function distance(one: Look, other: Look): number {
  return one.timeMs === null || other.timeMs === null ? 0 : Math.abs(one.timeMs - other.timeMs);
}

function machineCell({ texts }: Look, column: (typeof LOOK_TABLES)[typeof MACHINE][number]): string {
  return tableRows(MACHINE, texts.get(MACHINE)).at(0)?.[column] ?? '';
}

function join(one: Look, other: Look): Look {
  const otherFirst = !one.texts.has(MEMINFO) || (other.texts.has(MEMINFO) && !isOfTool(other));
  const [first, second] = otherFirst && other.texts.has(MEMINFO) ? [other, one] : [one, other];
  const texts = new Map([...second.texts, ...first.texts]);
  texts.set(MACHINE, joinedMachine(first, second));
  return {
    timeMs: first.texts.has(MEMINFO) ? first.timeMs : latest(first.timeMs, second.timeMs),
    origin: 'file',
    source: one.source === other.source ? one.source : `${one.source}, ${other.source}`,
    texts,
    notRead: missing(first, second),
  };
}

/** What neither has; of a text that both have the first is used, and only what it says of it counts. */
function missing(first: Look, second: Look): NotRead[] {
  const ofFirst = first.notRead.filter(({ what, why }) => why !== ABSENT || !second.texts.has(what));
  const known = new Set([...first.texts.keys(), ...ofFirst.map(({ what }) => what)]);
  return [...ofFirst, ...second.notRead.filter(({ what }) => !known.has(what))];
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** What the first does not tell of the machine, the second does; who wrote the meminfo is told by the first. */
function joinedMachine(first: Look, second: Look): string {
  const row = LOOK_TABLES[MACHINE].map((column) =>
    column === 'meminfoBy' ? machineCell(first, column) : machineCell(first, column) || machineCell(second, column),
  );
  return tableText(MACHINE, [row]);
}
