/** What memory belongs to without the names of a machine: kinds, file systems, protocols and states stay. */
import type { NamedRow } from '../../things/named-row.js';
import { emptyThing, type Thing } from '../../things/thing.js';
import { isNameOfCode } from './slab-cache-names.js';

/** Words of the kernel's own source: 'tmpfs', 'TCP', 'hash'. */
const KEPT = ['fs', 'protocol', 'family', 'type', 'state'] as const;

export function withoutThings(row: NamedRow): NamedRow {
  return { ...row, things: row.things.map((named) => ({ ...named, thing: withoutNames(named.thing) })) };
}

function withoutNames(thing: Thing): Thing {
  const { kind, deleted, missing, closed } = thing;
  const kept = { ...emptyThing(kind), deleted, missing, closed };
  for (const name of KEPT) if (isNameOfCode(thing[name])) kept[name] = thing[name];
  return kept;
}
