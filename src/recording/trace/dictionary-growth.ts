/**
 * The entries that a TraceDictionary has gained, as plain data: one thread sends them to another to
 * define the ids in its batches.
 */
import { BugError } from '../../base/errors.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';

export interface DictionaryGrowth {
  /** High and low words of new frames. */
  frames: Uint32Array;
  /** Depths of new call paths, and the ids of their frames one after the other. */
  depths: Uint32Array;
  frameIds: Uint32Array;
  cgroups: string[];
  /** New process names, and the cgroup of each. */
  comms: string[];
  commCgroups: number[];
  caches: string[];
}

/** Finds the entries that a dictionary has gained since the last call. */
export class GrowthOf {
  private readonly dictionary: TraceDictionary;
  private frames = 0;
  private stacks = 0;
  private cgroups = 0;
  private comms = 0;
  private caches = 0;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  /** Returns the new entries; null if there are none. */
  take(): DictionaryGrowth | null {
    const { stacks, comms, caches, cgroups } = this.dictionary;
    const same = stacks.frames.size === this.frames && stacks.size === this.stacks && cgroups.size === this.cgroups;
    if (same && comms.size === this.comms && caches.size === this.caches) return null;
    const tasks = Array.from({ length: comms.size - this.comms }, (_, i) => this.comms + 1 + i);
    const growth = {
      frames: this.newFrames(),
      ...this.newStacks(),
      cgroups: Array.from({ length: cgroups.size - this.cgroups }, (_, i) => cgroups.name(this.cgroups + 1 + i)),
      comms: tasks.map((id) => comms.name(id)),
      commCgroups: tasks.map((id) => comms.cgroup(id)),
      caches: Array.from({ length: caches.size - this.caches }, (_, i) => caches.name(this.caches + 1 + i)),
    };
    this.frames = stacks.frames.size;
    this.stacks = stacks.size;
    this.cgroups = cgroups.size;
    this.comms = comms.size;
    this.caches = caches.size;
    return growth;
  }

  private newFrames(): Uint32Array {
    const { frames } = this.dictionary.stacks;
    const words = new Uint32Array((frames.size - this.frames) * 2);
    for (let i = 0; i < words.length; i += 2) {
      words[i] = frames.hi[this.frames + 1 + i / 2];
      words[i + 1] = frames.lo[this.frames + 1 + i / 2];
    }
    return words;
  }

  private newStacks(): { depths: Uint32Array; frameIds: Uint32Array } {
    const { stacks } = this.dictionary;
    const depths = new Uint32Array(stacks.size - this.stacks);
    let sum = 0;
    for (let i = 0; i < depths.length; i++) {
      depths[i] = stacks.depth(this.stacks + 1 + i);
      sum += depths[i];
    }
    const frameIds = new Uint32Array(sum);
    let at = 0;
    for (let i = 0; i < depths.length; i++) {
      for (let frame = 0; frame < depths[i]; frame++) frameIds[at++] = stacks.frameId(this.stacks + 1 + i, frame);
    }
    return { depths, frameIds };
  }
}

/**
 * Adds the growth of another dictionary to one that has had all growth before it, so that the ids
 * are the same. Throws a BugError if a call path has a frame that is not there.
 */
export function grow(dictionary: TraceDictionary, growth: DictionaryGrowth): void {
  const { stacks, comms, caches, cgroups } = dictionary;
  for (let i = 0; i < growth.frames.length; i += 2) stacks.frames.intern(growth.frames[i], growth.frames[i + 1]);
  let at = 0;
  for (const depth of growth.depths) {
    for (let i = at; i < at + depth; i++) {
      if (growth.frameIds[i] > stacks.frames.size) throw new BugError('a call path came before its frames');
    }
    stacks.intern(growth.frameIds.subarray(at, at + depth), depth);
    at += depth;
  }
  for (const cgroup of growth.cgroups) cgroups.intern(cgroup);
  for (const [i, name] of growth.comms.entries()) comms.intern(name, growth.commCgroups[i]);
  for (const name of growth.caches) caches.intern(name);
}
