/** What comes out of a decompressed file: a tar archive, or one text. */
import type { NotRead } from '../../proc/look.js';
import type { KeptMembers } from './kept-members.js';
import { isTarHeader, type MemberSink, TarReader } from './tar-reader.js';

/** Of a single text, as much as of a log in a bundle, and more. */
const TEXT_LIMIT = 128 << 20;
const HEAD_BYTES = 512;

/** Tells a tar from a text by the first 512 bytes that come out of a file, and reads it as such. */
export class ContentReader {
  private readonly kept: KeptMembers;
  private readonly timeMs: number | null;
  private head: Uint8Array | null = new Uint8Array(0);
  private tar: TarReader | null = null;
  private text: MemberSink | null = null;
  private textLeft = TEXT_LIMIT;

  constructor(kept: KeptMembers, timeMs: number | null) {
    this.kept = kept;
    this.timeMs = timeMs;
  }

  push(bytes: Uint8Array): boolean {
    if (this.head !== null) {
      this.head = Buffer.concat([this.head, bytes]);
      if (this.head.length < HEAD_BYTES) return true;
      return this.start(this.head);
    }
    return this.take(bytes);
  }

  /** Ends the input, and says in `notRead` what of it was lost. */
  finish(broken: string | null, notRead: NotRead[]): 'bundle' | 'file' {
    if (this.head !== null) this.start(this.head);
    if (this.tar !== null) {
      const whole = this.tar.finish();
      if (broken !== null || !whole) {
        notRead.push({ what: 'the rest of the archive', why: broken ?? 'it ends in the middle' });
      }
      if (this.tar.damaged > 0) {
        notRead.push({ what: `${this.tar.damaged} headers of the archive`, why: 'they are damaged' });
      }
      return 'bundle';
    }
    this.text?.end(broken === null);
    if (broken !== null) notRead.push({ what: 'the rest of the file', why: broken });
    return 'file';
  }

  private start(head: Uint8Array): boolean {
    this.head = null;
    if (isTarHeader(head.subarray(0, HEAD_BYTES))) {
      this.tar = new TarReader(({ name, timeMs }) => this.kept.wish(name, timeMs));
    } else {
      this.text = this.kept.keep({ name: 'file', limitBytes: TEXT_LIMIT, keep: 'head', timeMs: this.timeMs });
    }
    return this.take(head);
  }

  private take(bytes: Uint8Array): boolean {
    if (this.tar !== null) {
      this.tar.push(bytes);
      return !this.tar.ended && !this.kept.full && this.tar.members < MOST_ENTRIES;
    }
    this.text?.push(bytes);
    this.textLeft -= bytes.length;
    return this.textLeft > 0;
  }
}

/** A sosreport of a machine of 100,000 cgroups has some 2 million files. */
const MOST_ENTRIES = 8_000_000;
