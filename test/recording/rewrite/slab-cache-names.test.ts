import { expect, test } from 'vitest';
import { isNameOfCode, SlabCacheNames } from '../../../src/recording/rewrite/slab-cache-names.js';

const OF_CODE = [
  ['UNIX', 'UNIX-STREAM', 'UDP-Lite', 'UDPLITEv6', 'request_sock_subflow_v4', 'tw_sock_TCPv6', 'AF_VSOCK'],
  ['kmalloc-64', 'kmalloc-1k', 'kmalloc-cg-8k', 'kmalloc-rnd-01-64', 'dma-kmalloc-192', 'msg_msg-2k', 'biovec-max'],
  [
    'ip6-frags',
    'mfc6_cache',
    'pid_2',
    'jbd2_journal_handle',
    'ext4_groupinfo_4k',
    'erofs_pcluster-257',
    'x86_emulator',
  ],
  ['dmaengine-unmap-128', 'bio-120', 'sgpool-8', '9p-fcall-cache', 'Acpi-ParseExt', 'dm_bufio_cache-4096', 'md_rdev'],
  ['btrfs_delayed_ref_head', 'nf_conntrack_expect', 'pci_dev_cache', 'ubifs_inode_slab', 'net_bridge_fdb_entry'],
].flat();
const OF_THIS_MACHINE = [
  ['zs_handle-zram1', 'zspage-zram1', 'dm-0', 'raid5-md127', 'raid5-md_home', 'bcache-sda', 'nvme0n1', 'x_vdb'],
  ['f2fs_page_array_entry-8:16', 'dentry(12:payroll.service)', 'kmalloc-64(5:session-1.scope)'],
  ['nf_conntrack_ffff8881', 'nf_conntrack_ffff888103a04d00', 'p-2f1b3c4d-aaaa-bbbb-cccc-0123456789ab', 'inode_1234567'],
  ['eth0_pool', 'driver-enp3s0', 'pool-customer7', 'größe', 'a b', '../x', 'x\u001b[2J', 'y'.repeat(65), '-x'],
].flat();

test.each(OF_CODE)('%s is a name of the code', (name) => {
  expect(isNameOfCode(name)).toBe(true);
  expect(new SlabCacheNames().shown(name)).toBe(name);
});

test.each(OF_THIS_MACHINE)('%j tells of the machine', (name) => {
  expect(isNameOfCode(name)).toBe(false);
  expect(new SlabCacheNames().shown(name)).toBe('cache#1');
});

test('a name keeps its other name, and a flood of names takes no memory without end', () => {
  const names = new SlabCacheNames();
  expect(['dm-0', 'dm-1', 'dm-0'].map((name) => names.shown(name))).toEqual(['cache#1', 'cache#2', 'cache#1']);
  for (let i = 0; i < 70_000; i++) names.shown(`dm-${i}`);
  expect(names.shown('dm-99999')).toBe('cache#');
  expect(names.shown('dm-1')).toBe('cache#2');
});
