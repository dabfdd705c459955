/**
 * What memory belongs to, where the kernel tells it cheaply: a file and its mount, a socket and its peer, a BPF map, a
 * device. The collector reads it (bpf/names/). All texts are untrusted.
 */

export const THING_KINDS = ['file', 'block-device', 'dentry', 'socket', 'bpf-map', 'device'] as const;
export type ThingKind = (typeof THING_KINDS)[number];

/** Texts of a thing; '' = not known, or different in those that are summed. */
const TEXTS = [
  /** Of a file its path, of a name in a directory that too; of devices and maps their name. */
  'path',
  /** Where the file system is mounted. */
  'mount',
  'fs',
  /** The device or name that is mounted: 'sda1', 'tmpfs'. */
  'source',
  /** 'MAJOR:MINOR', as stat(2) has it. */
  'device',
  'protocol',
  'family',
  /** Of a socket 'stream', 'dgram' ...; of a map 'hash', 'array' ... */
  'type',
  'state',
  'local',
  'peer',
] as const;
/** Whole numbers; 0 = not known. */
const NUMBERS = ['inode', 'peerInode', 'id', 'bytes'] as const;
/**
 *   deleted    the file has no name any more
 *   elsewhere  it is mounted in another mount namespace alone
 *   missing    a name that was looked for and not found
 *   closed     no process has the socket open
 */
const FLAGS = ['deleted', 'elsewhere', 'missing', 'closed'] as const;

export type Thing = { kind: ThingKind } & Record<(typeof TEXTS)[number], string> &
  Record<(typeof NUMBERS)[number], number> &
  Record<(typeof FLAGS)[number], boolean>;

/** Longer texts lose their middle. */
const TEXT_LENGTH = 256;
const HEAD_LENGTH = 64;

/** Returns a thing from JSON, of the collector or of a recording; null if it is none. */
export function parseThing(value: unknown): Thing | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Record<string, unknown>;
  const kind = THING_KINDS.find((name) => name === given['kind']);
  if (kind === undefined) return null;
  const thing = emptyThing(kind);
  for (const name of TEXTS) if (typeof given[name] === 'string') thing[name] = bounded(given[name]);
  for (const name of NUMBERS) if (isCount(given[name])) thing[name] = given[name];
  for (const name of FLAGS) thing[name] = given[name] === true;
  return thing;
}

/** A thing of which nothing but the kind is known. */
export function emptyThing(kind: ThingKind): Thing {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, '']));
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, 0]));
  const flags = Object.fromEntries(FLAGS.map((name) => [name, false]));
  return { kind, ...texts, ...numbers, ...flags } as Thing;
}

/** The JSON of a thing, without what is not known: the same text for the same thing. */
export function thingJson(thing: Thing): string {
  const known = Object.entries(thing).filter(([, value]) => value !== '' && value !== 0 && value !== false);
  return JSON.stringify(Object.fromEntries(known));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bounded(text: string): string {
  if (text.length <= TEXT_LENGTH) return text;
  return `${text.slice(0, HEAD_LENGTH)}…${text.slice(HEAD_LENGTH + 1 - TEXT_LENGTH)}`;
}
