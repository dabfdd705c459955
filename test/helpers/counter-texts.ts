/** Texts of the kernel's counters, with only the parts that are read. */

/** A text of /proc/slabinfo; `caches` maps name to [active objects, bytes of one, objects per slab]. */
export function slabinfoText(caches: Record<string, [active: number, objectBytes: number, perSlab: number]>): string {
  const lines = Object.entries(caches).map(
    ([name, [active, bytes, perSlab]]) =>
      `${name.padEnd(18)} ${active} ${active + 3} ${bytes} ${perSlab} 1 : tunables 0 0 0 : slabdata 9 9 0`,
  );
  return `slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> ...\n${lines.join('\n')}\n`;
}

export function vmstatText(allocs: number, frees: number, moves = 0): string {
  return (
    `nr_free_pages 5000\npgalloc_dma 0\npgalloc_normal ${allocs}\npgfree ${frees}\npgactivate 0\n` +
    `pgmigrate_success ${moves}\npgmigrate_fail 3\n`
  );
}

export function meminfoText(totalKiB: number, freeKiB: number): string {
  return `MemTotal: ${totalKiB} kB\nMemFree: ${freeKiB} kB\n`;
}
