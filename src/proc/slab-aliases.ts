/**
 * The names of merged slab caches. SLUB gives several caches of like objects one cache in common, and
 * events name only the first of them. /sys/kernel/slab has a link for each name: UNIX -> :A-0001152.
 */

/** A name in /sys/kernel/slab and the file name that its link leads to. */
export interface CacheAlias {
  name: string;
  target: string;
}

/** Returns the aliases in the text of an ALIASES message: a name and a target in turn, each with a NUL behind it. */
export function aliasesIn(text: string): CacheAlias[] {
  const parts = text.split('\0');
  const aliases: CacheAlias[] = [];
  for (let i = 0; i + 2 < parts.length; i += 2) aliases.push({ name: parts[i], target: parts[i + 1] });
  return aliases;
}

/** Returns the names that share a cache, a sorted list for each cache that has at least two. */
export function mergedCaches(aliases: readonly CacheAlias[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const { name, target } of aliases) {
    if (name === '' || target === '') continue;
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [name]);
    else group.push(name);
  }
  return [...groups.values()]
    .map((names) => [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1)))
    .filter((names) => names.length > 1)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
