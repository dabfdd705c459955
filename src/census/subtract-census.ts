/** Two censuses of one machine, subtracted: each row of the later one gets what it grew by, without a trace. */
import type { CensusReport, CensusType } from './report.js';

/** Returns the later report with its changes. A row that only the earlier one has is there with an amount of 0. */
export function subtractCensus(later: CensusReport, earlier: CensusReport): CensusReport {
  return {
    ...later,
    sinceSeconds:
      later.timeMs === null || earlier.timeMs === null ? null : Math.max(0, later.timeMs - earlier.timeMs) / 1000,
    classes: changed(later.classes, earlier.classes, {
      key: (row) => row.class,
      amount: (row) => row.pages,
      gone: (row) => ({ ...row, pages: 0, bytes: 0 }),
      with: (row, deltaPages) => ({ ...row, deltaPages }),
    }),
    owners: changed(later.owners, earlier.owners, {
      // Ids are given again, so a path belongs to the key.
      key: ({ id, path }) => `${id} ${path}`,
      amount: (row) => row.bytes,
      gone: (row) => ({ ...row, bytes: 0, pages: 0, objects: 0, parts: [] }),
      with: (row, deltaBytes) => ({ ...row, deltaBytes }),
    }),
    areas: changed(later.areas, earlier.areas, {
      key: ({ kind, caller, module }) => `${kind} ${caller} ${module}`,
      amount: (row) => row.pages,
      gone: (row) => ({ ...row, areas: 0, pages: 0, bytes: 0 }),
      with: (row, deltaPages) => ({ ...row, deltaPages }),
    }),
    holders:
      later.holders === null || earlier.holders === null
        ? (later.holders?.map((row) => ({ ...row, deltaPages: null })) ?? null)
        : changed(later.holders, earlier.holders, {
            key: (row) => `${row.class} ${row.text}`,
            amount: (row) => row.pages,
            gone: (row) => ({
              ...row,
              pages: 0,
              bytes: 0,
              objects: 0,
              behindPages: 0,
              chains: [],
              processes: [],
              unownedPages: null,
            }),
            with: (row, deltaPages) => ({ ...row, deltaPages }),
          }),
    types:
      later.types === null || earlier.types === null
        ? (later.types?.map(unchanged) ?? null)
        : later.types.map((cache) => {
            const before = earlier.types?.find((each) => each.cache === cache.cache);
            if (before === undefined) return unchanged(cache);
            return {
              ...cache,
              rows: changed(cache.rows, before.rows, {
                key: ({ holder }) => holder,
                amount: ({ objects }) => objects,
                gone: (row) => ({ ...row, objects: 0, bytes: 0 }),
                with: (row, deltaObjects) => ({ ...row, deltaObjects }),
              }),
            };
          }),
  };
}

/** Without the changes that it had since a third one. */
function unchanged(cache: CensusType): CensusType {
  return { ...cache, rows: cache.rows.map((row) => ({ ...row, deltaObjects: null })) };
}

interface Kind<T> {
  key: (row: T) => string;
  amount: (row: T) => number;
  /** The row of the earlier census, as it is now that nothing of it is left. */
  gone: (row: T) => T;
  with: (row: T, delta: number) => T;
}

/** The order of `now` stays; what is gone comes after it. */
function changed<T>(now: readonly T[], before: readonly T[], kind: Kind<T>): T[] {
  const was = new Map<string, { row: T; amount: number }>();
  for (const row of before) {
    const key = kind.key(row);
    was.set(key, { row, amount: kind.amount(row) + (was.get(key)?.amount ?? 0) });
  }
  const rows: T[] = [];
  for (const row of now) {
    const key = kind.key(row);
    rows.push(kind.with(row, kind.amount(row) - (was.get(key)?.amount ?? 0)));
    // A second row of the same key is all growth.
    was.delete(key);
  }
  for (const { row, amount } of was.values()) if (amount > 0) rows.push(kind.with(kind.gone(row), -amount));
  return rows;
}
