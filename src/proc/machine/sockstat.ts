/**
 * /proc/net/sockstat and sockstat6 (net/ipv4/proc.c), one text for each network namespace:
 *
 *    TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 0
 *    FRAG: inuse 0 memory 0
 *
 * `mem` (pages), `orphan` and `alloc` count the whole machine, whichever namespace prints them: the
 * largest value stands for all. The others are the namespace's own and are summed.
 */
const TEXT_LIMIT = 4096;
const LINE = /^(sockets|TCP6?|UDP6?|UDPLITE6?|RAW6?|FRAG6?): ([a-z]{1,16} \d{1,15}(?: [a-z]{1,16} \d{1,15}){0,8})$/gm;
const OF_MACHINE = new Set(['mem', 'orphan', 'alloc']);

/** Returns sums by name: 'tcp pages', 'tcp inuse', 'tcp orphan', 'tcp alloc', 'udp pages', 'frag bytes', ...; null if no text is a sockstat. */
export function sumSockstats(texts: Iterable<string>): ReadonlyMap<string, number> | null {
  const sums = new Map<string, number>();
  for (const text of texts) {
    for (const [, protocol, fields] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
      for (const [, field, value] of fields.matchAll(/([a-z]{1,16}) (\d{1,15})/g)) {
        const name = `${protocol.toLowerCase()} ${{ mem: 'pages', memory: 'bytes' }[field] ?? field}`;
        const before = sums.get(name) ?? 0;
        sums.set(name, OF_MACHINE.has(field) ? Math.max(before, Number(value)) : before + Number(value));
      }
    }
  }
  return sums.size === 0 ? null : sums;
}
