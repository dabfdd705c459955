/** What processes have open that can hold pages: plain data, made from what /proc tells (src/triage/possessions.ts). */

export type PossessionKind = 'pipes' | 'packet' | 'uring' | 'tcp' | 'udp' | 'unix' | 'sockets' | 'bpf';

export interface Possession {
  kind: PossessionKind;
  pid: number;
  /** Untrusted. */
  comm: string;
  /** Pipes, sockets, rings that it has open. */
  count: number;
  /** What /proc says they hold, in bytes; null = it does not. A bound, or what the socket is charged. */
  bytes: number | null;
}

/** The words for `count` of them. */
export const POSSESSION_NOUNS: Readonly<Record<PossessionKind, readonly [one: string, many: string]>> = {
  pipes: ['pipe', 'pipes'],
  packet: ['packet socket', 'packet sockets'],
  uring: ['io_uring', 'io_urings'],
  tcp: ['TCP socket', 'TCP sockets'],
  udp: ['UDP socket', 'UDP sockets'],
  unix: ['unix socket', 'unix sockets'],
  sockets: ['socket', 'sockets'],
  bpf: ['BPF map', 'BPF maps'],
};

export function isPossessionKind(name: string): name is PossessionKind {
  return Object.hasOwn(POSSESSION_NOUNS, name);
}
