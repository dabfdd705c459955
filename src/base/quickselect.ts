/**
 * Returns the k-th smallest of values[0..length), k from 0, by Hoare's quickselect with the middle
 * as pivot: linear time on average, no memory. Reorders the values.
 */
export function quickselect(values: Float64Array, length: number, k: number): number {
  let left = 0;
  let right = length - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swap = values[i];
      values[i++] = values[j];
      values[j--] = swap;
    }
    // Now values[left..j] <= pivot <= values[i..right], and the values between equal it.
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return values[k];
  }
  return values[k];
}

/**
 * Returns the median of values[0..length): the mean of the two middle values if the number is even,
 * 0 if there are none. Reorders the values.
 */
export function median(values: Float64Array, length: number): number {
  if (length === 0) return 0;
  const upper = quickselect(values, length, length >>> 1);
  if (length % 2 === 1) return upper;
  let lower = values[0];
  // quickselect() left all smaller values before the middle.
  for (let i = 1; i < length >>> 1; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}
