/** The truth of a guest: what its loads and its module say they hold. */

/** What a load holds: the first count of its line "held" (scripts/loads/load.h). */
export interface Held {
  pid: number;
  bytes: number;
  /** Of a load that counts objects; else 0. */
  objects: number;
}

/** Returns null if the load did not get that far. */
export function parseHeld(text: string): Held | null {
  const line = text.split('\n').find((each) => each.includes('"state":"held"'));
  if (line === undefined) return null;
  const said = JSON.parse(line) as {
    pid: number;
    objects?: { bytes: number }[];
    truth?: { count: number; bytes?: number }[];
  };
  const [first] = said.objects ?? said.truth ?? [];
  if (first === undefined) return null;
  return { pid: said.pid, bytes: first.bytes ?? 0, objects: 'count' in first ? first.count : 0 };
}

/** One object, block of pages or area of uf_orphans. */
export interface Planted {
  site: string;
  isLost: boolean;
  address: bigint;
  bytes: number;
}

/** Reads /proc/uf_orphans: "SITE lost|kept ADDRESS BYTES ORDER". */
export function parsePlanted(text: string): Planted[] {
  return [...text.matchAll(/^(\w+) (lost|kept) ([0-9a-f]+) (\d+) -?\d+$/gm)].map(([, site, is, address, bytes]) => ({
    site,
    isLost: is === 'lost',
    address: BigInt(`0x${address}`),
    bytes: Number(bytes),
  }));
}
