import type { EventBatch } from '../src/event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KMEM_CACHE_ALLOC, PAGE } from '../src/event/kinds.js';
import type { TraceDictionary } from '../src/event/trace-dictionary.js';

/** Events in one message. */
const MESSAGE_EVENTS = 2048;

/**
 * Just enough of the stream (bpf/README.md) for the seeded traffic: kmem_cache allocs in their
 * sized form.
 */
export class StreamWriter {
  private readonly view = new DataView(new ArrayBuffer(128 << 20));
  private at = 16;

  constructor() {
    this.text(0, 'UNFREEDS');
    this.view.setUint16(8, 1, true);
    this.view.setUint32(12, 0x01020304, true);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer, 0, this.at);
  }

  definitions({ stacks, comms, caches }: TraceDictionary): void {
    for (let id = 1; id <= stacks.size; id++) {
      const depth = stacks.depth(id);
      const at = this.message(2, 8 + depth * 8);
      this.view.setUint32(at, id, true);
      this.view.setUint16(at + 4, depth, true);
      for (let i = 0; i < depth; i++) {
        const frame = stacks.frameId(id, i);
        this.view.setUint32(at + 8 + i * 8, stacks.frames.lo[frame], true);
        this.view.setUint32(at + 12 + i * 8, stacks.frames.hi[frame], true);
      }
    }
    for (let id = 1; id <= comms.size; id++) {
      const at = this.message(3, 24);
      this.view.setUint32(at, id, true);
      this.text(at + 8, comms.name(id).slice(0, 16));
    }
    for (let id = 1; id <= caches.size; id++) {
      const name = caches.name(id);
      const at = this.message(4, 16 + name.length);
      this.view.setUint32(at, id, true);
      this.text(at + 16, name);
    }
  }

  events(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row += MESSAGE_EVENTS) {
      const end = Math.min(batch.length, row + MESSAGE_EVENTS);
      const start = this.message(6, 0);
      for (let each = row; each < end; each++) this.event(batch, each);
      this.view.setUint32(start - 4, this.at - start, true);
    }
  }

  private event(batch: EventBatch, row: number): void {
    const { kind, timeNs, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId } = batch;
    const isPage = ALLOCATOR_OF_KIND[kind[row]] === PAGE;
    const wireKind = kind[row] === KMEM_CACHE_ALLOC ? KMEM_CACHE_ALLOC | 64 : kind[row];
    this.u32(((timeNs[row] % 2 ** 24) << 8) | wireKind);
    this.u32(Math.floor(timeNs[row] / 2 ** 24));
    this.u32(addrLo[row]);
    this.u32(isPage ? addrHi[row] | (Math.log2(size[row]) << 24) : addrHi[row]);
    if ((kind[row] & FREE_BIT) !== 0) return;
    this.u32(stackId[row]);
    this.u32(pid[row]);
    this.u32(commId[row] | (cacheId[row] << 16));
    this.u32(0);
    if (isPage) return;
    this.u32(size[row]);
    this.u32(bytesReq[row]);
  }

  private u32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** Begins a message with room for its payload, and returns the place of the payload. */
  private message(kind: number, length: number): number {
    this.at += -this.at & 7;
    this.view.setUint16(this.at, kind, true);
    this.view.setUint32(this.at + 4, length, true);
    const payload = this.at + 8;
    this.at = payload + length + (-length & 7);
    return payload;
  }

  private text(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.view.setUint8(at + i, text.charCodeAt(i));
  }
}
