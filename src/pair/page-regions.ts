/**
 * PageRegions: which pages are outstanding, two bits a page, for the parts of the pfn space where
 * some are. A region is 512 pages (2 MiB of 4 KiB pages), 32 words: word 2i holds which of the
 * pages 32i..32i+31 are held as single pages, word 2i+1 which belong to a block of several. So one
 * lookup answers whether a page is held, and as which of the two; the table of blocks would need a
 * search for every order. Two bits a page are 16 MB for a machine of 256 GB.
 *
 * Empty regions are reclaimed only when room is needed: nothing is counted per event.
 */
const WORDS = 32;
/** 2^22 regions are 8 TiB of 4 KiB pages and 512 MB of bits; only a damaged trace needs more. */
const REGION_LIMIT = 2 ** 22;
/** log2 of the pages in a region. */
export const REGION_SHIFT = 9;
export const PAGES_PER_REGION = 512;

export class PageRegions {
  /** Two words for each 32 pages, 32 words a region. */
  bits = new Uint32Array(16 * WORDS);
  /** Regions in use are among [0, size). */
  private size = 0;
  private keys = new Uint32Array(16);
  /** 1 = in the index, 0 = in freeRegions. */
  private used = new Uint8Array(16);
  private freeRegions: number[] = [];
  /** Open addressing: pairs of key + 1 (0 = empty) and region. The load is at most 1/2. */
  private index = new Uint32Array(64 * 2);
  private shift = 32 - 6;
  private indexed = 0;
  /** Requests still to refuse without a search for empty regions, once REGION_LIMIT is reached. */
  private refusals = 0;

  /**
   * Returns the index in `bits` of a region's first word, -1 if no page of the region is held. The
   * key is pfn >> 9.
   */
  find(key: number): number {
    const index = this.index;
    const mask = index.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> this.shift) * 2;
    for (;;) {
      const found = index[at];
      if (found === key + 1) return index[at + 1] * WORDS;
      if (found === 0) return -1;
      at = (at + 2) & mask;
    }
  }

  /**
   * Like find(), but adds a region that is new; -1 if there are too many. Indexes returned earlier
   * become invalid unless a bit is set there.
   */
  findOrAdd(key: number): number {
    const found = this.find(key);
    return found >= 0 ? found : this.add(key);
  }

  /** Bytes of memory that the regions take. */
  get byteLength(): number {
    return this.bits.byteLength + this.keys.byteLength + this.index.byteLength;
  }

  /**
   * True if more than half of all possible regions exist, so that findOrAdd() may soon refuse: its
   * answer then depends on regions that are empty.
   */
  get crowded(): boolean {
    return this.size > REGION_LIMIT / 2;
  }

  /** Calls back for each held page with its pfn, and whether it belongs to a block. For tests. */
  eachPage(callback: (pfn: number, inBlock: boolean) => void): void {
    for (let region = 0; region < this.size; region++) {
      for (let page = 0; page < PAGES_PER_REGION; page++) {
        const word = region * WORDS + (page >>> 5) * 2;
        const bit = 1 << (page & 31);
        const pfn = this.keys[region] * PAGES_PER_REGION + page;
        if ((this.bits[word] & this.bits[word + 1] & bit) !== 0) throw new Error(`page ${pfn} is held twice`);
        if ((this.bits[word] & bit) !== 0) callback(pfn, false);
        if ((this.bits[word + 1] & bit) !== 0) callback(pfn, true);
      }
    }
  }

  /** Returns true if `regions` more can be added. */
  hasRoom(regions: number): boolean {
    return REGION_LIMIT - this.size + this.freeRegions.length >= regions || (this.makeRoom() && this.hasRoom(regions));
  }

  private add(key: number): number {
    if (this.freeRegions.length === 0 && this.size === this.keys.length && !this.makeRoom()) return -1;
    const region = this.freeRegions.pop() ?? this.size++;
    this.keys[region] = key;
    this.used[region] = 1;
    if (++this.indexed * 4 > this.index.length) this.buildIndex();
    else this.insert(key, region);
    return region * WORDS;
  }

  private insert(key: number, region: number): void {
    const index = this.index;
    const mask = index.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> this.shift) * 2;
    while (index[at] !== 0) at = (at + 2) & mask;
    index[at] = key + 1;
    index[at + 1] = region;
  }

  /**
   * Makes room for at least one region. Returns false if there is none; at REGION_LIMIT the next
   * calls do not search.
   */
  private makeRoom(): boolean {
    if (this.refusals > 0) {
      this.refusals--;
      return false;
    }
    const before = this.freeRegions.length;
    this.takeBackEmpty();
    const gained = this.freeRegions.length - before;
    // The walk was worth its time only if it reclaimed a quarter. Otherwise grow, to delay the next walk.
    if (gained * 4 >= this.size) return true;
    if (this.keys.length < REGION_LIMIT) {
      this.grow();
      return true;
    }
    this.refusals = this.size;
    return gained > 0;
  }

  private takeBackEmpty(): void {
    for (let region = this.size - 1; region >= 0; region--) {
      if (this.used[region] === 0 || !this.isEmpty(region)) continue;
      this.used[region] = 0;
      this.freeRegions.push(region);
    }
    this.indexed = this.size - this.freeRegions.length;
    this.buildIndex();
  }

  private isEmpty(region: number): boolean {
    for (let i = region * WORDS; i < (region + 1) * WORDS; i++) if (this.bits[i] !== 0) return false;
    return true;
  }

  /** Rebuilds the index from all regions in use. */
  private buildIndex(): void {
    let length = this.index.length;
    while (this.indexed * 4 > length) length *= 2;
    this.index = new Uint32Array(length);
    this.shift = 32 - Math.log2(length / 2);
    for (let region = 0; region < this.size; region++) {
      if (this.used[region] === 1) this.insert(this.keys[region], region);
    }
  }

  private grow(): void {
    const regions = Math.min(REGION_LIMIT, Math.ceil(this.keys.length * 1.5));
    const keys = new Uint32Array(regions);
    const used = new Uint8Array(regions);
    const bits = new Uint32Array(regions * WORDS);
    keys.set(this.keys);
    used.set(this.used);
    bits.set(this.bits);
    this.keys = keys;
    this.used = used;
    this.bits = bits;
  }
}
