/**
 * What the kernel refuses our collectors, and what tracing costs, from the notes of the trace
 * (bpf/attach/plan.c, collect/bpftrace-host.ts): the screen says it while the trace starts, `unfreed
 * doctor` before one. Causes are untrusted text.
 */

export interface Refusal {
  /** What there is less of: 'frees in bulk'. */
  about: string;
  /** Why: 'this kernel refuses function hooks'. */
  cause: string;
  /** What that means for a trace: 'some frees of slab are seen late'. */
  means: string;
  /** The same of a trace that is about to begin: 'frees in bulk will be seen late'. */
  soon: string;
}

/** A note, and what it means; its second group is the cause, where `of` names none. */
const KNOWN: readonly { note: RegExp; of: (name: string) => Omit<Refusal, 'cause'> & { cause?: string } }[] = [
  {
    note: /^()frees in bulk and by kfree_rcu\(\) are not seen: \w+: (.+)$/,
    of: () => ({
      about: 'frees in bulk',
      means: 'some frees of slab are seen late',
      soon: 'frees in bulk will be seen late',
    }),
  },
  {
    note: /^()pages allocated in bulk are not seen: \w+: (.+)$/,
    of: () => ({
      about: 'pages in bulk',
      means: 'pages allocated in bulk are not seen',
      soon: 'pages allocated in bulk will not be seen',
    }),
  },
  {
    note: /^()pages that the kernel moves are followed while a process maps them: \w+: (.+)$/,
    of: () => ({
      about: 'moved pages',
      means: 'pages that the kernel moves are followed only while a process maps them',
      soon: 'moved pages will be followed only while a process maps them',
    }),
  },
  {
    note: /^()pages that the kernel moves \(compaction\) are not followed: \w+: (.+)$/,
    of: () => ({
      about: 'moved pages',
      means: 'pages that the kernel moves are not followed',
      soon: 'moved pages will not be followed',
    }),
  },
  {
    note: /^(\w+) is not traced: \w+: (.+)$/,
    of: (name) => ({
      about: `${name} memory`,
      means: `${name} memory is not traced`,
      soon: `${name} memory will not be traced`,
    }),
  },
  {
    note: /^()call paths are walked by the kernel: (.+)$/,
    of: () => ({
      about: 'call paths',
      means: 'the kernel walks each call path, which slows the machine down more',
      soon: 'the kernel will walk each call path, which slows the machine down more',
    }),
  },
  {
    note: /^traced through bpftrace /,
    of: () => ({
      about: 'speed',
      cause: 'through bpftrace',
      means: 'allocations are many times slower',
      soon: 'allocations will be many times slower',
    }),
  },
  {
    note: /^this kernel has no vmalloc tracepoints$/,
    of: () => ({
      about: 'vmalloc memory',
      cause: 'this kernel has no vmalloc tracepoints',
      means: 'vmalloc memory is not traced',
      soon: 'vmalloc memory will not be traced',
    }),
  },
];

/** Causes that have plainer words. */
const CAUSES: Readonly<Record<string, string>> = {
  'this kernel lets nobody hook functions (fentry)': 'this kernel refuses function hooks',
};

/** Returns what the notes say that the kernel refuses, in their order; other notes are left out. */
export function refusalsIn(notes: readonly string[]): Refusal[] {
  const refusals: Refusal[] = [];
  for (const text of notes) {
    for (const { note, of } of KNOWN) {
      const match = note.exec(text);
      if (match === null) continue;
      const [, name = '', why = ''] = match;
      refusals.push({ cause: Object.hasOwn(CAUSES, why) ? CAUSES[why] : why, ...of(name) });
      break;
    }
  }
  return refusals;
}

/** The same in one sentence a cause: 'This kernel refuses function hooks: frees in bulk will be seen late.' */
export function refusalSentences(notes: readonly string[]): string[] {
  const byCause = new Map<string, string[]>();
  for (const { cause, soon } of refusalsIn(notes)) byCause.set(cause, [...(byCause.get(cause) ?? []), soon]);
  return [...byCause].map(([cause, soon]) => `${cause.charAt(0).toUpperCase()}${cause.slice(1)}: ${soon.join(', ')}.`);
}
