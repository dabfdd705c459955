/**
 * The order of the rows of a list on the screen. A list that was ranked anew with every report would move its rows under
 * the reader's eyes: while it is held, each row keeps its line, new rows come last, and what is gone stays with its last
 * figures. When it is ranked anew, a row passes its neighbour only if it leads clearly, or if what is said of it has
 * changed.
 */

/** What the order looks at. */
export interface RowTraits {
  /** Identifies the row from one report to the next. */
  key: string;
  /** Other keys under which the same row may have stood before. */
  aliases?: readonly string[];
  /** The value by which the list is ranked, the greatest first. */
  value: number;
  /** Rows of a greater tier stand below all others, whatever their values. */
  tier: number;
  /** What is said of the row in words. */
  state: string;
}

/** The order in which a list stands. Times are those of the actions, in ms. */
export interface RowOrder {
  /** Says which list it is: another one, or another sort, is taken as it comes. */
  list: string;
  keys: readonly string[];
  /** The states by key when the list was last ranked. */
  states: ReadonlyMap<string, string>;
  /** When each row came that was not in the list at its start; the others are in `known`. */
  since: ReadonlyMap<string, number>;
  /** All keys that were ever in the list, up to KNOWN_LIMIT: a row that comes back is not new. */
  known: ReadonlySet<string>;
  startedMs: number;
  rankedMs: number;
  /** True if rows have come since that were not ranked. */
  isStale: boolean;
}

/** Least time between two rankings without keys. */
export const RANKED_EVERY_MS = 2000;
/** A row is marked as new for this long. */
export const NEW_MS = 5000;
/** A row passes its neighbour with this lead. */
const LEAD = 0.1;
const KNOWN_LIMIT = 10_000;

export interface OrderedRows<Row> {
  order: RowOrder;
  rows: Row[];
  /** Keys that changed: of a row that goes on under another one. */
  renamed: ReadonlyMap<string, string>;
}

export interface ListUpdate<Row> {
  /** RowOrder.list of the rows that came. */
  list: string;
  /** The rows on the screen, in their order. */
  shown: readonly Row[];
  /** The rows that came, ranked. */
  ranked: readonly Row[];
  traitsOf: (row: Row) => RowTraits;
  nowMs: number;
  /** True while a key holds the order. */
  isHeld: boolean;
}

/** Returns the rows in the order in which they are shown. `before` = null takes them as they come. */
export function orderedRows<Row>(before: RowOrder | null, update: ListUpdate<Row>): OrderedRows<Row> {
  const { list, shown, ranked, traitsOf, nowMs, isHeld } = update;
  const traits = ranked.map(traitsOf);
  const order = before === null || before.list !== list ? null : before;
  if (order === null) {
    const keys = traits.map(({ key }) => key);
    const started = { since: new Map<string, number>(), known: new Set(keys), startedMs: nowMs, rankedMs: nowMs };
    return {
      order: { list, keys, states: statesOf(traits), ...started, isStale: false },
      rows: [...ranked],
      renamed: new Map(),
    };
  }
  const renamed = renamedKeys(order.keys, traits);
  const keys = order.keys.map((key) => renamed.get(key) ?? key);
  const stays = isHeld || nowMs - order.rankedMs < RANKED_EVERY_MS;
  const next = stays ? withNew(keys, traits) : rankedAnew(keys, renamedStates(order.states, renamed), traits);
  const rowOf = new Map<string, Row>();
  if (stays) for (const row of shown) rowOf.set(traitsOf(row).key, row);
  for (const [i, { key }] of traits.entries()) rowOf.set(key, ranked[i]);
  return {
    order: {
      list,
      keys: next,
      states: stays ? withStates(renamedStates(order.states, renamed), traits) : statesOf(traits),
      ...novelty(order, next, { nowMs, renamed }),
      startedMs: order.startedMs,
      rankedMs: stays ? order.rankedMs : nowMs,
      isStale: stays,
    },
    rows: next.flatMap((key) => rowOf.get(key) ?? []),
    renamed,
  };
}

/** True for a row that came into a list that was on the screen already, for NEW_MS. */
export function isNewRow(order: RowOrder | null, key: string, nowMs: number | null): boolean {
  const sinceMs = order?.since.get(key);
  return sinceMs !== undefined && nowMs !== null && nowMs - sinceMs < NEW_MS;
}

/** The time at which the order, or the mark of a new row, will change without another report; null = never. */
export function dueMs({ rankedMs, since, isStale }: RowOrder, heldUntilMs: number): number | null {
  const due = [...since.values()].map((ms) => ms + NEW_MS);
  if (isStale) due.push(Math.max(heldUntilMs, rankedMs + RANKED_EVERY_MS));
  return due.length === 0 ? null : Math.min(...due);
}

function withNew(keys: readonly string[], traits: readonly RowTraits[]): string[] {
  const there = new Set(keys);
  return [...keys, ...traits.map(({ key }) => key).filter((key) => !there.has(key))];
}

/**
 * The old order with the places changed of rows that lead clearly; rows that are gone leave it. `states` are those of
 * the last ranking.
 */
export function rankedAnew(
  keys: readonly string[],
  states: ReadonlyMap<string, string>,
  traits: readonly RowTraits[],
): string[] {
  const places = new Map(traits.map(({ key }, place) => [key, place]));
  const passes = (lower: string, upper: string): boolean => {
    const [low, up] = [places.get(lower) ?? 0, places.get(upper) ?? 0];
    return low < up && leads(traits[low], traits[up], states);
  };
  const next: string[] = [];
  for (const key of keys) {
    if (!places.has(key)) continue;
    let at = next.length;
    while (at > 0 && passes(key, next[at - 1])) at--;
    next.splice(at, 0, key);
  }
  const there = new Set(next);
  for (const [place, { key }] of traits.entries()) {
    if (there.has(key)) continue;
    // Above the first row that it is ranked above.
    const at = next.findIndex((other) => (places.get(other) ?? 0) > place);
    next.splice(at < 0 ? next.length : at, 0, key);
  }
  return next;
}

function leads(lower: RowTraits, upper: RowTraits, states: ReadonlyMap<string, string>): boolean {
  if (lower.tier !== upper.tier) return true;
  if ([lower, upper].some(({ key, state }) => states.has(key) && states.get(key) !== state)) return true;
  return lower.value > upper.value + Math.abs(upper.value) * LEAD;
}

/** Old keys to new ones, of rows whose own key was not there and one of whose aliases was. */
function renamedKeys(keys: readonly string[], traits: readonly RowTraits[]): Map<string, string> {
  const renamed = new Map<string, string>();
  const old = new Set(keys);
  const now = new Set(traits.map(({ key }) => key));
  for (const { key, aliases } of traits) {
    if (old.has(key)) continue;
    const alias = aliases?.find((each) => old.has(each) && !now.has(each) && !renamed.has(each));
    if (alias !== undefined) renamed.set(alias, key);
  }
  return renamed;
}

function statesOf(traits: readonly RowTraits[]): Map<string, string> {
  return new Map(traits.map(({ key, state }) => [key, state]));
}

function renamedStates(
  states: ReadonlyMap<string, string>,
  renamed: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return renamed.size === 0 ? states : new Map([...states].map(([key, state]) => [renamed.get(key) ?? key, state]));
}

/** With the states of rows that came since; the others are compared with the state in which they were ranked. */
function withStates(states: ReadonlyMap<string, string>, traits: readonly RowTraits[]): ReadonlyMap<string, string> {
  const added = traits.filter(({ key }) => !states.has(key));
  return added.length === 0 ? states : new Map([...states, ...statesOf(added)]);
}

function novelty(
  order: RowOrder,
  keys: readonly string[],
  { nowMs, renamed }: { nowMs: number; renamed: ReadonlyMap<string, string> },
): Pick<RowOrder, 'since' | 'known'> {
  const since = new Map([...order.since].filter(([, ms]) => nowMs - ms < NEW_MS));
  const added = keys.filter((key) => !order.known.has(key));
  if (added.length === 0) return { since, known: order.known };
  const goesOn = new Set(renamed.values());
  // While a list fills, all of it is new and none of it stands out.
  if (nowMs - order.startedMs >= NEW_MS) for (const key of added) if (!goesOn.has(key)) since.set(key, nowMs);
  const known = new Set(order.known.size + added.length > KNOWN_LIMIT ? keys : [...order.known, ...added]);
  return { since, known };
}
