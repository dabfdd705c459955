/**
 * Names of slab caches for the anonymiser. Most are in the source of the kernel. Some are made at run time, with the name of
 * a device, a number or an address in them (zs_handle-zram1, f2fs_page_array_entry-8:16, nf_conntrack_ffff888103a0,
 * raid5-md_home), or with that of a cgroup (before 5.9: dentry(123:payroll.service)). Those get another name.
 */

/** A hostile recording may have more names than fit in memory. */
const NAMES_LIMIT = 65536;
const OTHER_NAME = 'cache#';

/** What a name in the source of a driver is made of. No name of a cgroup, and no device number with a colon. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Disks and network interfaces with their numbers, after the start or after - or _. */
const DEVICE =
  /(?:^|[-_])(?:(?:zram|dm|md|[shv]d[a-z]|xvd[a-z]|nvme|loop|nbd|rbd|drbd|mmcblk|pmem|bcache|eth|en[opsx]|wl[opx]|veth|tap|tun|bond|br|virbr|docker|usb|pci)-?\d|(?:[shv]d|xvd)[a-z](?:[-_]|$))/;
/** md_NAME, an array that its owner named; elsewhere md is a word of the source. */
const NAMED_ARRAY = /-md_/;
/** An address, a part of a UUID, an inode or another number that is of this machine alone. */
const LONG_NUMBER = /(?:^|[-_])(?:[0-9a-f]{8,}|\d{6,})(?:[-_]|$)/i;
/** 'zram1' of 'zspage-zram1': what stands behind a - is a word or a number in the source, hardly both. */
const NUMBERED = /-[A-Za-z_]*[A-Za-z]\d+(?:-|$)/;

/** True for a name that any machine with the same code has. Untrusted text. */
export function isNameOfCode(name: string): boolean {
  return (
    PLAIN.test(name) && !DEVICE.test(name) && !NAMED_ARRAY.test(name) && !LONG_NUMBER.test(name) && !NUMBERED.test(name)
  );
}

/** Gives the same other name to the same name, wherever it stands in a recording. */
export class SlabCacheNames {
  private readonly others = new Map<string, string>();

  /** Returns the name itself if it is of the code, else 'cache#1', 'cache#2' in order. */
  shown(name: string): string {
    if (name === '' || isNameOfCode(name)) return name;
    let other = this.others.get(name);
    if (other === undefined) {
      if (this.others.size >= NAMES_LIMIT) return OTHER_NAME;
      other = `${OTHER_NAME}${this.others.size + 1}`;
      this.others.set(name, other);
    }
    return other;
  }

  /** Returns a text of /proc/slabinfo with these names. */
  inSlabinfo(text: string): string {
    // The head's lines have no number behind their first word.
    return text.replace(/^\S+(?= +\d)/gm, (name) => this.shown(name));
  }
}
