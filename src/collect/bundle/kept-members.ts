/**
 * What is kept of a bundle: of each file that is wanted its first or last bytes, up to its limit,
 * and up to a limit for all of them. A file is cut at a line.
 */
import { type LookMember, memberWish } from '../../decode/look/members.js';
import type { MemberSink } from './tar-reader.js';

/** The files of a machine of 100,000 cgroups; more than that is made to fill the memory of who reads it. */
const MOST_BYTES = 384 << 20;
const MOST_MEMBERS = 1_000_000;

export class KeptMembers {
  readonly members: LookMember[] = [];
  /** True if there was more than may be kept. */
  full = false;
  /** True if there was an archive within the bundle: it is not read. */
  hasArchive = false;
  private bytes = 0;
  private readonly mostBytes: number;
  private readonly mostMembers: number;

  constructor(mostBytes = MOST_BYTES, mostMembers = MOST_MEMBERS) {
    this.mostBytes = mostBytes;
    this.mostMembers = mostMembers;
  }

  /** Returns true if the file at this path of the bundle is wanted. */
  wants(path: string): boolean {
    if (/\.(?:tar|t[gx]z|tbz2?|zip)(?:\.\w{1,4})?$/.test(path)) this.hasArchive = true;
    return memberWish(path) !== null;
  }

  /** Returns who takes the bytes of the file at this path of the bundle; null if it is not wanted. */
  wish(path: string, timeMs: number | null): MemberSink | null {
    const wish = this.wants(path) ? memberWish(path) : null;
    return wish === null ? null : this.keep({ ...wish, timeMs });
  }

  /** Returns who takes the bytes of a text whose name is known. */
  keep(member: { name: string; limitBytes: number; keep: 'head' | 'tail'; timeMs: number | null }): MemberSink | null {
    if (this.bytes >= this.mostBytes || this.members.length >= this.mostMembers) {
      this.full = true;
      return null;
    }
    const text = new CutText(Math.min(member.limitBytes, this.mostBytes - this.bytes), member.keep);
    return {
      get wantsMore() {
        return !text.full;
      },
      push: (bytes) => text.push(bytes),
      end: () => {
        this.bytes += text.held;
        this.members.push({ name: member.name, text: text.text(), timeMs: member.timeMs, cut: text.cut });
      },
    };
  }
}

/** The first or the last `limit` bytes of a text. */
class CutText {
  cut = false;
  held = 0;
  private readonly limit: number;
  private readonly keep: 'head' | 'tail';
  private pieces: Uint8Array[] = [];

  constructor(limit: number, keep: 'head' | 'tail') {
    this.limit = limit;
    this.keep = keep;
  }

  /** True if more bytes change nothing. */
  get full(): boolean {
    return this.keep === 'head' && this.cut;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.full) return;
    if (this.keep === 'head' && this.held + bytes.length > this.limit) {
      this.cut = true;
      this.add(bytes.slice(0, this.limit - this.held));
      return;
    }
    this.add(bytes.slice());
    while (this.held - this.pieces[0].length > this.limit) {
      this.cut = true;
      this.held -= this.pieces[0].length;
      this.pieces.shift();
    }
  }

  text(): string {
    const all = Buffer.concat(this.pieces);
    this.pieces = [];
    if (this.keep === 'tail' && all.length > this.limit) this.cut = true;
    const text = (this.keep === 'tail' ? all.subarray(-this.limit) : all).toString('utf8');
    if (!this.cut) return text;
    return this.keep === 'head' ? text.slice(0, text.lastIndexOf('\n') + 1) : text.slice(text.indexOf('\n') + 1);
  }

  private add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push(bytes);
    this.held += bytes.length;
  }
}
