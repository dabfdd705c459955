/**
 * Reads a tar archive from front to back (ustar, pax and GNU long names; POSIX.1-2017 pax, and
 * "Basic Tar Format" of GNU tar's manual). It gives regular files only: links, devices, pipes and
 * sparse files are passed over, so that nothing in an archive names anything outside of it.
 *
 * Bytes are pushed as they come. Memory is bounded by one header and one long name; what is kept of
 * a file is up to its receiver. A header with a wrong checksum is counted, and the next good one is
 * looked for at every 512 bytes.
 */

export interface TarMember {
  /** As the archive has it: may be absolute, have '..', and hold any byte. */
  name: string;
  bytes: number;
  /** ms since 1970. */
  timeMs: number;
}

/** Receives the bytes of one file. They are only valid during the call. */
export interface MemberSink {
  /** False if its limit is reached: pushing more changes nothing. */
  readonly wantsMore: boolean;
  push(bytes: Uint8Array): void;
  /** whole: false if the archive ended in the middle of the file. */
  end(whole: boolean): void;
}

const BLOCK = 512;
/** Paths have at most 4,096 bytes; a pax header may hold other records beside one. */
const LONG_NAME_LIMIT = 1 << 16;
/** Sizes beyond this are damage: no tar of a support bundle has a file of 8 TiB. */
const SIZE_LIMIT = 2 ** 43;

type State = 'header' | 'file' | 'name' | 'pax' | 'skip' | 'end';

export class TarReader {
  /** Headers that could not be read. */
  damaged = 0;
  members = 0;

  private readonly wish: (member: TarMember) => MemberSink | null;
  private readonly header = new Uint8Array(BLOCK);
  private held = 0;
  private state: State = 'header';
  /** Bytes of the current file that have not come yet, and the padding behind it. */
  private left = 0;
  private padding = 0;
  private sink: MemberSink | null = null;
  private long: Uint8Array = new Uint8Array(0);
  private longHeld = 0;
  private longName: string | null = null;
  private pax = new Map<string, string>();

  /** wish: returns who takes the bytes of this file; null = they are passed over. */
  constructor(wish: (member: TarMember) => MemberSink | null) {
    this.wish = wish;
  }

  /** True once the end of the archive was seen: two empty blocks. */
  get ended(): boolean {
    return this.state === 'end';
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.state !== 'end') {
      if (this.state === 'header') {
        const taken = Math.min(BLOCK - this.held, chunk.length - at);
        this.header.set(chunk.subarray(at, at + taken), this.held);
        this.held += taken;
        at += taken;
        if (this.held === BLOCK) {
          this.held = 0;
          this.readHeader();
        }
      } else {
        const taken = Math.min(this.left + this.padding, chunk.length - at);
        const content = Math.min(taken, this.left);
        if (content > 0) this.take(chunk.subarray(at, at + content));
        this.left -= content;
        this.padding -= taken - content;
        at += taken;
        if (this.left === 0 && this.padding === 0) this.finishMember();
      }
    }
  }

  /** Ends the input. Returns true if it ended between two members, or with the end of the archive. */
  finish(): boolean {
    const whole = this.state === 'end' || (this.state === 'header' && this.held === 0);
    this.sink?.end(false);
    this.sink = null;
    this.state = 'end';
    return whole;
  }

  private take(bytes: Uint8Array): void {
    if (this.state === 'file') this.sink?.push(bytes);
    else if (this.state !== 'skip') {
      this.long.set(bytes, this.longHeld);
      this.longHeld += bytes.length;
    }
  }

  private finishMember(): void {
    if (this.state === 'name') this.longName = untilNul(this.long);
    else if (this.state === 'pax') this.pax = paxRecords(this.long);
    this.sink?.end(true);
    this.sink = null;
    this.state = 'header';
  }

  private readHeader(): void {
    const header = this.header;
    if (!isTarHeader(header)) {
      if (header.every((byte) => byte === 0)) this.state = 'end';
      else this.damaged++;
      return;
    }
    const type = String.fromCharCode(header[156]);
    // The size of a pax record replaces the header's for the file that follows it alone.
    const own = numberAt(header, 124, 12);
    const size = isExtension(type) ? own : Number(this.pax.get('size') ?? own);
    if (!Number.isSafeInteger(size) || size < 0 || size > SIZE_LIMIT) {
      this.damaged++;
      return;
    }
    this.left = size;
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (isExtension(type)) this.startExtension(type, size);
    else this.startFile(type, size);
    if (this.left === 0) this.finishMember();
  }

  private startExtension(type: string, size: number): void {
    const wanted = (type === 'L' || type === 'x') && size <= LONG_NAME_LIMIT;
    this.state = !wanted ? 'skip' : type === 'L' ? 'name' : 'pax';
    this.long = new Uint8Array(wanted ? size : 0);
    this.longHeld = 0;
  }

  private startFile(type: string, size: number): void {
    const header = this.header;
    const sparse = type === 'S' || [...this.pax.keys()].some((key) => key.startsWith('GNU.sparse'));
    const posix = header[257] === 0x75 && header[262] === 0;
    const prefix = posix ? untilNul(header.subarray(345, 500)) : '';
    const short = untilNul(header.subarray(0, 100));
    const name = this.pax.get('path') ?? this.longName ?? (prefix === '' ? short : `${prefix}/${short}`);
    const timeMs = Math.trunc(Number(this.pax.get('mtime') ?? numberAt(header, 136, 12)) * 1000);
    this.pax = new Map();
    this.longName = null;
    this.state = 'skip';
    // Links and directories have no content, even if damage says so.
    if (type >= '1' && type <= '6') {
      this.left = 0;
      this.padding = 0;
      return;
    }
    this.members++;
    if (sparse || !(type === '0' || type === '\0' || type === '7')) return;
    this.sink = this.wish({ name, bytes: size, timeMs: Number.isSafeInteger(timeMs) ? timeMs : 0 });
    this.state = 'file';
  }
}

/** Returns true if these 512 bytes are a header of a tar: its checksum holds. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK) return false;
  let sum = 8 * 0x20;
  let signed = sum;
  for (let at = 0; at < BLOCK; at++) {
    if (at >= 148 && at < 156) continue;
    sum += block[at];
    signed += block[at] > 127 ? block[at] - 256 : block[at];
  }
  const said = numberAt(block, 148, 8);
  return said > 0 && (said === sum || said === signed);
}

function isExtension(type: string): boolean {
  return type === 'L' || type === 'K' || type === 'x' || type === 'g';
}

/** Octal digits, or GNU's binary form of sizes that do not fit; NaN if it is neither. */
function numberAt(block: Uint8Array, at: number, length: number): number {
  if (block[at] === 0x80) {
    let value = 0;
    for (let next = at + 1; next < at + length; next++) value = value * 256 + block[next];
    return value;
  }
  const digits = untilNul(block.subarray(at, at + length)).trim();
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return DECODER.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Records "LENGTH KEY=VALUE\n" of a pax header; what does not fit ends them. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    if (blank < 0) break;
    const length = Number(DECODER.decode(bytes.subarray(at, blank)));
    if (!Number.isInteger(length) || length <= blank - at || at + length > bytes.length) break;
    const record = DECODER.decode(bytes.subarray(blank + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

const DECODER = new TextDecoder();
