/** The word that was probably meant by a mistyped one. */

/** A longer way from one word to another is no slip of the fingers. */
const MOST_EDITS = 2;

/**
 * Returns the one of `words` that is the fewest edits away from `typed`: letters left out, added, changed, or two that
 * changed places. Null if that takes more than two edits, or half of the letters. Of several, the first one.
 */
export function nearestWord(typed: string, words: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Math.min(MOST_EDITS, Math.floor(typed.length / 2)) + 1;
  for (const word of words) {
    // No long argument must cost time: the length alone is that many edits.
    if (Math.abs(word.length - typed.length) >= least) continue;
    const edits = editsBetween(typed, word);
    if (edits >= least) continue;
    nearest = word;
    least = edits;
  }
  return nearest;
}

/** https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(row[j - 1] + 1, rows[i - 1][j] + 1, rows[i - 1][j - 1] + change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, rows[i - 2][j - 2] + 1);
      row.push(edits);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
