/**
 * BlockLists: for each process the addresses of its heap blocks, so that a fork, exec or exit need not search the table of all
 * blocks: a build has tens of thousands of processes. An address is appended when a block is put into the table. It stays in
 * the list when the block is freed, until more than half of the list is of no use; it may stand there twice.
 */

/** Addresses that are worth no tidying. */
const FEW = 64;

interface BlockList {
  addresses: Float64Array;
  length: number;
  /** Blocks that are held. */
  held: number;
}

export class BlockLists {
  private readonly byProcess = new Map<number, BlockList>();
  private readonly isHeld: (process: number, address: number) => boolean;

  /** `isHeld`: true if the table has a block at an address below 2^48. */
  constructor(isHeld: (process: number, address: number) => boolean) {
    this.isHeld = isHeld;
  }

  /** A block was put into the table. */
  add(process: number, address: number): void {
    let list = this.byProcess.get(process);
    if (list === undefined) {
      list = { addresses: new Float64Array(FEW), length: 0, held: 0 };
      this.byProcess.set(process, list);
    }
    if (list.length === list.addresses.length) this.makeRoom(process, list);
    list.addresses[list.length++] = address;
    list.held++;
  }

  /** A block was taken out of the table. */
  remove(process: number): void {
    const list = this.byProcess.get(process);
    if (list !== undefined && --list.held === 0) this.byProcess.delete(process);
  }

  /** Number of blocks of a process. */
  count(process: number): number {
    return this.byProcess.get(process)?.held ?? 0;
  }

  /** Addresses of the blocks of a process, each once and in order; some may be of no block. A copy. */
  of(process: number): Float64Array {
    const list = this.byProcess.get(process);
    if (list === undefined) return NONE;
    const addresses = list.addresses.subarray(0, list.length).toSorted();
    let kept = 0;
    for (const address of addresses) if (kept === 0 || addresses[kept - 1] !== address) addresses[kept++] = address;
    return addresses.subarray(0, kept);
  }

  /** A process that has no blocks has as many as `held` of these now, each of which is there once. */
  set(process: number, addresses: Float64Array, held: number): void {
    if (held > 0) this.byProcess.set(process, { addresses, length: addresses.length, held });
  }

  /** All blocks of a process were taken out of the table. */
  forget(process: number): void {
    this.byProcess.delete(process);
  }

  get byteLength(): number {
    let bytes = 0;
    for (const { addresses } of this.byProcess.values()) bytes += addresses.byteLength;
    return bytes;
  }

  /** Throws if a count is not that of the table. For tests. */
  checkInvariants(): void {
    for (const [process, { held }] of this.byProcess) {
      const found = this.of(process).filter((address) => this.isHeld(process, address)).length;
      if (found !== held || held === 0) throw new Error(`process ${process}: ${found} blocks, not ${held}`);
    }
  }

  private makeRoom(process: number, list: BlockList): void {
    if (list.length > list.held * 2) this.tidy(process, list);
    if (list.length * 4 <= list.addresses.length * 3) return;
    const grown = new Float64Array(list.addresses.length * 2);
    grown.set(list.addresses.subarray(0, list.length));
    list.addresses = grown;
  }

  /** Leaves each address of a block once, in order. */
  private tidy(process: number, list: BlockList): void {
    const { addresses } = list;
    let kept = 0;
    for (const address of this.of(process)) if (this.isHeld(process, address)) addresses[kept++] = address;
    list.length = kept;
  }
}

const NONE = new Float64Array(0);
