/** What samples of rows belong to, and how a trace carries that: as JSON, bounded. */
import { parseThing, type Thing, thingJson } from './thing.js';

/** Things that are told as one: the same, or alike in all that is not '' or 0. */
export interface NamedThing {
  thing: Thing;
  /** Different ones among them. */
  different: number;
  /** Blocks or objects of the sample that belong to it. */
  count: number;
  /** Bytes of these. */
  bytes: number;
}

/** What a sample of one row's blocks or objects belongs to. */
export interface NamedRow {
  /** Call path, an id of the trace's StackTable. */
  stackId: number;
  /** Number of the address space (event/kinds.ts). */
  allocator: number;
  /** Blocks or objects looked at, and their bytes. */
  looked: number;
  lookedBytes: number;
  /** Of those, how many belong to something that is known. */
  known: number;
  knownBytes: number;
  /** The most bytes first, at most NAMED_THINGS. */
  things: readonly NamedThing[];
}

/** Of one fact, and of one row. */
export const NAMED_ROWS = 32;
export const NAMED_THINGS = 8;

export function namesJson(rows: readonly NamedRow[]): string {
  return JSON.stringify(
    rows.slice(0, NAMED_ROWS).map((row) => ({
      ...row,
      things: row.things
        .slice(0, NAMED_THINGS)
        .map((named) => ({ ...named, thing: JSON.parse(thingJson(named.thing)) as unknown })),
    })),
  );
}

/** Returns the rows, without those and without the things that cannot be: a recording may say anything. */
export function parseNames(text: string): NamedRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(value) ? value.slice(0, NAMED_ROWS).flatMap(rowOf) : [];
}

const ROW_NUMBERS = ['stackId', 'allocator', 'looked', 'lookedBytes', 'known', 'knownBytes'] as const;
const THING_NUMBERS = ['different', 'count', 'bytes'] as const;

function rowOf(value: unknown): NamedRow[] {
  const given = fieldsOf(value);
  const numbers = numbersOf(given, ROW_NUMBERS);
  const { things } = given;
  if (numbers === null || !Array.isArray(things)) return [];
  return [{ ...numbers, things: things.slice(0, NAMED_THINGS).flatMap(namedOf) }];
}

function namedOf(value: unknown): NamedThing[] {
  const given = fieldsOf(value);
  const numbers = numbersOf(given, THING_NUMBERS);
  const thing = parseThing(given['thing']);
  return numbers === null || thing === null ? [] : [{ thing, ...numbers }];
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Null unless all are amounts. */
function numbersOf<Name extends string>(
  given: Record<string, unknown>,
  names: readonly Name[],
): Record<Name, number> | null {
  const numbers = {} as Record<Name, number>;
  for (const name of names) {
    const value = given[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return null;
    numbers[name] = value;
  }
  return numbers;
}
