/** Fits values over time into a number of columns. Pure. */

/**
 * Values at firstNs + i * stepNs, over [0, durationNs] in `columns` columns. A column is `fold` of the values whose times
 * lie in it; without any, it is the value in force then, or null before the first.
 */
export function columnsOf(
  values: readonly number[],
  { firstNs, stepNs }: { firstNs: number; stepNs: number },
  durationNs: number,
  columns: number,
  fold: (values: readonly number[]) => number,
): (number | null)[] {
  const out: (number | null)[] = [];
  const width = durationNs / columns;
  for (let column = 0; column < columns; column++) {
    const from = Math.ceil((column * width - firstNs) / stepNs);
    const to = column === columns - 1 ? values.length : Math.ceil(((column + 1) * width - firstNs) / stepNs);
    const held = values.slice(Math.max(0, from), Math.max(0, to));
    if (held.length > 0) out.push(fold(held));
    else out.push(from <= 0 ? null : values[Math.min(from, values.length) - 1]);
  }
  return out;
}

export function lastOf(values: readonly number[]): number {
  return values[values.length - 1];
}

export function greatestOf(values: readonly number[]): number {
  return Math.max(...values);
}

/** The index of the column, out of `columns`, in which a time lies. */
export function columnAt(timeNs: number, durationNs: number, columns: number): number {
  if (!(durationNs > 0)) return 0;
  return Math.min(columns - 1, Math.max(0, Math.floor((timeNs / durationNs) * columns)));
}
