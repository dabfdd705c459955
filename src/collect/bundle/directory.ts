/** Reads an unpacked bundle, or a folder of texts. Links are never followed, and only files are opened. */
import { constants } from 'node:fs';
import { type FileHandle, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSystemError } from '../../base/system-errors.js';
import { timeOfName } from '../../decode/look/file-name-time.js';
import { mayHoldMembers } from '../../decode/look/members.js';
import type { NotRead } from '../../proc/look.js';
import type { KeptMembers } from './kept-members.js';
import type { MemberSink } from './tar-reader.js';

/** A sosreport of a machine of 100,000 cgroups has some 2 million files. */
const MOST_ENTRIES = 8_000_000;
const MOST_DEPTH = 64;
/** Of a folder without a known file, so many files are taken for pasted texts. */
const MOST_TEXTS = 512;
const TEXT_LIMIT = 64 << 20;
const PIECE_BYTES = 1 << 16;

export async function readDirectory(root: string, kept: KeptMembers, notRead: NotRead[]): Promise<void> {
  const walk = new Walk(root, kept);
  await walk.folder('', 0);
  if (walk.unreadable > 0) {
    notRead.push({ what: `${walk.unreadable} files of the bundle`, why: walk.firstError });
  }
  if (kept.members.length === 0) await walk.texts();
}

class Walk {
  unreadable = 0;
  firstError = '';
  private entries = 0;
  private readonly root: string;
  private readonly kept: KeptMembers;
  private readonly buffer = Buffer.allocUnsafe(PIECE_BYTES);

  constructor(root: string, kept: KeptMembers) {
    this.root = root;
    this.kept = kept;
  }

  async folder(path: string, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) return;
    const folders: string[] = [];
    try {
      for await (const entry of await opendir(join(this.root, path))) {
        if (++this.entries > MOST_ENTRIES || this.kept.full) return;
        const below = path === '' ? entry.name : `${path}/${entry.name}`;
        // An entry that is a link is neither.
        if (entry.isDirectory()) {
          if (mayHoldMembers(below)) folders.push(below);
        } else if (entry.isFile() && this.kept.wants(below)) {
          await this.file(below, (timeMs) => this.kept.wish(below, timeMs));
        }
      }
    } catch (error) {
      if (path === '') throw error;
      this.failed(error);
    }
    for (const each of folders) await this.folder(each, depth + 1);
  }

  /** Takes the files of a folder, not those of its folders, for single texts. */
  async texts(): Promise<void> {
    const names: string[] = [];
    for await (const entry of await opendir(this.root)) {
      if (entry.isFile()) names.push(entry.name);
      if (names.length > MOST_TEXTS) return;
    }
    for (const name of names.toSorted()) {
      const text = { name: 'file', limitBytes: TEXT_LIMIT, keep: 'head' as const };
      await this.file(name, (timeMs) => this.kept.keep({ ...text, timeMs: timeOfName(name) ?? timeMs }));
    }
  }

  private async file(path: string, sinkOf: (timeMs: number) => MemberSink | null): Promise<void> {
    let handle: FileHandle | null = null;
    let sink: MemberSink | null = null;
    try {
      // The entry may have become a link or a pipe since it was listed.
      handle = await open(join(this.root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat();
      if (!stats.isFile()) return;
      sink = sinkOf(Math.trunc(stats.mtimeMs));
      if (sink === null) return;
      await this.copy(handle, sink);
      sink.end(true);
    } catch (error) {
      sink?.end(false);
      this.failed(error);
    } finally {
      await handle?.close();
    }
  }

  private async copy(handle: FileHandle, sink: MemberSink): Promise<void> {
    for (let bytesRead = 1; bytesRead > 0 && sink.wantsMore; ) {
      ({ bytesRead } = await handle.read(this.buffer, 0, PIECE_BYTES, null));
      sink.push(this.buffer.subarray(0, bytesRead));
    }
  }

  private failed(error: unknown): void {
    this.unreadable++;
    if (this.firstError === '') this.firstError = describeSystemError(error);
  }
}
