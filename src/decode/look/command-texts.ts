/** Outputs of commands as texts of /proc: sysctl -a, swapon, free, top, vmstat -s, and what tells of a balloon. */
import type { NamedTexts } from './members.js';
import { meminfoOfFree, meminfoOfTop, meminfoOfVmstat } from './tools/procps-texts.js';

/** "net.ipv4.tcp_mem = 188034 250713 376068": the same numbers as the files below /proc/sys. */
const SYSCTL =
  /^((?:fs\.(?:dentry-state|inode-state|inode-nr|file-nr|inotify\.[a-z_]+)|vm\.[a-z_]+|kernel\.(?:pid_max|threads-max|hostname|osrelease|tainted)|net\.(?:ipv4\.(?:tcp_mem|udp_mem|tcp_max_orphans)|core\.bpf_jit_limit|netfilter\.nf_conntrack_(?:count|max)|nf_conntrack_max))) = (.{0,255})$/gm;

/** Returns texts of /proc/sys by name. */
export function sysctlTexts(texts: NamedTexts): Map<string, string> {
  const found = new Map<string, string>();
  for (const { text } of texts.command('sysctl')) {
    for (const [, name, value] of text.matchAll(SYSCTL))
      found.set(`proc/sys/${name.replaceAll('.', '/')}`, `${value}\n`);
  }
  return found;
}

/** "Filename Type Size Used Priority" of swapon -s is /proc/swaps; --bytes --show is in bytes. */
export function swapsOfSwapon(texts: NamedTexts): string | null {
  for (const { text } of texts.command('swapon')) {
    if (/^Filename\s+Type\s+Size\s+Used/m.test(text)) return text.slice(text.search(/^Filename\s/m));
    const rows = [...text.matchAll(/^(\S{1,255}) +(partition|file) +(\d{1,16}) +(\d{1,16}) +(-?\d+)$/gm)];
    if (rows.length > 0 && /^NAME\s+TYPE\s+SIZE\s+USED/m.test(text)) {
      const lines = rows.map(
        ([, name, type, size, used, priority]) =>
          `${name} ${type} ${Math.round(Number(size) / 1024)} ${Math.round(Number(used) / 1024)} ${priority}`,
      );
      return `Filename Type Size Used Priority\n${lines.join('\n')}\n`;
    }
  }
  return null;
}

/** The first of free, top and vmstat -s that tells MemTotal, as a meminfo, and which it was; null if none does. */
export function meminfoOfTools(texts: NamedTexts): { by: string; text: string } | null {
  const tools: readonly (readonly [by: string, meminfo: (text: string, name: string) => string | null])[] = [
    ['free', meminfoOfFree],
    ['top', meminfoOfTop],
    ['vmstat', meminfoOfVmstat],
  ];
  for (const [by, meminfoOf] of tools) {
    for (const { name, text } of texts.command(by)) {
      const found = meminfoOf(text, name);
      if (found !== null) return { by: by === 'vmstat' ? 'vmstat -s' : by, text: found };
    }
  }
  return null;
}

/**
 * Pages in VMware's balloon as lines of vmstat, which lacks them before 5.4: "current: 1572864 pages" of
 * its debugfs file, "guest.mem.ballooned = 16712052" (KiB) or "6144 MB" of vmware-toolbox-cmd. '' if there
 * is no such text.
 */
export function balloonLines(texts: NamedTexts, { vmstat, pageSize }: { vmstat: string; pageSize: number }): string {
  if (/^balloon_inflate [1-9]/m.test(vmstat)) return '';
  const own = /^current: +(\d{1,12}) pages$/m.exec(texts.get('sys/kernel/debug/vmmemctl') ?? '');
  const told = texts
    .command('vmware-toolbox-cmd')
    .map(({ text }) => text.slice(0, 65_536))
    .join('\n');
  const kib = /^guest\.mem\.ballooned = (\d{1,12})$/m.exec(told)?.[1];
  const mib = texts.get('command/vmware-toolbox-cmd stat balloon')?.match(/^(\d{1,9}) MB$/m)?.[1];
  const bytes = Number(kib ?? 0) * 1024 || Number(mib ?? 0) * 1024 * 1024;
  const pages = own === null ? Math.round(bytes / pageSize) : Number(own[1]);
  return pages === 0 ? '' : `balloon_inflate ${pages}\nballoon_deflate 0\n`;
}
