/**
 * What live tracing needs and whether this machine has it, one line each: the basis of `unfreed
 * doctor`. Pure except runChecks().
 */
import { lookAtMachine, type Machine, type MarkAbility } from './machine.js';
import { judgeRights } from './privilege.js';

export type CheckId =
  | 'root'
  | 'rights'
  | 'allocators'
  | 'btf'
  | 'tracepoints'
  | 'vmalloc'
  | 'bpf'
  | 'lockdown'
  | 'kptr'
  | 'memlock'
  | 'collector'
  | 'clang'
  | 'libbpf'
  | 'bpftool'
  | 'make'
  | 'cc'
  | 'bpftrace'
  | 'tracefs';

export interface Check {
  id: CheckId;
  ok: boolean;
  /**
   * live: every collector needs it. bpf, bpftrace: that collector needs it. build: needed to build
   * the eBPF collector. nice: not needed, but better with it.
   */
  for: 'live' | 'bpf' | 'bpftrace' | 'build' | 'nice';
  /** What is needed. */
  needed: string;
  /** What this machine has. */
  found: string;
  /** What the user can do about it, '' if ok. */
  advice: string;
}

export interface Diagnosis {
  checks: Check[];
  /** Collectors that should work here, best first. */
  collectors: ('bpf' | 'bpftrace')[];
  /** uname -r and -m. */
  kernel: string;
  arch: string;
  /** How a collector gets its rights; null: it gets none. */
  privilege: Machine['privilege'];
  /** The allocators that the first of the collectors traces; [] without one. */
  allocators: string[];
  /** The kinds of events that it knows, and why it cannot tell of some; [] where it tells of none. */
  marks: MarkAbility[];
  /** What its trace will lack, in its own words. */
  notes: string[];
}

/** Runs all checks on this machine. */
export async function runChecks(): Promise<Diagnosis> {
  return diagnose(await lookAtMachine());
}

/** Returns all checks, the most important first. */
export function diagnose(machine: Machine): Diagnosis {
  const checks = [...liveChecks(machine), ...bpfChecks(machine), ...bpftraceChecks(machine)];
  const met = (kind: Check['for']): boolean => checks.every((one) => one.for !== kind || one.ok);
  const collectors: Diagnosis['collectors'] = [];
  if (met('live') && met('bpf')) collectors.push('bpf');
  if (met('live') && met('bpftrace')) collectors.push('bpftrace');
  const { kernel, arch, privilege } = machine;
  return { checks, collectors, kernel, arch, privilege, ...tracedBy(collectors[0], machine) };
}

function tracedBy(
  collector: 'bpf' | 'bpftrace' | undefined,
  machine: Machine,
): Pick<Diagnosis, 'allocators' | 'marks' | 'notes'> {
  if (collector === undefined) return { allocators: [], marks: [], notes: [] };
  if (collector === 'bpf' && machine.bpfAllocators !== null) {
    return { allocators: machine.bpfAllocators, marks: machine.bpfMarks, notes: machine.bpfNotes };
  }
  return { allocators: ['page', 'slab', 'percpu', ...(hasVmalloc(machine) ? ['vmalloc'] : [])], marks: [], notes: [] };
}

function hasVmalloc({ btfTracepoints, tracefsTracepoints }: Machine): boolean {
  const known = new Set([...btfTracepoints, ...tracefsTracepoints]);
  return known.has('vmalloc:alloc_vmap_area') && known.has('vmalloc:free_vmap_area_noflush');
}

/**
 * Tracepoints that every kernel has. The variants for NUMA nodes exist before 6.1 only, those of
 * vmalloc not yet in 6.1.
 */
const NEEDED_TRACEPOINTS = [
  'kmem:kmalloc',
  'kmem:kmem_cache_alloc',
  'kmem:kfree',
  'kmem:kmem_cache_free',
  'kmem:mm_page_alloc',
  'kmem:mm_page_free',
  'percpu:percpu_alloc_percpu',
  'percpu:percpu_free_percpu',
];

function liveChecks(machine: Machine): Check[] {
  const known = new Set([...machine.btfTracepoints, ...machine.tracefsTracepoints]);
  const missing = NEEDED_TRACEPOINTS.filter((name) => !known.has(name));
  const canLook = machine.btf || machine.tracefsError === null;
  const { bpfTrial } = machine;
  const rights = judgeRights(machine.rights);
  return [
    check('root', 'live', machine.privilege !== null, {
      needed: 'root, the capabilities BPF and PERFMON, or sudo without a password',
      found: machine.privilege === null ? 'none of them' : PRIVILEGE_FOUND[machine.privilege],
      advice: 'run it as root, or record on this machine as root and replay the file as yourself',
    }),
    check('rights', 'nice', rights.whole, {
      needed: 'the rights of root, or BPF, PERFMON, SYSLOG and a readable slabinfo',
      found: rights.gives,
      advice: rights.advice,
    }),
    check('tracepoints', 'live', missing.length === 0, {
      needed: `the allocators' tracepoints (${NEEDED_TRACEPOINTS.length} of them)`,
      found:
        missing.length === 0 ? 'all there' : canLook ? `missing: ${missing.join(', ')}` : 'cannot look without root',
      advice: canLook
        ? 'this kernel was built without them: boot one with CONFIG_FTRACE and CONFIG_EVENT_TRACING'
        : 'run it as root',
    }),
    check('bpf', 'live', bpfTrial === null, {
      needed: 'the right to load BPF programs',
      found:
        bpfTrial === null
          ? `loaded one with ${machine.bpfTriedWith}`
          : bpfTrial === undefined
            ? 'not tried: no collector or no root'
            : `refused (${machine.bpfTriedWith}): ${bpfTrial}`,
      advice:
        bpfTrial === undefined
          ? 'see the lines about root, collector and bpftrace'
          : 'in a container: give it CAP_BPF, CAP_PERFMON and CAP_SYSLOG, or run on the host',
    }),
    check('lockdown', 'live', machine.lockdown !== 'confidentiality', {
      needed: 'kernel lockdown below confidentiality',
      found: machine.lockdown === '' ? 'no lockdown in this kernel' : machine.lockdown,
      advice: 'confidentiality forbids BPF to read kernel memory: boot without lockdown=confidentiality',
    }),
    check('kptr', 'nice', machine.kptrRestrict !== 2, {
      needed: 'symbol addresses that root may read (kernel.kptr_restrict 0 or 1)',
      found: machine.kptrRestrict < 0 ? 'unknown' : `kernel.kptr_restrict = ${machine.kptrRestrict}`,
      advice: 'call paths have no names while it is 2: sysctl kernel.kptr_restrict=1',
    }),
    check('vmalloc', 'nice', hasVmalloc(machine), {
      needed: 'tracepoints of vmalloc (later than Linux 6.1)',
      found: known.has('vmalloc:alloc_vmap_area') ? 'there' : `not in ${machine.kernel}`,
      advice: 'vmalloc areas are not seen on this kernel; the pages behind them mostly are',
    }),
    memlockCheck(machine),
  ];
}

const PRIVILEGE_FOUND: Record<NonNullable<Machine['privilege']>, string> = {
  root: 'running as root',
  capabilities: 'the capabilities are there',
  sudo: 'sudo works',
};

function memlockCheck(machine: Machine): Check {
  const limit = machine.lockedMemoryBytes;
  const { major, minor } = kernelVersion(machine.kernel);
  // Since 5.11 BPF memory is charged to the memory cgroup, and this limit has no effect.
  const counts = major < 5 || (major === 5 && minor < 11);
  return check('memlock', 'nice', !counts || limit >= 128 * 2 ** 20 || machine.privilege !== null, {
    needed: counts
      ? '128 MiB of lockable memory for BPF maps (root raises it)'
      : 'no limit that counts since Linux 5.11',
    found: Number.isFinite(limit) ? `ulimit -l ${Math.floor(limit / 1024)} KiB` : 'unlimited',
    advice: 'ulimit -l unlimited',
  });
}

function bpfChecks(machine: Machine): Check[] {
  const tool = (id: 'clang' | 'bpftool' | 'make' | 'cc', version: string | null): Check =>
    check(id, 'build', version !== null, {
      needed: `${id}, to build the eBPF collector`,
      found:
        version === null ? 'not installed' : version === '' ? 'installed, but it does not say its version' : version,
      advice: machine.bpfCollectorBuilt ? 'not needed: it is built' : `apt-get install ${id === 'cc' ? 'gcc' : id}`,
    });
  return [
    check('btf', 'bpf', machine.btf, {
      needed: 'type information of this kernel (/sys/kernel/btf/vmlinux)',
      found: machine.btf ? 'there' : 'not there',
      advice: 'a kernel with CONFIG_DEBUG_INFO_BTF=y; bpftrace can do without',
    }),
    check('collector', 'bpf', machine.bpfCollectorBuilt, {
      needed: 'the eBPF collector, built',
      found: machine.bpfCollectorBuilt
        ? 'bpf/build/unfreed-collect'
        : machine.bpfBuildError === ''
          ? 'not built'
          : `the build failed: ${machine.bpfBuildError}`,
      advice: 'npm run setup',
    }),
    check('allocators', 'bpf', machine.bpfUnmet === null, {
      needed: 'all that a trace must have: pages and slabs',
      found: machine.bpfUnmet === null ? 'there' : machine.bpfUnmet.replace(/: .*/, ''),
      advice: (machine.bpfUnmet ?? '').replace(/^[^:]*: /, ''),
    }),
    tool('clang', machine.clang),
    tool('bpftool', machine.bpftool),
    tool('make', machine.make),
    tool('cc', machine.cc),
    check('libbpf', 'build', machine.libbpfHeaders, {
      needed: 'libbpf to build against',
      found: machine.libbpfHeaders ? '/usr/include/bpf' : 'no /usr/include/bpf/libbpf.h',
      advice: machine.bpfCollectorBuilt
        ? 'not needed: it is built'
        : 'apt-get install libbpf-dev libelf-dev zlib1g-dev libiberty-dev',
    }),
  ];
}

function bpftraceChecks(machine: Machine): Check[] {
  const version = machine.bpftrace;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const readable = machine.tracefsError === null && machine.tracefsTracepoints.length > 0;
  return [
    check('bpftrace', 'bpftrace', version !== null && (major > 0 || minor >= 17), {
      needed: 'bpftrace 0.17 or later, where nothing can be compiled',
      found: version === null ? 'not installed' : version === '' ? 'installed, version unknown' : version,
      advice: 'apt-get install bpftrace (not needed where the eBPF collector works)',
    }),
    check('tracefs', 'bpftrace', readable, {
      needed: 'tracefs',
      found:
        machine.tracefsError ?? (machine.tracefsUnmounted ? 'not mounted; we mount it for ourselves alone' : 'mounted'),
      advice: 'mount -t tracefs tracefs /sys/kernel/tracing (as root)',
    }),
  ];
}

interface CheckTexts {
  needed: string;
  found: string;
  advice: string;
}

function check(id: CheckId, what: Check['for'], ok: boolean, texts: CheckTexts): Check {
  return { id, ok, for: what, needed: texts.needed, found: texts.found, advice: ok ? '' : texts.advice };
}

function kernelVersion(release: string): { major: number; minor: number } {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return { major, minor };
}
