import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';

/**
 * Returns the address of symbol+offset, null if it is unknown. `module` in the result is the module
 * that holds it.
 */
export type FrameLookup = (
  symbol: string,
  offset: number,
  module: string | null,
) => { addressHi: number; addressLo: number; module?: string | null } | null;

const MAX_FRAMES = 128;
/** symbol+offset, symbol+offset [module], or a bare address where bpftrace found no symbol. */
const FRAME = /^(.+?)\+(\d+)(?: \[([^\]]*)\])?$/;
const BARE = /^(?:0x)?([0-9a-f]{1,16})$/;

/**
 * Turns frames as bpftrace prints them into call paths of the dictionary. An address that cannot be
 * looked up is made up: high word 0, which no kernel address has, and a running number from 1 as
 * low word. Each frame with a name is sent to the sink once.
 */
export class BpftraceFrames {
  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly lookup: FrameLookup;
  private readonly known = new Map<string, number>();
  private readonly frameIds = new Uint32Array(MAX_FRAMES);
  private depth = 0;
  private madeUp = 0;

  constructor(sink: TraceSink, dictionary: TraceDictionary, lookup: FrameLookup) {
    this.sink = sink;
    this.dictionary = dictionary;
    this.lookup = lookup;
  }

  /** Starts a new call path. */
  begin(): void {
    this.depth = 0;
  }

  /**
   * Adds the next frame, leaf first. Returns false if the path is longer than any that the script
   * asks for.
   */
  add(text: string): boolean {
    if (this.depth === MAX_FRAMES) return false;
    let id = this.known.get(text);
    if (id === undefined) {
      id = this.frame(text);
      this.known.set(text, id);
    }
    this.frameIds[this.depth++] = id;
    return true;
  }

  /** Returns the id of the call path that was added, 0 if it has no frames. */
  end(): number {
    return this.dictionary.stacks.intern(this.frameIds, this.depth);
  }

  private frame(text: string): number {
    const { frames } = this.dictionary.stacks;
    const bare = BARE.exec(text)?.[1];
    if (bare !== undefined) {
      const digits = bare.padStart(16, '0');
      return frames.intern(Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16));
    }
    const parts = FRAME.exec(text);
    const symbol = parts?.[1] ?? text;
    const offset = parts === null ? 0 : Math.min(Number(parts[2]), 0xffffffff);
    const module = parts?.[3] ?? null;
    const found = this.lookup(symbol, offset, module);
    const addressHi = found?.addressHi ?? 0;
    const addressLo = found?.addressLo ?? ++this.madeUp;
    this.sink.fact({
      type: 'symbol',
      entry: { addressHi, addressLo, symbol, offset, module: module ?? found?.module ?? null },
    });
    return frames.intern(addressHi, addressLo);
  }
}
