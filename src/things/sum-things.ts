/**
 * Sums what a sample's blocks or objects belong to. Many sockets, or many names in one directory, are told as one: 310
 * connections to one port say more than the first eight of them.
 */
import { NAMED_THINGS, type NamedThing } from './named-row.js';
import { emptyThing, type Thing, thingJson } from './thing.js';

/** One block or object of a sample. */
export interface LookedAt {
  /** Null: nothing is known of it. */
  thing: Thing | null;
  bytes: number;
}

export interface SummedThings {
  known: number;
  knownBytes: number;
  /** The most bytes first, at most NAMED_THINGS. */
  things: NamedThing[];
}

export function sumThings(sample: readonly LookedAt[]): SummedThings {
  const known = sample.filter((each): each is LookedAt & { thing: Thing } => each.thing !== null);
  const alikeOf = likeness(known.map(({ thing }) => thing));
  const sums = new Map<string, { named: NamedThing; members: Set<string> }>();
  for (const { thing, bytes } of known) {
    const alike = alikeOf(thing);
    const key = thingJson(alike);
    const found = sums.get(key);
    const sum = found ?? { named: { thing: alike, different: 0, count: 0, bytes: 0 }, members: new Set() };
    if (found === undefined) sums.set(key, sum);
    sum.members.add(thingJson(thing));
    sum.named = {
      // Of one alone all is told.
      thing: sum.members.size === 1 ? thing : alike,
      different: sum.members.size,
      count: sum.named.count + 1,
      bytes: sum.named.bytes + bytes,
    };
  }
  const all = Array.from(sums, ([key, { named }]) => ({ key, named }));
  all.sort((a, b) => b.named.bytes - a.named.bytes || b.named.count - a.named.count || (a.key < b.key ? -1 : 1));
  return {
    known: known.length,
    knownBytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
    things: all.slice(0, NAMED_THINGS).map(({ named }) => named),
  };
}

/** Returns a function that gives of a thing what it has in common with those that are told with it. */
function likeness(things: readonly Thing[]): (thing: Thing) => Thing {
  const ends = new Map<string, Set<string>>();
  for (const thing of things) {
    if (thing.kind !== 'socket') continue;
    for (const end of ['local', 'peer'] as const) {
      const key = endKey(thing, end);
      const others = ends.get(key) ?? new Set();
      ends.set(key, others.add(thingJson(thing)));
    }
  }
  return (thing) => {
    if (thing.kind === 'dentry') {
      const { device, fs, mount, missing } = thing;
      return { ...emptyThing('dentry'), device, fs, mount, missing, path: directoryOf(thing.path) };
    }
    if (thing.kind !== 'socket') return thing;
    const { protocol, family, type, state, closed } = thing;
    const common = { ...emptyThing('socket'), protocol, family, type, state, closed };
    const byLocal = ends.get(endKey(thing, 'local'))?.size ?? 0;
    const byPeer = ends.get(endKey(thing, 'peer'))?.size ?? 0;
    // The end that more of them share: a server's port, or the server that they are connected to.
    return byLocal >= byPeer ? { ...common, local: thing.local } : { ...common, peer: thing.peer };
  };
}

/** Of sockets that share the end. */
function endKey({ protocol, family, type, state, closed, ...thing }: Thing, end: 'local' | 'peer'): string {
  // An address is no sign of likeness where there is none, but sockets without any are alike.
  const address =
    thing[end] === '' && thing.local + thing.peer !== '' ? `${thing.local} ${thing.peer} ${end}` : thing[end];
  return [end, protocol, family, type, state, closed, address].join('\0');
}

/** With the slash at its end. */
function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
