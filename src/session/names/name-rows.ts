/** Looks what rows of a live trace belong to: a sample of each, asked of the collector in one go. */
import { moduleDevices } from '../../collect/names/module-devices.js';
import { MOST_ASKED, type NamesRun, runNames } from '../../collect/names/run-names.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { NAMED_ROWS, NAMED_THINGS, type NamedRow } from '../../things/named-row.js';
import { sumThings } from '../../things/sum-things.js';
import type { Thing } from '../../things/thing.js';
import { askedOf, type HeldItem, isHeld, sampleRows, type WantedRow } from './sample-rows.js';

export interface NamesWanted extends WantedRow {
  /** The module that takes the memory; null = the core kernel. */
  module: string | null;
}

/**
 * Rows of which nothing can be looked at are left out. Throws a UserError where kernel memory may not be read.
 */
export async function nameRows(
  core: PairingCore,
  wanted: readonly NamesWanted[],
  run: NamesRun = {},
): Promise<NamedRow[]> {
  const rows = wanted.slice(0, NAMED_ROWS);
  const samples = sampleRows(core, rows);
  const items = samples.flat().slice(0, MOST_ASKED);
  const things = await runNames(items.map(askedOf), run);
  const thingOf = new Map(items.map((item, index) => [item, things[index]]));
  const devices = await Promise.all(rows.map(async ({ module }) => (module === null ? [] : moduleDevices(module))));
  return samples.flatMap((sample, index) => {
    // What was freed meanwhile may have become another's.
    const looked = sample.filter((item) => thingOf.has(item) && isHeld(core, item));
    if (looked.length === 0) return [];
    return [withDevices(rowOf(core, looked, thingOf), devices[index])];
  });
}

/** Those of the wanted rows of which something is known. */
export function knownRows(core: PairingCore, wanted: readonly NamesWanted[], rows: readonly NamedRow[]): Set<number> {
  const known = new Set(
    rows.filter(({ things }) => things.length > 0).map(({ stackId, allocator }) => `${stackId} ${allocator}`),
  );
  const isKnown = (stackId: number): boolean => {
    const row = core.paths.findRow(stackId);
    return known.has(`${core.paths.stackId[row]} ${core.paths.allocator[row]}`);
  };
  return new Set(wanted.map(({ stackId }) => stackId).filter(isKnown));
}

function rowOf(core: PairingCore, looked: readonly HeldItem[], thingOf: Map<HeldItem, Thing | null>): NamedRow {
  const { row, allocator } = looked[0];
  return {
    stackId: core.paths.stackId[row],
    allocator,
    looked: looked.length,
    lookedBytes: looked.reduce((sum, { bytes }) => sum + bytes, 0),
    ...sumThings(looked.map((item) => ({ thing: thingOf.get(item) ?? null, bytes: item.bytes }))),
  };
}

/** A module's devices are no part of the sample: which of them holds what is not known. */
function withDevices(row: NamedRow, devices: readonly Thing[]): NamedRow {
  const named = devices.map((thing) => ({ thing, different: 1, count: 0, bytes: 0 }));
  return { ...row, things: [...row.things, ...named].slice(0, NAMED_THINGS) };
}
