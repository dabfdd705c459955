/**
 * Modes in which guests are tested (--modes): how the collector takes call paths, and which of a
 * guest's events it sends. Survivors and samples are compared by rules of their own
 * (compare-modes.ts).
 */
export type GuestMode = 'all' | 'walk' | 'rights' | 'survivors' | 'sample';

export interface ModeFacts {
  what: string;
  /** Options of unfreed-collect. */
  options: string;
  /** A second collector in the guest traces everything, to show what must be in the sample. */
  hasWitness: boolean;
  /** The collector has BPF, PERFMON and SYSLOG alone, and no tracefs is mounted. */
  hasFewerRights: boolean;
}

export const GUEST_MODES: Record<GuestMode, ModeFacts> = {
  all: { what: 'every event', options: '', hasWitness: false, hasFewerRights: false },
  walk: {
    what: 'every event, call paths walked by the kernel',
    options: '--stacks walk',
    hasWitness: false,
    hasFewerRights: false,
  },
  rights: {
    what: 'every event, with BPF, PERFMON and SYSLOG alone',
    options: '',
    hasWitness: false,
    hasFewerRights: true,
  },
  // The rings of the modules hold an object for some 30 rounds of 10 ms, that of uf_churn for 128:
  // some get old enough, most do not.
  survivors: {
    what: 'what is older than half a second',
    options: '--min-age 500ms',
    hasWitness: false,
    hasFewerRights: false,
  },
  sample: { what: '1 address in 4', options: '--sample 4', hasWitness: true, hasFewerRights: false },
};

/**
 * Returns the modes named after --modes=; without names, all modes but 'all'. Throws for a name
 * that is no mode.
 */
export function parseModes(list: string): GuestMode[] {
  if (list === '') return ['walk', 'rights', 'survivors', 'sample'];
  return list.split(',').map((name) => {
    if (!isMode(name)) throw new Error(`--modes: ${name} is none of ${Object.keys(GUEST_MODES).join(', ')}`);
    return name;
  });
}

function isMode(name: string): name is GuestMode {
  return Object.hasOwn(GUEST_MODES, name);
}
