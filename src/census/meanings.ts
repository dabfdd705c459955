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
  /** One of the names of the chain must match as well; null = any. */
  name: RegExp | null;
}

const ROWS: readonly Row[] = [
  // fs/pipe.c: anon_pipe_buf_ops begins with release; fs/splice.c has the others.
  row('full pipes', 'pipes', /^anon_pipe_buf_/, null),
  row('pages of pipes', 'pipes', /^(anon_)?pipe_/, null),
  row('pages of files or processes that were moved into pipes (splice, vmsplice)', 'pipes', /_pipe_buf_/, null),
  // io_uring/rsrc.c; io_uring/io_uring.c: io_ring_ctx has a delayed work of that function.
  row('fixed buffers of io_uring', 'uring', /^io_(release_ubuf|buffer_unmap|rsrc_|free_imu)/, null),
  row('rings of io_uring', 'uring', /^io_(fallback_req_func|ring_ctx|ring_exit|uring_)/, null),
  // net/packet/af_packet.c: struct packet_sock has no cache of its own; pg_vec is a kmalloc below it.
  row('rings of packet sockets', 'packet', /^(packet_|tpacket_|prb_retire)/, null),
  row('rings of packet sockets', 'packet', /^sock_def_/, /^kmalloc-.*[124]k$/),
  row('unread data of unix sockets', 'unix', /^unix_/, null),
  row('data in queues of TCP sockets', 'tcp', /^(tcp_|sk_stream_|inet_sock|__tcp)/, null),
  row('data in queues of TCP sockets', 'tcp', null, /^(TCP|TCPv6|request_sock_TCP)/),
  row('data in queues of UDP sockets', 'udp', /^(udp_|skb_consume_udp)/, null),
  row('data in queues of UDP sockets', 'udp', null, /^UDP/),
  row('unread data of unix sockets', 'unix', null, /^UNIX/),
  row('data in queues of sockets', 'sockets', /^(sock_[rwe]free|sock_def_|sk_)/, null),
  row('data in queues of sockets', 'sockets', null, /^(skbuff_|sock_inode_cache)/),
  row('compressed memory (zram, zswap)', null, /^(zs_|zram_|zswap_)/, null),
  row('memory of the GPU', null, /^(ttm_|drm_|i915_|amdgpu_|radeon_|nouveau_)/, null),
  row('buffers of USB devices', null, /^(usb_|xhci_|ehci_)/, null),
  row('memory that a virtual machine has', 'kvm', /^(kvm_|vmx_|svm_)/, null),
  row('memory given back to the host (balloon)', null, /balloon/, null),
  // drivers/net/virtio_net.c, struct receive_queue.
  row('buffers of virtio devices', null, /^(virtio|virtnet_|vring_|skb_recv_done|skb_xmit_done)/, null),
  row('memory of BPF maps and programs', 'bpf', /^(bpf_|array_map_|htab_|ringbuf_|prog_)/, null),
  row('memory of performance events', null, /^(perf_|rb_alloc)/, null),
  row('buffers of tracing', null, /^(ring_buffer_|trace_|rb_|tracing_|update_pages_handler)/, null),
  row('requests of block devices', null, /^(blk_|bio_|nvme_|scsi_|dm_|md_)/, null),
  row(
    'memory of network cards',
    null,
    /^(netdev_|napi_|page_pool_|mlx[45]|ice_|i40e_|ixgbe_|e1000|igb_|ena_|bnxt_)/,
    null,
  ),
  row('the page of zeroes', null, /^(huge_zero_|empty_zero_page)/, null),
];

/** Memory that the kernel took for itself as it started: hash tables, the lists of its own variables. */
const OWN: Meaning = { text: 'tables of the kernel itself', kind: null };

/** Returns null where no rule knows the chain: the chain itself is then what can be said. */
export function meaningOf(chain: readonly ChainLink[]): Meaning | null {
  // A symbol near a static pointer is that of another variable.
  if (chain[0]?.kind === 'static') return OWN;
  for (const { text, kind, hint, name } of ROWS) {
    const hintFits = hint === null || chain.some((link) => hint.test(link.hint));
    const nameFits = name === null || chain.some((link) => name.test(link.name));
    if (hintFits && nameFits) return { text, kind };
  }
  return null;
}

function row(text: string, kind: PossessionKind | null, hint: RegExp | null, name: RegExp | null): Row {
  return { text, kind, hint, name };
}
