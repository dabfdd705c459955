/**
 * Returns the first n of many ids in the order of `before`, without sorting them all: a heap holds
 * the best n so far, the worst on top. `before(a, b)` is negative if a comes first; it must not
 * return 0 for different ids, so that the order in which ids arrive does not change the result.
 */
export function topN(ids: Iterable<number>, n: number, before: (a: number, b: number) => number): number[] {
  const heap: number[] = [];
  for (const id of ids) {
    if (heap.length < n) {
      heap.push(id);
      siftUp(heap, before);
    } else if (n > 0 && before(id, heap[0]) < 0) {
      heap[0] = id;
      siftDown(heap, before);
    }
  }
  return heap.toSorted(before);
}

function siftUp(heap: number[], before: (a: number, b: number) => number): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (before(heap[at], heap[parent]) <= 0) return;
    const swap = heap[at];
    heap[at] = heap[parent];
    heap[parent] = swap;
    at = parent;
  }
}

function siftDown(heap: number[], before: (a: number, b: number) => number): void {
  let at = 0;
  for (;;) {
    let worst = at * 2 + 1;
    if (worst >= heap.length) return;
    if (worst + 1 < heap.length && before(heap[worst + 1], heap[worst]) > 0) worst++;
    if (before(heap[worst], heap[at]) <= 0) return;
    const swap = heap[at];
    heap[at] = heap[worst];
    heap[worst] = swap;
    at = worst;
  }
}
