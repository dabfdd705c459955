import type { StatusFacts } from '../../proc/process/status.js';

/** Open descriptors by kind. */
export interface OpenCounts {
  files: number;
  pipes: number;
  sockets: number;
  uring: number;
  dmabuf: number;
  vfio: number;
  gpu: number;
  bpfMaps: number;
  rdma: number;
}

/** A process, as the walk over all of them finds it. */
export interface Process extends StatusFacts {
  pid: number;
  startSeconds: number | null;
  /** Null if they were not read. */
  open: OpenCounts | null;
}

/** The process that holds an object: the first that is found. */
export interface Owner {
  pid: number;
  name: string;
}
