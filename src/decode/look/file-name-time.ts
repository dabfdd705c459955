/** When a text was taken, by the name of its file: a copy has lost the time of its last change. */

/** meminfo-2026-11-30T10:00, meminfo.20261130-1000, slab_2026-11-30_10.00.15.txt */
const TIME = /(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})[T _.-]?(\d{2})[:.hH-]?(\d{2})(?:[:.mM-]?(\d{2}))?(?!\d)/;

/**
 * Returns the time in the last part of a path, ms since 1970, as if it were UTC: the distance between two
 * names is what counts. Null if it has none.
 */
export function timeOfName(path: string): number | null {
  const name = path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('/') + 256);
  const match = TIME.exec(name);
  if (match === null) return null;
  const [year, month, day, hour, minute, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  return isTime ? Date.UTC(year, month - 1, day, hour, minute, second) : null;
}
