/** What is held in a guest before it is looked at, and what the census must say of it. */
import type { PageClass } from '../../../src/census/census.js';

export interface Load {
  name: string;
  /** A program of scripts/loads with its arguments. */
  command: string;
  /** Of its pages; null = it holds objects. */
  class: PageClass | null;
  /** What a holder's chain may mean (src/census/meanings.ts); null = such pages need no holder. */
  meanings: string[] | null;
  /** Its pages were charged to a cgroup that is gone. */
  isOfRemovedCgroup?: boolean;
}

export const LOADS: readonly Load[] = [
  { name: 'pipes', command: 'hold-pipes 1024', class: 'unaccounted', meanings: ['full pipes'] },
  { name: 'packet', command: 'plant packet 32', class: 'unaccounted', meanings: ['rings of packet sockets'] },
  { name: 'unix', command: 'plant unix 64', class: 'unaccounted', meanings: ['unread data of unix sockets'] },
  {
    name: 'vmsplice',
    command: 'hold-unmapped 48',
    class: 'anon-held',
    meanings: ['pages of files or processes that were moved into pipes (splice, vmsplice)'],
  },
  {
    name: 'uring',
    command: 'hold-unmapped 32 --by io_uring',
    class: 'anon-held',
    // On old kernels no function of the buffers themselves lies beside them: the ring is found.
    meanings: ['fixed buffers of io_uring', 'rings of io_uring'],
  },
  { name: 'memfd', command: 'plant memfd 48', class: 'shmem', meanings: null },
  { name: 'removed', command: 'plant removed 40', class: 'shmem', meanings: null, isOfRemovedCgroup: true },
  { name: 'tables', command: 'plant tables 24', class: 'pagetable', meanings: null },
  { name: 'hugetlb', command: 'plant hugetlb 64', class: 'hugetlb', meanings: null },
  { name: 'epolls', command: 'hold-sockets 3000 --kind epoll', class: null, meanings: null },
];

/** The text of /loads in the guest: a name and a command a line. */
export function loadList(): string {
  return LOADS.map(({ name, command }) => `${name} ${command}\n`).join('');
}
