/** FreeSites in a checkpoint: path by path, its tally, then its sites with theirs. */
import { type FreeSite, type FreeSites, type FreeTally, type PathFrees, SITES_KEPT } from '../free-sites.js';
import { LIFETIME_BARS } from '../lifetimes.js';
import { CheckpointError, type StateReader, type StateWriter } from './checkpoint-bytes.js';

/** Least bytes of a path: its key, samples, a tally of four numbers, and the number of its sites. */
const MIN_PATH_BYTES = 7;

export function saveFreeSites(writer: StateWriter, { byPath }: FreeSites): void {
  writer.varint(byPath.size);
  for (const [key, path] of byPath) {
    writer.varint(key);
    writer.varint(path.samples);
    saveTally(writer, path);
    writer.varint(path.sites.length);
    for (const site of path.sites) {
      writer.varint(site.stackId);
      writer.varint(site.count);
      writer.varint(site.over);
      saveTally(writer, site);
    }
  }
}

/** Restores sites that have no path yet; `stackCount` is the number of call paths in the dictionary. Throws a CheckpointError. */
export function restoreFreeSites(reader: StateReader, freeSites: FreeSites, stackCount: number): void {
  for (let left = reader.count(MIN_PATH_BYTES); left > 0; left--) {
    const key = reader.varint();
    const path: PathFrees = { samples: reader.varint(), ...readTally(reader), sites: [] };
    if (freeSites.byPath.has(key)) throw new CheckpointError('frees of a call path that is there twice');
    for (let sites = reader.upTo(SITES_KEPT); sites > 0; sites--) path.sites.push(readSite(reader, stackCount));
    freeSites.restore(key, path);
  }
}

function readSite(reader: StateReader, stackCount: number): FreeSite {
  const stackId = reader.upTo(stackCount);
  const count = reader.varint();
  return { stackId, count, over: reader.upTo(count), ...readTally(reader) };
}

/** The first bar that is not 0, the number of bars up to the last such one, and those bars. */
function saveTally(writer: StateWriter, { bars, sameCpu, otherCpu }: FreeTally): void {
  const first = Math.max(
    0,
    bars.findIndex((count) => count !== 0),
  );
  const end = bars.findLastIndex((count) => count !== 0) + 1;
  writer.varint(first);
  writer.varint(Math.max(0, end - first));
  for (let bar = first; bar < end; bar++) writer.varint(bars[bar]);
  writer.varint(sameCpu);
  writer.varint(otherCpu);
}

function readTally(reader: StateReader): FreeTally {
  const bars = Array.from({ length: LIFETIME_BARS }, () => 0);
  const first = reader.upTo(LIFETIME_BARS);
  const count = reader.upTo(LIFETIME_BARS - first);
  for (let bar = first; bar < first + count; bar++) bars[bar] = reader.varint();
  return { bars, sameCpu: reader.varint(), otherCpu: reader.varint() };
}
