/**
 * Cgroups that were removed while the trace ran, and of which something is held still: such a cgroup is dying
 * until the last page that is charged to it is freed. By parent, because a machine makes and removes
 * thousands of one kind. From one walk, and only where a cgroup was removed.
 */
import { ALLOCATOR_COUNT } from '../../event/kinds.js';
import { cgroupName, parseCgroup } from '../../event/tables/cgroups.js';
import { NAMES, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { isBacking } from '../names/backing.js';
import type { CgroupFacts, RemovedCgroupGroup, RemovedCgroups } from '../report/report-cgroups.js';
import type { Ranking } from '../rows/ranking.js';
import { HeldTable } from '../select/held-table.js';

const GROUPS = 16;
const COMMS = 8;

/** `ranking` is of the whole trace. Returns null where nothing is held of any removed cgroup. */
export function removedCgroupsOf(ranking: Ranking, known: CgroupFacts): RemovedCgroups | null {
  const { core } = ranking;
  if (core.removedCgroups.size === 0) return null;
  const groups = new Map<string, Group>();
  const groupOf = tasksByGroup(core, groups);
  walk(ranking, groupOf);
  const found = [...groups.values()].filter(({ bytes }) => bytes > 0);
  if (found.length === 0) return null;
  return {
    cgroups: found.reduce((sum, { held }) => sum + held.size, 0),
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    groups: found
      .toSorted((a, b) => b.bytes - a.bytes || (a.parent < b.parent ? -1 : 1))
      .slice(0, GROUPS)
      .map((group) => shownGroup(core, group, known)),
  };
}

interface Group {
  parent: string;
  bytes: number;
  /** Entries of the trace's table of cgroups, of which something is held. */
  held: Set<number>;
  categories: Map<string | null, number>;
  /** By id of the name. */
  comms: Map<number, number>;
}

/** Returns by comm id the group of a task in a removed cgroup; undefined for all others. */
function tasksByGroup({ dictionary, removedCgroups }: PairingCore, groups: Map<string, Group>): (Group | undefined)[] {
  const { comms, cgroups } = dictionary;
  const ofTask: (Group | undefined)[] = [];
  for (let id = 1; id <= comms.size; id++) {
    const text = cgroups.name(comms.cgroup(id));
    if (text === '' || !removedCgroups.has(text)) continue;
    const parent = parentOf(cgroupName(parseCgroup(text)));
    const group = groups.get(parent) ?? { parent, bytes: 0, held: new Set(), categories: new Map(), comms: new Map() };
    groups.set(parent, group);
    ofTask[id & 0xffff] = group;
  }
  return ofTask;
}

function walk({ core, facts, totals }: Ranking, groupOf: readonly (Group | undefined)[]): void {
  const { comms } = core.dictionary;
  const wanted = new Uint8Array(core.paths.size + 1);
  for (const row of totals.rows) wanted[row] = isBacking(core, facts, row) ? 0 : 1;
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    held.each((slot, row) => {
      const task = held.table.words[slot * SLOT_WORDS + NAMES] & 0xffff;
      const group = groupOf[task];
      if (group === undefined || wanted[row] === 0 || !totals.filter.passes(held, slot)) return;
      const bytes = held.bytesAt(slot);
      group.bytes += bytes;
      group.held.add(comms.cgroup(task));
      addTo(group.categories, totals.categoryOf(row), bytes);
      addTo(group.comms, comms.nameId(task), bytes);
    });
  }
}

function shownGroup(core: PairingCore, group: Group, { makers, counters }: CgroupFacts): RemovedCgroupGroup {
  const { comms, cgroups } = core.dictionary;
  const paths = [...group.held].map((entry) => cgroupName(parseCgroup(cgroups.name(entry))));
  const made = new Map<string, number>();
  for (const path of paths) {
    const maker = makers.get(path);
    if (maker !== undefined) addTo(made, maker, 1);
  }
  const [maker] = sorted(made);
  return {
    parent: group.parent,
    name: core.containers.label(group.parent),
    cgroups: paths.length,
    example: paths.toSorted()[0] ?? '',
    bytes: group.bytes,
    categories: sorted(group.categories).map(([category, bytes]) => ({ category, bytes })),
    comms: sorted(group.comms)
      .slice(0, COMMS)
      .map(([name, bytes]) => ({ comm: comms.nameOf(name), bytes })),
    maker: maker === undefined ? null : { comm: maker[0], cgroups: maker[1] },
    kernel: counters.get(group.parent) ?? null,
  };
}

/** The greatest first; of equal ones the one that came first. */
function sorted<Key>(sums: ReadonlyMap<Key, number>): [Key, number][] {
  return [...sums].toSorted((a, b) => b[1] - a[1]);
}

function addTo<Key>(sums: Map<Key, number>, key: Key, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

/** '/' for '/a'. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
