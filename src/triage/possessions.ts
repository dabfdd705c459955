/** What processes have open that can hold pages, from the facts of a look, for the census's holders. */
import type { Possession, PossessionKind } from '../census/possessions.js';
import type { Facts, SocketFacts } from './facts.js';

/** Families of `Facts.sockets` that are a kind of their own. */
const FAMILIES: Readonly<Record<string, PossessionKind>> = { packet: 'packet', tcp: 'tcp', udp: 'udp', unix: 'unix' };

/** Returns every process with pipes, rings or sockets open; empty where descriptors were not read. */
export function possessionsOf({ processes, sockets }: Facts): Possession[] {
  const found: Possession[] = [];
  const add = (kind: PossessionKind, pid: number, comm: string, count: number, bytes: number | null): void => {
    if (count > 0) found.push({ kind, pid, comm, count, bytes });
  };
  for (const { pid, name, open } of processes ?? []) {
    if (open === null) continue;
    // Both ends are open as a rule, in one process or in two.
    add('pipes', pid, name, Math.ceil(open.pipes / 2), null);
    add('uring', pid, name, open.uring, null);
    add('bpf', pid, name, open.bpfMaps, null);
    add('sockets', pid, name, open.sockets, null);
  }
  for (const socket of sockets ?? []) {
    const kind = FAMILIES[socket.family];
    if (kind !== undefined && socket.pid > 0) add(kind, socket.pid, socket.processName, socket.count, heldBy(socket));
  }
  return merged(found);
}

/** A ring has its size; a queue has data, and its buffers are larger than that. */
function heldBy({ family, ringBytes }: SocketFacts): number | null {
  return family === 'packet' ? ringBytes : null;
}

/** One row a process and kind: sockets are listed by state. */
function merged(rows: readonly Possession[]): Possession[] {
  const all = new Map<string, Possession>();
  for (const row of rows) {
    const key = `${row.kind} ${row.pid}`;
    const same = all.get(key);
    if (same === undefined) all.set(key, { ...row });
    else {
      same.count += row.count;
      same.bytes = same.bytes === null || row.bytes === null ? null : same.bytes + row.bytes;
    }
  }
  return [...all.values()];
}
