/**
 * Which files of a support bundle say something of memory, under which name they are known here, and
 * how much of each is kept. Names:
 * - 'proc/...', 'sys/...', 'etc/...', 'var/log/...': the file of the machine, wherever it lies;
 * - 'command/WORDS': the output of a command, e.g. 'command/ps auxwwwm';
 * - 'sar/NAME': the text of sar; 'sections/NAME': a file of several texts (supportutils).
 *
 * Sources: sosreport/sos, plugins memory, kernel, process, cgroups, networking, filesys, sysvipc,
 * system, host, date, logs, sar, vmware, ebpf; openSUSE/supportutils, bin/supportconfig.
 */

/** A text of a bundle by its name here. */
export interface LookMember {
  name: string;
  text: string;
  /** When it was written, ms since 1970; null = unknown. */
  timeMs: number | null;
  /** True if not all of it was kept. */
  cut: boolean;
}

export interface MemberWish {
  name: string;
  limitBytes: number;
  /** Logs are kept from their end. */
  keep: 'head' | 'tail';
}

const KIB = 1024;
const MIB = 1024 * KIB;

interface Rule {
  path: RegExp;
  limitBytes: number;
  keep?: 'tail';
  /** Name, if it is not the path itself; $1 as in replace(). */
  name?: string;
}

/** Anchored, and linear in the path. */
const RULES: readonly Rule[] = [
  { path: /^proc\/(?:meminfo|swaps|buddyinfo|uptime|version|cgroups|cmdline|loadavg)$/, limitBytes: 64 * KIB },
  { path: /^proc\/vmstat$/, limitBytes: 64 * KIB },
  { path: /^proc\/(?:slabinfo|modules|allocinfo)$/, limitBytes: 8 * MIB },
  { path: /^proc\/(?:zoneinfo|pagetypeinfo)$/, limitBytes: 8 * MIB },
  { path: /^proc\/vmallocinfo$/, limitBytes: 32 * MIB },
  { path: /^proc\/pressure\/memory$/, limitBytes: 4 * KIB },
  { path: /^proc\/(?:self\/|\d{1,10}\/)?net\/(sockstat6?|netstat)$/, limitBytes: 64 * KIB, name: 'proc/net/$1' },
  { path: /^proc\/(?:self\/|\d{1,10}\/)?net\/(packet|unix)$/, limitBytes: 4 * MIB, name: 'proc/net/$1' },
  { path: /^proc\/sysvipc\/shm$/, limitBytes: 4 * MIB },
  {
    path: /^proc\/sys\/(?:fs\/(?:dentry-state|inode-state|inode-nr|file-nr|inotify\/[a-z_]+)|vm\/[a-z_]+|kernel\/(?:pid_max|threads-max|hostname|osrelease|tainted)|net\/(?:ipv4\/(?:tcp_mem|udp_mem|tcp_max_orphans)|core\/bpf_jit_limit|netfilter\/nf_conntrack_(?:count|max)|nf_conntrack_max))$/,
    limitBytes: 4 * KIB,
  },
  { path: /^(?:proc\/(?:self\/)?mounts|etc\/mtab)$/, limitBytes: 4 * MIB, name: 'proc/mounts' },
  { path: /^proc\/(?:self|\d{1,10})\/mountinfo$/, limitBytes: 1 * MIB },
  { path: /^proc\/\d{1,10}\/(?:status|cgroup)$/, limitBytes: 8 * KIB },
  { path: /^sys\/kernel\/mm\/(?:ksm|hugepages|transparent_hugepage|lru_gen|cma)\/[\w./-]+$/, limitBytes: 4 * KIB },
  { path: /^sys\/block\/zram\d{1,4}\/(?:mm_stat|disksize|io_stat)$/, limitBytes: 4 * KIB },
  { path: /^sys\/devices\/system\/node\/node\d{1,4}\/meminfo$/, limitBytes: 64 * KIB },
  { path: /^sys\/module\/zswap\/parameters\/\w+$/, limitBytes: 4 * KIB },
  { path: /^(?:sys\/kernel\/debug\/|proc\/)(vmmemctl|hv-balloon)$/, limitBytes: 64 * KIB, name: 'sys/kernel/debug/$1' },
  { path: /^sys\/kernel\/debug\/(?:zswap|ttm|dma_buf)\/[\w./-]+$/, limitBytes: 1 * MIB },
  {
    path: /^(?:sys\/kernel\/debug\/)?(?:page_owner(?:_stacks\/show_stacks)?|sorted_page_owner)(?:\.txt)?$/,
    limitBytes: 64 * MIB,
    name: 'report/page_owner',
  },
  {
    path: /^sys\/fs\/cgroup\/(?:.*\/)?(?:memory\.(?:current|max|peak|stat|events|swap\.current|usage_in_bytes|limit_in_bytes|max_usage_in_bytes|kmem\.usage_in_bytes|memsw\.usage_in_bytes|oom_control)|cgroup\.stat)$/,
    limitBytes: 8 * KIB,
  },
  { path: /^sys\/fs\/cgroup\/(?:.*\/)?cgroup\.procs$/, limitBytes: 64 * KIB },
  { path: /^etc\/(?:os-release|redhat-release|SuSE-release|HOSTNAME|hostname)$/, limitBytes: 4 * KIB },
  { path: /^var\/log\/(?:messages|syslog|kern\.log|dmesg)$/, limitBytes: 48 * MIB, keep: 'tail' },
  {
    path: /^(?:var\/log\/sa|var\/log\/sysstat|sos_commands\/sar|sar)\/(sar[\w.-]*)$/,
    limitBytes: 32 * MIB,
    name: 'sar/$1',
  },
  // Binary, and of sysstat's own version: named as not read.
  { path: /^(?:var\/log\/sa|var\/log\/sysstat|sar)\/(sa\d{2,8})(?:\.\w+)?$/, limitBytes: 0, name: 'sa/$1' },
  {
    path: /^(memory|basic-environment|basic-health-check|boot|env|proc|network|fs-diskio|messages|bpf|hardware)\.txt$/,
    limitBytes: 48 * MIB,
    name: 'sections/$1.txt',
  },
];

/** Commands whose output says something of memory, by their first words. */
const COMMANDS =
  /^(?:ps|df|ipcs|ss|netstat|uname|hostname|uptime|date|slabtop|free|sysctl -a|sysctl|swapon|mount|lsof|getconf|dmesg|journalctl|bpftool(?: -j)? (?:map|prog)(?: list| show)?|ethtool -[gil] \S+|vmware-toolbox-cmd stat .*|hostnamectl|lsb_release|numastat|sar)(?: |$)/;
const LOG_COMMANDS = /^(?:dmesg|journalctl)(?: |$)/;

/**
 * Returns what is wanted of the file at this path of a bundle; null = nothing. The path may have one
 * folder of the bundle's own name in front of it. A path with '..' is never wanted.
 */
export function memberWish(path: string): MemberWish | null {
  if (path.length > 4096) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || parts.length === 0) return null;
  return wishOf(parts.join('/')) ?? (parts.length > 1 ? wishOf(parts.slice(1).join('/')) : null);
}

/** Returns false if no file below this folder of a bundle can be wanted. */
export function mayHoldMembers(path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length <= 1 || FOLDERS.test(`${parts.join('/')}/`) || FOLDERS.test(`${parts.slice(1).join('/')}/`);
}

const FOLDERS =
  /^(?:proc\/(?:(?:self|\d{1,10})\/(?:net\/)?|net\/|pressure\/|sysvipc\/|sys\/(?:(?:fs|vm|kernel)\/(?:inotify\/)?|net\/(?:(?:ipv4|core|netfilter)\/)?)?)?|sys\/(?:kernel\/(?:mm\/.*|debug\/(?:zswap\/|ttm\/|dma_buf\/|page_owner_stacks\/)?)?|block\/(?:zram\d+\/)?|devices\/(?:system\/(?:node\/(?:node\d+\/)?)?)?|module\/(?:zswap\/.*)?|fs\/(?:cgroup\/.*)?)?|etc\/|var\/(?:log\/(?:sa\/|sysstat\/)?)?|sar\/|sos_commands\/.*)$/;

function wishOf(path: string): MemberWish | null {
  const command = /^sos_commands\/[\w.-]{1,64}\/(?:namespaces\/[^/]{1,255}\/)?([^/]{1,255})$/.exec(path);
  if (command !== null) {
    const wish = commandWish(wordsOfFile(command[1]));
    if (wish !== null) return wish;
  }
  for (const rule of RULES) {
    const match = rule.path.exec(path);
    if (match === null) continue;
    const name = rule.name === undefined ? path : rule.name.replace('$1', match[1] ?? '');
    return { name, limitBytes: rule.limitBytes, keep: rule.keep ?? 'head' };
  }
  return null;
}

/** Returns what is wanted of the output of a command: '/usr/bin/free -k'; null = nothing. */
export function commandWish(commandLine: string): MemberWish | null {
  const plain = commandLine
    .trim()
    .replace(/^\/(?:usr\/)?s?bin\//, '')
    .replace(/^ip netns exec \S+ /, '')
    .replace(/\.\d{1,3}$/, '');
  if (plain.length > 255 || !COMMANDS.test(plain)) return null;
  const log = LOG_COMMANDS.test(plain);
  return { name: `command/${plain}`, limitBytes: (log ? 48 : 16) * MIB, keep: log ? 'tail' : 'head' };
}

/** sos writes a command's blanks and signs as '_': 'ps_-elfL' was 'ps -elfL'. */
function wordsOfFile(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/^lsb release/, 'lsb_release')
    .replace(/^df -al -x autofs$/, 'df -al');
}

/** The texts of a bundle by name. Of two of one name the first counts. */
export class NamedTexts {
  private readonly members = new Map<string, LookMember>();

  /** Names of sar's binary files, newest last. */
  readonly binaries: string[] = [];

  constructor(members: Iterable<LookMember>) {
    for (const member of members) {
      if (member.name.startsWith('sa/')) this.binaries.push(member.name.slice('sa/'.length));
      if (member.text !== '' && !this.members.has(member.name)) this.members.set(member.name, member);
    }
  }

  get size(): number {
    return this.members.size;
  }

  get(name: string): string | undefined {
    return this.members.get(name)?.text;
  }

  timeMs(name: string): number | null {
    return this.members.get(name)?.timeMs ?? null;
  }

  /** Returns the texts whose names begin so, in the order of the bundle. */
  startingWith(start: string): LookMember[] {
    return [...this.members.values()].filter(({ name }) => name.startsWith(start));
  }

  /** Returns the outputs of a command, with whatever arguments. */
  command(program: string): LookMember[] {
    return [...this.members.values()].filter(
      ({ name }) => name === `command/${program}` || name.startsWith(`command/${program} `),
    );
  }

  [Symbol.iterator](): IterableIterator<LookMember> {
    return this.members.values();
  }
}
