import { meanOf } from './block-means.js';

/**
 * The change point of a series: the index at which a level that turns into a line, y = a + b *
 * max(0, i - index), fits best by least squares.
 */
export function changePointOf(window: Float64Array): number {
  const n = window.length;
  const sum = meanOf(window, 0, n) * n;
  let best = 0;
  let place = 0;
  // Of the points after the index: their sum, and the sum of each times its distance.
  let behind = 0;
  let product = 0;
  for (let at = n - 2; at >= 0; at--) {
    behind += window[at + 1];
    product += behind;
    const m = n - 1 - at;
    const distances = (m * (m + 1)) / 2;
    const spreadX = (distances * (2 * m + 1)) / 3 - (distances * distances) / n;
    const both = product - (distances * sum) / n;
    // The part of the squares that the line explains; of equals, the earliest index.
    const explained = (both * both) / spreadX;
    if (m > 2 && explained >= best * (1 - 1e-9)) {
      best = explained;
      place = at;
    }
  }
  return place;
}
