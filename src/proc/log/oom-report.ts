/**
 * OomReportParser: takes the lines of an OOM report (mm/oom_kill.c, dump_header and
 * oom_kill_process) one by one. Other messages may stand between them; they are skipped.
 */
import {
  type OomAllocation,
  type OomSlab,
  type OomTask,
  parseAllocation,
  parseSlab,
  parseTask,
  taskColumns,
} from './oom-tables.js';

/** An OOM report of the kernel's log, mm/show_mem.c and mm/oom_kill.c. Pages in bytes. */
export interface OomFacts {
  /** Seconds since boot; null = not known. */
  atSeconds: number | null;
  /** Name of the task that asked, and the order it asked for. */
  invokedBy: string;
  order: number | null;
  /** 'none', 'memcg', 'cpuset', 'memory_policy'; '' = not known. */
  constraint: string;
  /** Path of the cgroup of a memcg kill; '' = none. */
  cgroup: string;
  /** How often the cgroup met its limit (failcnt); null = not told, or not of a cgroup. */
  failures: number | null;
  killed: { pid: number; name: string; anonBytes: number; shmemBytes: number; fileBytes: number } | null;
  /**
   * Lines of the Mem-Info block by their names ('active_anon', 'slab_unreclaimable', ...), and 'kernel_stack', bytes. Of a
   * kill of a cgroup: 'usage' and 'limit', and the lines of its memory.stat ('anon' or 'rss', ...).
   */
  memory: ReadonlyMap<string, number>;
  ramBytes: number;
  reservedBytes: number;
  /** Pages of the page cache, "total pagecache pages". */
  pageCacheBytes: number;
  hugetlbBytes: number;
  /** Unreclaimable slab info, if the report has it. */
  slabs: OomSlab[];
  /** The table of tasks. */
  tasks: OomTask[];
  /** Call sites of memory allocation profiling (6.10). */
  allocations: OomAllocation[];
}

const INVOKED = /^(.{1,64}) invoked oom-killer: .{0,300}?\border=(-?\d{1,3})/;
const KILLED =
  /Killed process (\d{1,10}),? (?:UID \d{1,10},? )?\((.{1,64}?)\)[, ].{0,128}?anon-rss:(\d{1,15})kB,? file-rss:(\d{1,15})kB(?:,? shmem-rss:(\d{1,15})kB)?/;
const TABLE_LIMIT = 20_000;
/** Lines that only a report has, or that begin a part of it. */
const PART =
  /^(?:Mem-Info:|Memory cgroup stats for |Unreclaimable slab info:|Memory allocations(?: \(profiling is [^)]{1,40}\))?:|Tasks state \(memory values in pages\):|\[ {0,8}pid {0,8}\] +uid +tgid |memory: usage \d{1,15}kB, limit |oom-kill:constraint=|(?:Memory cgroup out|Out) of memory: Kill)/;

export class OomReportParser {
  /** The report so far; null before the first. */
  report: OomFacts | null = null;
  private readonly pageSize: number;
  private memory = new Map<string, number>();
  private columns: string[] | null = null;
  /** The table or block that the next lines belong to. */
  private part: '' | 'memory' | 'cgroup' | 'tasks' | 'slabs' | 'allocations' = '';

  constructor(pageSize: number) {
    this.pageSize = pageSize;
  }

  /** Takes a line without its time. Returns true if it begins a report; then `report` is a new one. */
  add(text: string, atSeconds: number | null): boolean {
    const invoked = INVOKED.exec(text);
    if (invoked !== null) {
      this.begin({ atSeconds, invokedBy: invoked[1], order: Number(invoked[2]) });
      return true;
    }
    // Of what somebody pasted, or a log that was cut, the beginning may be missing.
    const begins = this.report === null && PART.test(text);
    if (begins) this.begin({ atSeconds });
    if (this.report !== null && !this.startPart(text)) {
      this.addToPart(text, this.report);
      this.addLine(text, this.report);
    }
    return begins;
  }

  private begin(known: Partial<OomFacts>): void {
    this.memory = new Map();
    this.part = '';
    this.report = { ...emptyReport(this.memory), ...known };
  }

  private startPart(text: string): boolean {
    if (text.startsWith('Mem-Info:')) this.part = 'memory';
    else if (text.startsWith('Memory cgroup stats for ')) this.addCgroup(text);
    else if (text.startsWith('Unreclaimable slab info:')) this.part = 'slabs';
    else if (/^Memory allocations(?: \(profiling is [^)]{1,40}\))?:/.test(text)) this.part = 'allocations';
    else {
      const columns = taskColumns(text);
      if (columns === null) return false;
      this.columns = columns;
      this.part = 'tasks';
    }
    return true;
  }

  private addToPart(text: string, report: OomFacts): void {
    if (this.part === 'tasks' && this.columns !== null) {
      const task = parseTask(text, this.columns, this.pageSize);
      if (task !== null && report.tasks.length < TABLE_LIMIT) report.tasks.push(task);
    } else if (this.part === 'slabs') {
      const slab = parseSlab(text);
      if (slab !== null && report.slabs.length < TABLE_LIMIT) report.slabs.push(slab);
    } else if (this.part === 'allocations') {
      const allocation = parseAllocation(text);
      if (allocation !== null && report.allocations.length < TABLE_LIMIT) report.allocations.push(allocation);
    } else if (this.part === 'memory') {
      this.addMemory(text);
    } else if (this.part === 'cgroup') {
      const line = /^(\w{1,64}) (\d{1,20})$/.exec(text.trim());
      if (line !== null) this.memory.set(line[1], Number(line[2]));
    }
  }

  /**
   * Sums over the machine have neither "Node N" nor units: "active_anon:1234 inactive_anon:12". One
   * message has many lines; what prints the log indents those after the first. Kernel stacks are only
   * told by zone (until 5.9) or by node, and before 4.1 the free pages of per-CPU lists by CPU:
   *
   *    CPU    0: hi:  186, btch:  31 usd: 182
   */
  private addMemory(text: string): void {
    const stacks = /\bkernel_stack:(\d{1,12})kB/.exec(text);
    if (stacks !== null) this.addTo('kernel_stack', Number(stacks[1]) * 1024);
    if (text.startsWith('CPU ')) {
      for (const [, pages] of text.matchAll(/\busd: {0,8}(\d{1,9})/g))
        this.addTo('free_pcp', Number(pages) * this.pageSize);
    }
    if (!/^ {0,32}[a-z_]{1,32}:\d{1,15}(?: [a-z_]{1,32}:\d{1,15}){0,7} ?$/.test(text)) return;
    for (const [, name, pages] of text.matchAll(/([a-z_]{1,32}):(\d{1,15})/g)) {
      this.memory.set(name, Number(pages) * this.pageSize);
    }
  }

  /** Lines of its memory.stat follow; before 5.2 they are one line: "... for /a: cache:0KB rss:102400KB". */
  private addCgroup(text: string): void {
    this.part = 'cgroup';
    const cgroup = /^Memory cgroup stats for (\/.{0,1024}?):(?: |$)/.exec(text);
    if (cgroup !== null && this.report !== null) {
      Object.assign(this.report, { constraint: 'memcg', cgroup: this.report.cgroup || cgroup[1] });
    }
    for (const [, name, kib] of text.slice(0, 1024).matchAll(/ (\w{1,64}):(\d{1,15})KB/g)) {
      // One line for each cgroup below it, with its own pages.
      this.addTo(name, Number(kib) * 1024);
    }
  }

  private addTo(name: string, bytes: number): void {
    this.memory.set(name, (this.memory.get(name) ?? 0) + bytes);
  }

  private addLine(text: string, report: OomFacts): void {
    const pages = /^(\d{1,15}) (total pagecache pages|pages RAM|pages reserved)$/.exec(text);
    if (pages !== null) {
      const bytes = Number(pages[1]) * this.pageSize;
      if (pages[2] === 'pages RAM') report.ramBytes = bytes;
      else if (pages[2] === 'pages reserved') report.reservedBytes = bytes;
      else report.pageCacheBytes = bytes;
      return;
    }
    // "memory: usage 102400kB, limit 102400kB, failcnt 75", then the same of "memory+swap" or "swap", and "kmem".
    const usage = /^(memory|memory\+swap|swap|kmem): usage (\d{1,15})kB, limit (\d{1,16})kB, failcnt (\d{1,15})/.exec(
      text,
    );
    if (usage !== null) {
      const name = usage[1] === 'memory' ? '' : `${usage[1]} `;
      this.memory.set(`${name}usage`, Number(usage[2]) * 1024);
      this.memory.set(`${name}limit`, Number(usage[3]) * 1024);
      report.failures ??= usage[1] === 'memory' ? Number(usage[4]) : null;
    }
    const huge = /^Node \d{1,5} hugepages_total=(\d{1,12}) .{0,64}hugepages_size=(\d{1,12})kB/.exec(text);
    if (huge !== null) report.hugetlbBytes += Number(huge[1]) * Number(huge[2]) * 1024;
    const kill = /^oom-kill:constraint=CONSTRAINT_([A-Z_]{1,16}),/.exec(text);
    if (kill !== null) {
      report.constraint = kill[1].toLowerCase();
      report.cgroup = /,oom_memcg=([^,]{1,1024}),/.exec(text)?.[1] ?? '';
      // 4.19 to 5.0 say CONSTRAINT_NONE here.
      if (report.cgroup !== '') report.constraint = 'memcg';
    }
    // Before 4.20 a kill of a cgroup says it in these lines alone.
    const old = /^Task in \S{1,1024} killed as a result of limit of (\S{1,1024})/.exec(text);
    if (old !== null) Object.assign(report, { constraint: 'memcg', cgroup: old[1] });
    const killed = killedProcess(text);
    if (killed !== null && report.killed === null) report.killed = killed;
  }
}

/** Returns the process that a line says was killed; null if it says no such thing. */
export function killedProcess(text: string): OomFacts['killed'] {
  const match = text.includes('Killed process ') ? KILLED.exec(text) : null;
  if (match === null) return null;
  const [anonBytes, fileBytes, shmemBytes] = match.slice(3).map((kib) => Number(kib ?? 0) * 1024);
  return { pid: Number(match[1]), name: match[2], anonBytes, shmemBytes, fileBytes };
}

function emptyReport(memory: ReadonlyMap<string, number>): OomFacts {
  return {
    atSeconds: null,
    invokedBy: '',
    order: null,
    constraint: '',
    cgroup: '',
    failures: null,
    killed: null,
    memory,
    ramBytes: 0,
    reservedBytes: 0,
    pageCacheBytes: 0,
    hugetlbBytes: 0,
    slabs: [],
    tasks: [],
    allocations: [],
  };
}
