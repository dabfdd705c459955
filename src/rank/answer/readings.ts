/**
 * Plain readings: what a row means for someone who looks for lost memory, and the command that shows
 * more of it outside unfreed. Not every memory has one.
 */
import { isProcessAllocator } from '../report/category.js';
import type { ReportStack } from '../report/report-rows.js';
import { isHolderGone } from './gone-words.js';
import { whoText } from './words.js';

export interface Reading {
  /** One sentence without its holder; null = none. */
  text: string;
  /** A command; null = none. */
  next: string | null;
}

const CATEGORY_READINGS: Readonly<Record<string, Reading>> = {
  shmem: { text: 'tmpfs or shared memory, not a kernel leak', next: 'df -h -t tmpfs' },
  anon: { text: "the process's own memory, not a kernel leak", next: null },
  'page cache': { text: 'file contents; the kernel gives them back when memory is short', next: null },
  'page tables': { text: 'it follows what processes map', next: 'ps -eo pid,rss,vsz,comm --sort -vsz' },
  'kernel stack': { text: 'one for each thread', next: 'ps -eo nlwp,pid,comm --sort -nlwp' },
  hugetlb: { text: 'huge pages that were reserved or are mapped', next: 'grep -i huge /proc/meminfo' },
  zram: { text: 'swapped memory, compressed', next: 'zramctl' },
  balloon: { text: 'given to the host', next: null },
  heap: { text: 'blocks that malloc() gave and nobody has freed', next: null },
  mapped: { text: 'mapped and not unmapped; only what is resident takes memory', next: 'pmap -x PID' },
  'thread stack': {
    text: 'stacks of threads: those of threads that ended stay mapped until the thread is joined or detached',
    next: 'ls /proc/PID/task',
  },
  'file mapping': {
    text: 'files that are mapped; their pages are given back when memory is short',
    next: 'pmap -x PID',
  },
  reserved: { text: 'address space alone: it takes no memory', next: null },
  backing: { text: 'pages under slabs, vmalloc areas or percpu chunks, whose bytes are counted there', next: null },
};

/** Where a reference holds less than half of it: its row says how much. */
const ANON_IN_PART: Reading = { text: "the process's own memory, but for what a reference holds", next: null };

const NOUN_READINGS: Readonly<Record<string, Reading>> = {
  'pipe buffers': { text: 'written into pipes that nobody reads', next: 'lsof -n -p PID' },
  pipes: { text: 'pipes that are open', next: 'lsof -n -p PID' },
  'socket buffers': { text: 'data in sockets that nobody has read or acknowledged', next: 'ss -anpm' },
  sockets: { text: 'sockets that are open, or that wait to be freed', next: 'ss -anp' },
  'packet rings': { text: 'rings of packet sockets', next: 'ss -0pe' },
  'open files': { text: 'files that are open', next: 'lsof -n -p PID' },
  eventfds: { text: 'eventfds that are open', next: 'lsof -n -p PID' },
  'epoll entries': { text: 'files that epoll watches', next: 'lsof -n -p PID' },
  'BPF maps': { text: 'maps of BPF programs, of a tracer or an agent', next: 'bpftool map list' },
  'file names': {
    text: 'names that the kernel has looked up; it gives them back when memory is short',
    next: 'slabtop -o -s c',
  },
  inodes: {
    text: 'files that the kernel has looked up; it gives them back when memory is short',
    next: 'slabtop -o -s c',
  },
  'index of the page cache': { text: 'it goes with the file contents that it finds', next: null },
};

/** The pages that an allocator took for blocks that are rows of their own. */
const UNDER_HEAP: Reading = { text: 'pages under blocks of the heap, whose bytes are counted there', next: null };

/** What an allocator took for blocks that are not traced. */
const FOR_HEAP: Reading = {
  text: 'pages that the allocator took for blocks of the heap; the blocks are not traced',
  next: null,
};

/** What decides how a row reads. */
type Read = Pick<ReportStack, 'allocator' | 'category' | 'noun' | 'holder' | 'gone' | 'bytes' | 'heldByReference'> &
  Partial<Pick<ReportStack, 'baseline'>>;

/**
 * Returns what a row means; null where nothing is known. `next` is complete: it names the process if it must, and if
 * that still lives.
 */
export function readingOf(row: Read): Reading | null {
  const { category, noun, holder } = row;
  // What a process had before is what its name says.
  if (row.baseline === true && isProcessAllocator(row.allocator)) return null;
  const ofCategory =
    category !== null && Object.hasOwn(CATEGORY_READINGS, category) ? CATEGORY_READINGS[category] : null;
  const ofNoun = Object.hasOwn(NOUN_READINGS, noun) ? NOUN_READINGS[noun] : null;
  // Names and inodes of pipes and sockets are not given back, so their reading is the finding's.
  const found = ofCategory ?? ofNoun;
  if (found === null) return null;
  if (category === 'backing' && row.allocator === 'map') return UNDER_HEAP;
  if (category === 'heap' && row.allocator === 'map') return FOR_HEAP;
  if (category === 'anon' && (row.heldByReference?.bytes ?? 0) > 0) return ANON_IN_PART;
  const pid = isHolderGone(row) ? null : holder.pid;
  if (category === 'anon' && pid !== null) return { ...found, next: `cat /proc/${pid}/smaps_rollup` };
  if (found.next?.includes('PID') !== true) return found;
  return { ...found, next: pid === null ? withoutPid(found.next) : found.next.replace('PID', String(pid)) };
}

/** Of a process that is not known or gone, only lsof has something to say. */
function withoutPid(next: string): string | null {
  return next.startsWith('lsof') ? 'lsof -n' : null;
}

/** 'tmpfs or shared memory, not a kernel leak; df -h -t tmpfs', with whose it is. Untrusted text. */
export function readingText(stack: Read): string | null {
  const reading = readingOf(stack);
  if (reading === null) return null;
  return `${whoText(stack.holder)}: ${reading.text}${reading.next === null ? '' : `; ${reading.next}`}`;
}
