/** Values of a JSON document that is untrusted, within bounds; what is none of its kind counts as empty. */

/** Rows of one list: a machine of 100,000 cgroups has several classes for each. */
const MOST_ROWS = 500_000;
/** Characters of a name: a path of cgroups. */
const MOST_NAME = 4096;

export type Item = Readonly<Record<string, unknown>>;

export function optional<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : parse(value);
}

export function list(value: unknown): Item[] {
  return Array.isArray(value) ? value.slice(0, MOST_ROWS).filter(isItem) : [];
}

export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number from 0 to 2^53; what is none counts as 0. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

export function name(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_NAME) : '';
}

export function named<K extends string>(key: K): (row: Record<K, string>) => boolean {
  return (row) => row[key] !== '';
}

/** The number, or null for null and for what is none. */
export function nullable(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
