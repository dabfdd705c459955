/** Runs the collector's census, and asks its result: the C half alone, without anything of src/. */
import { spawnSync } from 'node:child_process';

/** The collector, which the set-up before the tests builds. */
export const COLLECTOR = new URL('../../bpf/build/unfreed-collect', import.meta.url).pathname;

export interface RawOwner {
  path: string;
  id: number;
  dying: boolean;
  charged: 'user' | 'kernel';
  class: string;
  pages: number;
  objects: number;
  cache: string;
  bytes: number;
}

export interface RawLink {
  kind: string;
  name: string;
  hint?: string;
  hintKind?: 'function' | 'ops' | 'data';
  module?: string;
}

export interface RawHolder {
  class: string;
  node: number;
  pages: number;
  behindPages: number;
  objects: number;
  chain: RawLink[];
  /** Who has the files open that these pages belong to, largest first; absent = it could not be found out. */
  processes?: { pid: number; comm: string; objects: number; pages: number }[];
  unownedPages?: number;
}

export interface RawType {
  cache: string;
  sizeBytes: number;
  live: number;
  total: number;
  badWalks: number;
  rows: { objects: number; chain: RawLink[] }[];
}

export interface RawOrphan {
  kind: 'slab' | 'pages' | 'area';
  name: string;
  sizeBytes: number;
  objects: number;
  pages: number;
  runs: number;
  /** An area that BPF asked for. */
  bpf: boolean;
  addresses?: string[];
}

export interface RawCensus {
  format: string;
  version: number;
  kernel: string;
  pageSize: number;
  time: {
    wallNs: number;
    cpuNs: number;
    longestCallNs: number;
    calls: number;
    bytesCopied: number;
    maxRssBytes: number;
    steps: { step: string; wallNs: number; cpuNs: number }[];
  };
  zones: { node: number; zone: string; spannedPages: number; presentPages: number; managedPages: number }[];
  classes: { node: number; class: string; pages: number }[];
  owners: RawOwner[];
  areas: { caller: string; module: string; kind: string; areas: number; pages: number }[];
  checks: { what: string; ours: number; theirs: number; unit: string; withinPercent: number; ok: boolean }[];
  missing: { stage: string; what: string }[];
  /** With --stages. */
  holders?: RawHolder[];
  types?: RawType[];
  orphans?: { scans: number; rows: RawOrphan[] };
  caches?: { cache: string; sizeBytes: number; objects: number; live: number; slabs: number; pages: number }[];
}

/** Takes a census. Fails unless it exits with 0 and says nothing on stderr. */
export function takeCensus(...args: string[]): RawCensus {
  const { status, stdout, stderr } = spawnSync(COLLECTOR, ['--census', ...args], {
    encoding: 'utf8',
    maxBuffer: 256 << 20,
  });
  if (status !== 0 || stderr !== '') throw new Error(`census: exit status ${status}: ${stderr}`);
  return JSON.parse(stdout) as RawCensus;
}

/** Pages of a class, on all nodes. */
export function pagesOf({ classes }: RawCensus, name: string): number {
  return classes.reduce((sum, row) => sum + (row.class === name ? row.pages : 0), 0);
}

/** A chain as text, the nearest link first: "kmalloc-1k < filp{eventfd_write}". */
export function chainText(chain: readonly RawLink[]): string {
  return chain
    .map(({ kind, name, hint }) => `${name === '' ? kind : name}${hint === undefined ? '' : `{${hint}}`}`)
    .join(' < ');
}
