/**
 * What a chain of referrers means: which symbols, in which cache, say "a full pipe" or "a ring of a packet
 * socket". First match wins. Symbols and caches are those of 5.10 to 7.3.
 */
import type { ChainLink } from './census.js';
import type { PossessionKind } from './possessions.js';

export interface Meaning {
  /** A few words, plural, no figure: 'full pipes'. */
  text: string;
  /** What the processes that have it hold open; null = /proc does not tell. */
  kind: PossessionKind | null;
}

interface Row extends Meaning {
  /** One of the symbols of the chain must match; null = any. */
  hint: RegExp | null;
  /** What else must hold. */
  also: (chain: readonly ChainLink[]) => boolean;
}

const ROWS: readonly Row[] = [
  // fs/pipe.c: anon_pipe_buf_ops begins with release; fs/splice.c has the others.
  row('full pipes', 'pipes', /^anon_pipe_buf_/),
  row('pages of files or processes that were moved into pipes (splice, vmsplice)', 'pipes', /_pipe_buf_/),
  row('pages of pipes', 'pipes', /^(anon_)?pipe_/),
  // io_uring/rsrc.c; io_uring/io_uring.c: io_ring_ctx has a delayed work of that function.
  row('fixed buffers of io_uring', 'uring', /^io_(release_ubuf|buffer_unmap|rsrc_|free_imu)/),
  row('rings of io_uring', 'uring', /^io_(fallback_req_func|ring_ctx|ring_exit|uring_)/),
  // net/packet/af_packet.c: struct packet_sock has no cache of its own, and pg_vec is a kmalloc that it refers to. Data
  // in the queue of such a socket, or of netlink, has an sk_buff between.
  row('rings of packet sockets', 'packet', /^(packet_|tpacket_|prb_retire|sock_def_)/, isRing),
  row(
    'unread data of unix sockets',
    'unix',
    /^unix_(wfree|destruct_scm|sock_destructor|write_space|stream_|dgram_)/,
    isData,
  ),
  row('unread data of unix sockets', 'unix', null, (chain) => isData(chain) && isOf(chain, /^UNIX/)),
  row('data in queues of TCP sockets', 'tcp', /^(tcp_|__tcp|sk_stream_)/, isData),
  row('data in queues of TCP sockets', 'tcp', null, (chain) => isData(chain) && isOf(chain, /^(MPTCP|TCP)/)),
  row('data in queues of UDP sockets', 'udp', /^udp_/, isData),
  row('data in queues of UDP sockets', 'udp', null, (chain) => isData(chain) && isOf(chain, /^UDP/)),
  row('data in queues of sockets', 'sockets', /^(sock_[rwe]free|sock_def_)/, isData),
  row('data in queues of sockets', 'sockets', null, isData),
  row('compressed memory (zram, zswap)', null, /^(zs_|zram_|zswap_)/),
  row('memory of the GPU', null, /^(ttm_|drm_|i915_|amdgpu_|radeon_|nouveau_|svm_range_)/),
  row('buffers of USB devices', null, /^(usb_|xhci_|ehci_)/),
  row('memory of virtual machines', null, /^(kvm_|vmx_)/),
  row('memory given back to the host (balloon)', null, /balloon/),
  // drivers/net/virtio_net.c, struct receive_queue.
  row('buffers of virtio devices', null, /^(virtio|virtnet_|vring_|skb_recv_done|skb_xmit_done)/),
  row('memory of BPF maps', 'bpf', /^(bpf_map|array_map_|htab_|bpf_ringbuf|ringbuf_map_)/),
  // kernel/events/ring_buffer.c has rb_free_work.
  row('memory of performance events', null, /^(perf_|rb_free_work)/),
  row('buffers of tracing', null, /^(ring_buffer_|tracing_|update_pages_handler|rb_wake_up_waiters)/),
  row('requests of block devices', null, /^(blk_|bio_|nvme_|scsi_)/),
  row('memory of network cards', null, /^(netdev_|napi_|page_pool_|mlx[45]|ice_|i40e_|ixgbe_|e1000|igb_|ena_|bnxt_)/),
  row('the page of zeroes', null, /^(huge_zero_|empty_zero_page)/),
];

/** An sk_buff is on the way: what the page holds is data of a socket. */
function isData(chain: readonly ChainLink[]): boolean {
  return isOf(chain, /^skbuff_/);
}

/** An array of pages in a kmalloc, which another kmalloc refers to. */
function isRing(chain: readonly ChainLink[]): boolean {
  return chain.length === 2 && chain.every(({ name }) => /^(large-)?kmalloc/.test(name));
}

function isOf(chain: readonly ChainLink[], cache: RegExp): boolean {
  return chain.some(({ kind, name }) => kind === 'slab' && cache.test(name));
}

/** Memory that the kernel took for itself as it started: hash tables, the lists of its own variables. */
const OWN: Meaning = { text: 'tables of the kernel itself', kind: null };

/** Returns null where no rule knows the chain: the chain itself is then what can be said. */
export function meaningOf(chain: readonly ChainLink[]): Meaning | null {
  // A symbol near a static pointer is that of another variable.
  if (chain[0]?.kind === 'static') return OWN;
  for (const { text, kind, hint, also } of ROWS) {
    if ((hint === null || chain.some((link) => hint.test(link.hint))) && also(chain)) return { text, kind };
  }
  return null;
}

function row(text: string, kind: PossessionKind | null, hint: RegExp | null, also: Row['also'] = () => true): Row {
  return { text, kind, hint, also };
}
