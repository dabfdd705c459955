/**
 * A text without a name, told by its content: what somebody pasted into a file. It may hold several
 * texts one after the other, be indented or quoted, and have CRLF.
 */
import { PASTED } from './cgroup-table.js';
import type { LookMember } from './members.js';
import { splitSections } from './sections.js';
import { withSlabinfoHead } from './tools/slab-text.js';

/** The first line of each kind of text. In order: the first that matches a line decides. */
const STARTS: readonly (readonly [name: string, line: RegExp])[] = [
  ['proc/meminfo', /^MemTotal: +\d+ kB$/],
  ['proc/slabinfo', /^slabinfo - version: 2/],
  ['slabinfo/rows', /^\S+ +\d+ +\d+ +\d+ +\d+ +\d+ : tunables +\d+ +\d+ +\d+ : slabdata +\d+ +\d+ +\d+$/],
  ['proc/vmallocinfo', /^0x[0-9a-f]{8,16}-0x[0-9a-f]{8,16} +\d+/],
  ['proc/buddyinfo', /^Node +\d+, zone +\w+(?: +\d+){8}/],
  ['proc/zoneinfo', /^Node +\d+, zone +\w+$/],
  ['proc/pagetypeinfo', /^Page block order: +\d/],
  ['proc/vmstat', /^nr_free_pages \d+$/],
  ['proc/swaps', /^Filename\s+Type\s+Size\s+Used\s+Priority/],
  ['proc/net/sockstat', /^sockets: used \d+$/],
  ['proc/net/packet', /^sk +RefCnt Type Proto/],
  ['proc/cgroups', /^#subsys_name/],
  ['proc/pressure/memory', /^some avg10=/],
  ['proc/version', /^Linux version \d/],
  ['command/slabtop -o', /^(?:Active \/ Total Objects|OBJS ACTIVE +USE)/],
  [
    'command/date',
    /^(?:[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d (?:[AP]M )?[A-Z]{3,5} 20\d\d|20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16})$/,
  ],
  ['command/uptime', /^\d\d:\d\d:\d\d up +\S.* load average: /],
  ['command/uname -a', /^Linux \S+ \d+\.\d+\S* #/],
  ['command/ps', /^(?:(?:F|S|UID|USER|PID|PPID)\b.*\b(?:RSS|SZ|RSZ)\b.*\b(?:COMMAND|CMD|COMM))/],
  ['command/df', /^Filesystem\s.*\bMounted on$/],
  ['command/ipcs', /^-+ Shared Memory Segments -+$/],
  ['command/ss', /^(?:Netid +)?State +Recv-Q/],
  ['command/netstat', /^(?:Active Internet connections|Proto Recv-Q)/],
  ['command/free', /^total +used +free +shared/],
  ['command/top', /^top - \d\d:\d\d:\d\d up |^(?:[KMGT]iB )?Mem ?: *[\d.]+k?[ +]total, /],
  ['command/vmstat -s', /^\d+ +[kKmM] total memory$/],
  ['command/vmstat -m', /^Cache +Num +Total +Size +Pages$/],
  ['cgroup/memory.stat', /^(?:anon|cache) \d+$/],
  ['crash/kmem -i', /^PAGES +TOTAL +PERCENTAGE/],
  ['crash/kmem -s', /^CACHE +(?:NAME +)?OBJSIZE +ALLOCATED +TOTAL/],
  ['crash/kmem -V', /^VM_(?:ZONE_|NODE_)?STAT:$/],
  ['crash/kmem -v', /^VMAP_AREA +VM_STRUCT +ADDRESS RANGE/],
  [
    'sar/pasted',
    /^Linux \S+ \([^)]*\)\s.*\(\d+ CPU\)|^\d\d:\d\d:\d\d(?: [AP]M)? +(?:kb[a-z]+|pgpgin\/s|pswpin\/s)(?: |$)/,
  ],
  [
    'log/kernel',
    /^(?:<\d{1,3}>|.{0,120}\]:? |.{0,120}kernel: )?\[ *\d+\.\d+\]|^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}\] |^[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8} \S{1,255} kernel: |^\d{4}-\d\d-\d\dT[\d:.,+-]{8,24}Z? \S{1,255} kernel: |invoked oom-killer: |page allocation failure|Mem-Info:$/,
  ],
  // Parts of a report, without the log around them.
  [
    'log/kernel',
    /^(?:\[ *pid *\] +uid +tgid |Tasks state |Unreclaimable slab info:|Memory allocations(?: \(|:)|Memory cgroup stats for |memory: usage \d+kB, limit |oom-kill:constraint=|(?:Memory cgroup out|Out) of memory: Kill)/,
  ],
  ['proc/allocinfo', /^(?:allocinfo - version: \d|[\d.]+ ?[KMGT]?i?B? +\d+ \S+:\d+ (?:\[\S+\] )?func:\S)/],
];

const ANY_START = new RegExp(STARTS.map(([, { source }]) => `(?:${source})`).join('|'));
/** A file of samples, a minute each, of two months. */
const BLOCK_LIMIT = 200_000;

/** A dump of page_owner is told by any of its lines: its call paths look like those of a log. */
const PAGE_OWNER =
  /^(?:Page allocated via order \d+,|\s{0,20}\d+ times(?:, \d+ pages)?[,:]|\s{0,20}(?:nr_base_pages|stack_count): \d+$)/m;
const PAGE_OWNER_HEAD = 1 << 16;

/** Kinds that are told by a line that they have once: a second one is a second sample. */
const FIRST_LINES = new Set([
  'proc/meminfo',
  'proc/slabinfo',
  'proc/vmstat',
  'command/date',
  'command/free',
  'command/top',
]);
const SAMPLE_LIMIT = 512;

/**
 * Texts of one file by sample: somebody may have written /proc/meminfo into it again and again. A kind that is
 * there already begins a new sample. Of very many every second one goes, until they are few enough.
 */
export function samplesOf(texts: readonly LookMember[]): LookMember[][] {
  let samples: LookMember[][] = [];
  let names = new Set<string>();
  for (const text of texts) {
    if (samples.length === 0 || (names.has(text.name) && FIRST_LINES.has(text.name))) {
      samples.push([]);
      names = new Set();
    }
    names.add(text.name);
    samples.at(-1)?.push(text);
  }
  while (samples.length > SAMPLE_LIMIT) {
    const last = samples.length - 1;
    samples = samples.filter((_, index) => index % 2 === last % 2);
  }
  return samples;
}

/** Returns the texts that are in a nameless one; none if it is of no known kind. */
export function pastedTexts(member: LookMember): LookMember[] {
  const text = member.text.includes('\r') ? member.text.replaceAll('\r\n', '\n') : member.text;
  if (PAGE_OWNER.test(text.slice(0, PAGE_OWNER_HEAD))) return [{ ...member, name: 'report/page_owner', text }];
  const split = splitSections({ ...member, text });
  if (split !== null && split.length > 0) return split;
  const blocks: { name: string; start: number }[] = [];
  for (let at = 0; at < text.length; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const name = blocks.length < BLOCK_LIMIT ? kindOf(text, at, next) : undefined;
    const last = blocks.at(-1);
    const isPart = isPartOf(last?.name ?? '', name ?? '', text.charCodeAt(at));
    const begins = name !== undefined && (name !== last?.name || FIRST_LINES.has(name));
    if (begins && !isPart) blocks.push({ name, start: at });
    at = next + 1;
  }
  return blocks.map(({ name, start }, index) => {
    const block = text.slice(start, blocks.at(index + 1)?.start);
    if (name === 'slabinfo/rows') {
      return { ...member, name: 'proc/slabinfo', text: withSlabinfoHead(plainText(name, block)) };
    }
    // The cgroup that it is of is not named.
    if (name === 'cgroup/memory.stat')
      return { ...member, name: `sys/fs/cgroup/${PASTED}/memory.stat`, text: plainText(name, block) };
    return { ...member, name, text: plainText(name, block) };
  });
}

/** True for what looks like the first line of another text, but stands in the midst of this one. `first`: its first character. */
function isPartOf(block: string, name: string, first: number): boolean {
  // A report of memory that ran out ends with lines of allocinfo, and has those of memory.stat.
  if (block === 'log/kernel') return name === 'proc/allocinfo' || name === 'cgroup/memory.stat';
  if (block === 'proc/slabinfo') return name === 'slabinfo/rows';
  // Each zone has its counters, indented.
  return block === 'proc/zoneinfo' && name === 'proc/vmstat' && (first === 0x20 || first === 0x3e || first === 0x09);
}

const LINE_LIMIT = 4096;

/** Returns the kind whose first line this is; undefined for most lines. */
function kindOf(text: string, start: number, end: number): string | undefined {
  if (end - start > LINE_LIMIT) return undefined;
  // Quoted by a mailer or indented by a tracker.
  const plain = text
    .slice(start, end)
    .replace(/^[>|]? *(?=\S)/, '')
    .trimEnd();
  if (plain === '' || !ANY_START.test(plain)) return undefined;
  return STARTS.find(([, line]) => line.test(plain))?.[0];
}

/** The kernel indents lines of zoneinfo, buddyinfo and its log on purpose, and columns of tools need their blanks. */
const INDENTED = /^(?:proc\/zoneinfo|log\/kernel|sar|command|crash)/;
const INDENT_LINES = 1000;

/** A block without what a mailer or a tracker put in front of its lines. */
function plainText(name: string, block: string): string {
  const own = /^[^>\n]/m.test(block) ? block : block.replace(/^> ?/gm, '');
  if (!INDENTED.test(name)) return own.replace(/^[ \t]+/gm, '').replace(/[ \t]{1,200}$/gm, '');
  let least = Number.POSITIVE_INFINITY;
  let lines = 0;
  for (const [, indent] of own.matchAll(/^( {0,200})\S/gm)) {
    least = Math.min(least, indent.length);
    if (least === 0 || ++lines >= INDENT_LINES) break;
  }
  return least === 0 || !Number.isFinite(least) ? own : own.replace(new RegExp(`^ {0,${least}}`, 'gm'), '');
}
