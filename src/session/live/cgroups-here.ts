/** What the kernel counts for cgroups of this machine now, of those that somebody looks at. */
import { findCgroupTree } from '../../collect/look/cgroup-table.js';
import { readNumber } from '../../collect/look/kernel-files.js';
import type { CgroupAccount } from '../../proc/process/cgroup-files.js';

/** Figures are read again after this. */
const READ_EVERY_MS = 3000;
/** Accounts that are kept; three files each are read, some 10 us a file. */
const MOST = 4096;

const FILES = {
  1: ['memory.usage_in_bytes', 'memory.limit_in_bytes', 'memory.max_usage_in_bytes'],
  2: ['memory.current', 'memory.max', 'memory.peak'],
} as const;

export class CgroupsHere {
  private readonly tree: ReturnType<typeof findCgroupTree>;
  private readonly now: () => number;
  private readonly known = new Map<string, { account: CgroupAccount; readMs: number }>();

  /** `now` is a clock that never goes back, ms. */
  constructor(now: () => number = () => performance.now(), tree = findCgroupTree()) {
    this.now = now;
    this.tree = tree;
  }

  /** Returns the accounts of those of the cgroups that are there. */
  accounts(paths: readonly string[]): Map<string, CgroupAccount> {
    const found = new Map<string, CgroupAccount>();
    if (this.tree === null) return found;
    for (const path of paths) {
      const account = this.accountOf(path);
      if (account.current !== null) found.set(path, account);
    }
    return found;
  }

  private accountOf(path: string): CgroupAccount {
    const now = this.now();
    const known = this.known.get(path);
    if (known !== undefined && now - known.readMs < READ_EVERY_MS) return known.account;
    if (this.known.size >= MOST) this.known.clear();
    const account = this.read(path);
    this.known.set(path, { account, readMs: now });
    return account;
  }

  private read(path: string): CgroupAccount {
    // A path of the trace never leaves the tree.
    if (this.tree === null || !path.startsWith('/') || path.split('/').includes('..')) return NOTHING;
    const folder = this.tree.mount + (path === '/' ? '' : path);
    const [current, max, peak] = FILES[this.tree.version].map((file) => readNumber(`${folder}/${file}`));
    return { current, max, peak };
  }
}

const NOTHING: CgroupAccount = { current: null, max: null, peak: null };
