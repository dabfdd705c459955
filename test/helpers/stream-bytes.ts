/**
 * Builds the collector's byte stream (bpf/README.md), one message for each call, for tests of its
 * decoder.
 */

export interface WireAlloc {
  timeNs: number;
  kind: number;
  addr: bigint;
  stack?: number;
  pid?: number;
  comm?: number;
  cache?: number;
  cpu?: number;
  /** Kinds 1, 4, 66. */
  bytesAlloc?: number;
  bytesReq?: number;
  /** Kind 3. */
  order?: number;
  /** Kind 5. */
  vmallocBytes?: bigint;
}

export interface WireFree {
  timeNs: number;
  kind: number;
  addr: bigint;
  order?: number;
}

export class StreamBytes {
  private readonly parts: Uint8Array[] = [];

  constructor(header: Uint8Array = streamHeader()) {
    this.parts.push(header);
  }

  host(facts: unknown): this {
    return this.message(1, utf8(typeof facts === 'string' ? facts : JSON.stringify(facts)));
  }

  /** Frames leaf first. */
  stack(id: number, frames: bigint[]): this {
    const payload = new DataView(new ArrayBuffer(8 + frames.length * 8));
    payload.setUint32(0, id, true);
    payload.setUint16(4, frames.length, true);
    frames.forEach((frame, i) => payload.setBigUint64(8 + i * 8, frame, true));
    return this.message(2, bytesOf(payload));
  }

  comm(id: number, name: string): this {
    const payload = new Uint8Array(24);
    new DataView(payload.buffer).setUint32(0, id, true);
    payload.set(utf8(name).subarray(0, 16), 8);
    return this.message(3, payload);
  }

  cache(id: number, name: string, bytesAlloc: number, bytesReq: number): this {
    const head = new DataView(new ArrayBuffer(16));
    head.setUint32(0, id, true);
    head.setUint32(4, bytesAlloc, true);
    head.setUint32(8, bytesReq, true);
    return this.message(4, joined([bytesOf(head), utf8(name)]));
  }

  symbol(address: bigint, offset: number, name: string, module: string): this {
    const head = new DataView(new ArrayBuffer(16));
    head.setBigUint64(0, address, true);
    head.setUint32(8, offset, true);
    head.setUint16(12, utf8(name).length, true);
    head.setUint16(14, utf8(module).length, true);
    return this.message(5, joined([bytesOf(head), utf8(name), utf8(module)]));
  }

  events(...records: (WireAlloc | WireFree)[]): this {
    return this.message(6, joined(records.map(recordBytes)));
  }

  /** The call path of the free that comes next. */
  freeSite(site: Pick<WireAlloc, 'stack' | 'pid' | 'comm' | 'cpu'>): this {
    return this.message(16, wordBytes(placeWords(site)));
  }

  youngFree(timeNs: number, alloc: WireAlloc, site: Pick<WireAlloc, 'stack' | 'pid' | 'comm' | 'cpu'>): this {
    const word0 = (BigInt(alloc.timeNs) << 8n) | BigInt(alloc.kind);
    return this.message(17, wordBytes([BigInt(timeNs), word0, ...placeWords(alloc), ...placeWords(site)]));
  }

  losses(timeNs: number, rows: { cause: number; kind: number; cpu: number; count: number; bytes?: number }[]): this {
    const payload = new DataView(new ArrayBuffer(8 + rows.length * 32));
    payload.setBigUint64(0, BigInt(timeNs), true);
    rows.forEach((row, i) => {
      const at = 8 + i * 32;
      payload.setUint16(at, row.cause, true);
      payload.setUint8(at + 2, row.kind);
      payload.setInt32(at + 4, row.cpu, true);
      payload.setBigUint64(at + 8, BigInt(row.count), true);
      payload.setBigUint64(at + 16, BigInt(row.bytes ?? 0), true);
      payload.setBigUint64(at + 24, BigInt(row.bytes === undefined ? 0 : row.count), true);
    });
    return this.message(7, bytesOf(payload));
  }

  clock(timeNs: number): this {
    return this.message(8, timed(timeNs, 0, '').subarray(0, 8));
  }

  counters(timeNs: number, source: number, text: string): this {
    return this.message(9, timed(timeNs, source, text));
  }

  end(timeNs: number, reason: number, detail: string): this {
    return this.message(10, timed(timeNs, reason, detail));
  }

  /** Any message; `length` may be wrong. */
  message(kind: number, payload: Uint8Array, length: number = payload.length): this {
    const head = new DataView(new ArrayBuffer(8));
    head.setUint16(0, kind, true);
    head.setUint32(4, length, true);
    return this.raw(joined([bytesOf(head), payload, new Uint8Array(-payload.length & 7)]));
  }

  raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }

  bytes(): Uint8Array {
    return joined(this.parts);
  }
}

export function streamHeader(magic = 'UNFREEDS', version = 2, byteOrderMark = 0x01020304): Uint8Array {
  const header = new DataView(new ArrayBuffer(16));
  bytesOf(header).set(utf8(magic).subarray(0, 8));
  header.setUint16(8, version, true);
  header.setUint32(12, byteOrderMark, true);
  return bytesOf(header);
}

/** Words 2 and 3 of an alloc. */
function placeWords({ stack = 0, pid = 0, comm = 0, cache = 0, cpu = 0 }: Partial<WireAlloc>): bigint[] {
  const names = BigInt(comm & 0xffff) | (BigInt(cache) << 16n) | (BigInt(cpu) << 32n) | (BigInt(comm >>> 16) << 48n);
  return [BigInt(stack) | (BigInt(pid) << 32n), names];
}

function wordBytes(words: bigint[]): Uint8Array {
  return new Uint8Array(new BigUint64Array(words).buffer);
}

function recordBytes(record: WireAlloc | WireFree): Uint8Array {
  const words: bigint[] = [(BigInt(record.timeNs) << 8n) | BigInt(record.kind)];
  words.push(record.addr | (BigInt(record.order ?? 0) << 56n));
  if ((record.kind & 16) === 0) {
    const { bytesAlloc = 0, bytesReq = 0 } = record as WireAlloc;
    words.push(...placeWords(record));
    const base = record.kind & 0x3f;
    if ((record.kind & 64) !== 0 || base === 1 || base === 4) {
      words.push(BigInt(bytesAlloc) | (BigInt(bytesReq) << 32n));
    } else if (base === 5) {
      words.push((record as WireAlloc).vmallocBytes ?? 0n);
    }
  }
  return new Uint8Array(new BigUint64Array(words).buffer);
}

function timed(timeNs: number, byte: number, text: string): Uint8Array {
  const head = new DataView(new ArrayBuffer(16));
  head.setBigUint64(0, BigInt(timeNs), true);
  head.setUint8(8, byte);
  return joined([bytesOf(head), utf8(text)]);
}

function bytesOf(view: DataView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
