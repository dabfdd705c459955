/**
 * What other tools print of slab caches, as a text of /proc/slabinfo: slabtop -o of procps, and
 * kmem -s of crash. Caches that a tool leaves out (slabtop -o without a terminal prints all) are missing.
 */
const HEADER =
  'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n';
const CACHE_LIMIT = 16_384;

interface Row {
  name: string;
  active: number;
  objects: number;
  bytes: number;
  perSlab: number;
  pages: number;
  slabs: number;
}

/** "554379 554379 100%    0.19K  26399       21    105596K dentry" */
const SLABTOP = /^ *(\d{1,12}) +(\d{1,12}) +\d+% +([\d.]{1,12})K +(\d{1,12}) +(\d{1,9}) +(\d{1,13})K (\S{1,128})/gm;
/** "ffff893b3dce8e00     1112         49      3741    129    32k  nfs_inode_cache" */
const KMEM = /^ *[0-9a-f]{8,16} +(\d{1,9}) +(\d{1,12}) +(\d{1,12}) +(\d{1,12}) +(\d{1,6})k +(\S{1,128})/gm;
/** Before crash 7.2 the name comes second: "c02eadc0 kmem_cache 232 58 68 4 4k". */
const KMEM_OLD = /^ *[0-9a-f]{8,16} +([A-Za-z]\S{0,127}) +(\d{1,9}) +(\d{1,12}) +(\d{1,12}) +(\d{1,12}) +(\d{1,6})k$/gm;

/** Rows of a text, so many as a machine has caches. */
function rowsOf(text: string, pattern: RegExp): RegExpExecArray[] {
  const rows: RegExpExecArray[] = [];
  for (const row of text.matchAll(pattern)) if (rows.push(row) >= CACHE_LIMIT) break;
  return rows;
}

/** Returns null if the text is not slabtop's. */
export function slabinfoOfSlabtop(text: string, pageSize: number): string | null {
  return slabinfo(
    rowsOf(text, SLABTOP).map(([, objects, active, size, slabs, perSlab, cacheKiB, name]) => {
      const pages = Number(slabs) === 0 ? 0 : Math.round((Number(cacheKiB) * 1024) / Number(slabs) / pageSize);
      return {
        name,
        active: Number(active),
        objects: Number(objects),
        bytes: objectBytes(Number(size) * 1024, (pages * pageSize) / Math.max(1, Number(perSlab))),
        perSlab: Number(perSlab),
        pages,
        slabs: Number(slabs),
      };
    }),
  );
}

/** "AF_VSOCK                     48     48   1280     12": the last column is objects a slab (vmstat.c). */
const VMSTAT = /^(\S{1,128}) +(\d{1,12}) +(\d{1,12}) +(\d{1,9}) +(\d{1,9}) *$/gm;

/** Returns null if the text is not that of vmstat -m, which leaves out how many pages a slab has: as many as its objects need. */
export function slabinfoOfVmstat(text: string, pageSize: number): string | null {
  return slabinfo(
    rowsOf(text, VMSTAT).map(([, name, active, objects, size, perSlab]) => {
      const inSlab = Math.max(1, Number(perSlab));
      return {
        name,
        active: Number(active),
        objects: Number(objects),
        bytes: Number(size),
        perSlab: inSlab,
        pages: Math.max(1, Math.ceil((Number(size) * inSlab) / pageSize)),
        slabs: Math.ceil(Number(objects) / inSlab),
      };
    }),
  );
}

/** Returns rows of a slabinfo whose head is missing as a whole one. */
export function withSlabinfoHead(rows: string): string {
  return HEADER + rows;
}

/** slabtop rounds to 10 bytes. An object cannot be larger than its share of a slab, and most fill it to a word. */
function objectBytes(rounded: number, share: number): number {
  const word = Math.floor(share / 8) * 8;
  return Math.max(1, Math.abs(rounded - word) <= 6 ? word : Math.min(Math.round(rounded / 8) * 8 || 8, word || 8));
}

/** Returns null if the text is not crash's. A cache that crash could not count ('?') is left out. */
export function slabinfoOfCrash(text: string, pageSize: number): string | null {
  const newer = rowsOf(text, KMEM).map((row) => [row[6], ...row.slice(1, 6)]);
  const rows = newer.length > 0 ? newer : rowsOf(text, KMEM_OLD).map((row) => row.slice(1));
  return slabinfo(
    rows.map(([name, size, allocated, total, slabs, slabKiB]) => ({
      name,
      active: Number(allocated),
      objects: Number(total),
      bytes: Number(size),
      perSlab: Number(slabs) === 0 ? 1 : Math.max(1, Math.round(Number(total) / Number(slabs))),
      pages: Math.max(1, Math.round((Number(slabKiB) * 1024) / pageSize)),
      slabs: Number(slabs),
    })),
  );
}

function slabinfo(rows: readonly Row[]): string | null {
  if (rows.length === 0) return null;
  const lines = rows.map(
    ({ name, active, objects, bytes, perSlab, pages, slabs }) =>
      `${name} ${active} ${objects} ${bytes} ${perSlab} ${pages} : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`,
  );
  return HEADER + lines.join('');
}
