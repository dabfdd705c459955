/**
 * /proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print), zone by zone:
 *
 *    Node 0, zone   Normal
 *      pages free     5000711
 *            min      15337
 *            managed  5405233
 *            nr_free_cma  0
 *      pagesets
 *        cpu: 0
 *                  count:    54262
 *
 * The lines of a node's own counters ("per-node stats") stand under its first zone and have other names.
 */

/** One zone of one node, in pages. */
export interface ZoneFacts {
  node: number;
  zone: string;
  free: number;
  min: number;
  low: number;
  high: number;
  present: number;
  managed: number;
  perCpuFree: number;
  /** Free pages of the contiguous memory allocator, part of `free`. */
  cmaFree: number;
}

/** 1,024 nodes of 5 zones are the most that a kernel can have. */
const ZONE_LIMIT = 8192;
const TEXT_LIMIT = 16 << 20;
/** Two kinds of line: the head of a zone, and a value. No two neighbouring parts match the same character. */
const LINE =
  /^(?:Node (\d{1,5}), zone +(\w{1,16})| {1,32}(?:pages )?(free|min|low|high|present|managed|count:|nr_free_cma) {1,32}(\d{1,15}))$/gm;

const FIELDS: Record<string, keyof ZoneFacts> = {
  free: 'free',
  min: 'min',
  low: 'low',
  high: 'high',
  present: 'present',
  managed: 'managed',
  nr_free_cma: 'cmaFree',
};

/** Returns the zones, those without memory included; null if the text is not a zoneinfo. */
export function parseZones(text: string): ZoneFacts[] | null {
  const zones: ZoneFacts[] = [];
  let zone: ZoneFacts | undefined;
  for (const [, node, name, field, value] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
    if (node !== undefined) {
      if (zones.length === ZONE_LIMIT) break;
      zone = { ...EMPTY, node: Number(node), zone: name };
      zones.push(zone);
    } else if (zone !== undefined) {
      if (field === 'count:') zone.perCpuFree += Number(value);
      else Object.assign(zone, { [FIELDS[field]]: Number(value) });
    }
  }
  return zones.length === 0 ? null : zones;
}

const EMPTY = { free: 0, min: 0, low: 0, high: 0, present: 0, managed: 0, perCpuFree: 0, cmaFree: 0 };

/** Returns the number of CPUs that the lists of free pages name; 0 = the text names none. */
export function cpusOfZoneinfo(text: string): number {
  let cpus = 0;
  for (const [, cpu] of text.slice(0, TEXT_LIMIT).matchAll(/^ {1,16}cpu: (\d{1,5})$/gm)) {
    cpus = Math.max(cpus, Number(cpu) + 1);
  }
  return cpus;
}
