/**
 * CallPath: interns the call path of one event from its stack lines. There are two ways of printing
 * one:
 *
 *  perf script          <tab> address symbol+0x1b (dso)          all but the address may be missing
 *  tracefs, trace-cmd   => symbol+0x1b/0x40 [module] <address>   or (address), or no address
 *
 * A frame with an address is interned by it. A frame without one (and a user frame, whose address
 * means something else in each process) is interned by its text, under a made-up address in the
 * dictionary: high word 0, low word 1, 2, 3 ... Either way the name goes to the sink once. Frames
 * of the tracer itself at the leaf are left out, as the collector does.
 */
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { isKernelDso, isTracerSymbol, moduleOfDso, parseFtraceName, parsePerfName } from './frame-name.js';
import {
  ascii,
  ByteScan,
  CLOSE_PAREN,
  GREATER,
  HEX_VALUE,
  LESS,
  matches,
  OPEN_PAREN,
  SPACE,
  skipSpaces,
} from './text-bytes.js';
import { ByteNames } from './text-names.js';

/** Deeper than any kernel stack; user stacks can be deeper, and are cut. */
const MAX_DEPTH = 1024;
/** Distinct frame texts kept; a kernel has some 200,000 functions. */
const MAX_NAMES = 1 << 20;
/** The high half-word of every kernel address on x86-64 and arm64; on other machines the dso decides. */
const KERNEL_HIGH_BITS = 0xffff;

/** Flags of a frame id. */
const NAMED = 1;
const TRACER = 2;

const INLINED = ascii('(inlined)');
const NOTHING_KNOWN = ascii('[unknown] ([unknown])');
const ARROW = ascii('=>');

export class CallPath {
  /** True if a user frame was left out. */
  droppedUserFrames = false;

  private readonly dictionary: TraceDictionary;
  private readonly symbol: (entry: SymbolisedAddress) => void;
  private readonly userFrames: boolean;
  private readonly frameIds = new Uint32Array(MAX_DEPTH);
  private depth = 0;
  /** True when the rest of a perf stack is unwanted user frames: callchains are kernel first. */
  private passing = false;
  private readonly scan = new ByteScan();
  private readonly names = new ByteNames(MAX_NAMES);
  /** Name id -> frame id of the dictionary. */
  private frameOfName = new Uint32Array(1024);
  private flags = new Uint8Array(1024);

  constructor(dictionary: TraceDictionary, symbol: (entry: SymbolisedAddress) => void, userFrames: boolean) {
    this.dictionary = dictionary;
    this.symbol = symbol;
    this.userFrames = userFrames;
  }

  reset(): void {
    this.depth = 0;
    this.passing = false;
  }

  /** Returns the id of the call path gathered since reset(), 0 if it has no frames. */
  intern(): number {
    return this.dictionary.stacks.intern(this.frameIds, this.depth);
  }

  /** Starts from a call path that is already known, to add frames to it. */
  resume(stackId: number): void {
    const { stacks } = this.dictionary;
    this.reset();
    this.depth = stacks.depth(stackId);
    for (let i = 0; i < this.depth; i++) this.frameIds[i] = stacks.frameId(stackId, i);
  }

  /**
   * Returns the path of a call site alone, for events without a stack: `symbol+0x1b/0x40`, or a
   * bare address.
   */
  internCallSite(bytes: Uint8Array, start: number, end: number): number {
    this.reset();
    if (this.scan.hex(bytes, start, end) && this.scan.position === end) this.addAddress(bytes, end, end, false);
    else this.addName(bytes, start, end, false);
    return this.intern();
  }

  /** Adds a line of a perf stack; `bytes[start]` is the tab. */
  perfLine(bytes: Uint8Array, start: number, end: number): void {
    if (this.passing) return;
    const at = skipSpaces(bytes, start + 1, end);
    if (at === end) return;
    const { scan } = this;
    const hasAddress = scan.hex(bytes, at, end) && (scan.position === end || bytes[scan.position] === SPACE);
    // Inlined calls come before the frame that contains them, with its address; live stacks do not
    // show them either.
    if (bytes[end - 2] === 0x64 && matches(bytes, end - INLINED.length, end, INLINED)) return;
    const name = hasAddress ? skipSpaces(bytes, scan.position, end) : at;
    const isKernel = hasAddress && scan.hi >>> 16 === KERNEL_HIGH_BITS;
    if (!isKernel && !isKernelDso(bytes, name, end)) {
      // From a name alone it is unknown whether the frame is a user's.
      if (hasAddress || bytes[end - 1] === CLOSE_PAREN) return this.perfUserFrame(bytes, name, end);
    }
    if (hasAddress) this.addAddress(bytes, name, end, true);
    else this.addName(bytes, name, end, true);
  }

  /**
   * Adds the text of a tracefs or trace-cmd stack line, from its "=>" on. Returns false, and adds
   * nothing, if this frame was not seen before and `isTask` says that the line is an event's (a
   * process may have the name "=> kmalloc").
   */
  ftraceLine(bytes: Uint8Array, start: number, end: number, isTask: () => boolean): boolean {
    const at = skipSpaces(bytes, start + ARROW.length, end);
    const open = addressStart(bytes, at, end);
    if (open >= 0) {
      let nameEnd = open;
      while (nameEnd > at && bytes[nameEnd - 1] === SPACE) nameEnd--;
      this.scan.hex(bytes, open + 1, end);
      this.addAddress(bytes, at, nameEnd, false);
      return true;
    }
    if (this.names.find(bytes, at, end) === 0 && isTask()) return false;
    this.addName(bytes, at, end, false);
    return true;
  }

  private perfUserFrame(bytes: Uint8Array, start: number, end: number): void {
    if (this.userFrames) {
      // A walk that ran past the end of the user's stack leaves such a frame.
      if (!matches(bytes, start, end, NOTHING_KNOWN)) this.addName(bytes, start, end, true);
      return;
    }
    this.droppedUserFrames = true;
    this.passing = true;
  }

  /** Adds the frame with the address in `scan` and the name bytes[start .. end). */
  private addAddress(bytes: Uint8Array, start: number, end: number, perf: boolean): void {
    const { frames } = this.dictionary.stacks;
    const { hi, lo } = this.scan;
    const id = frames.intern(hi, lo);
    if (id >= this.flags.length) this.growFlags();
    if ((this.flags[id] & NAMED) === 0 && start < end) this.name(id, hi, lo, bytes, start, end, perf);
    this.add(id);
  }

  /** Adds the frame with the text bytes[start .. end). */
  private addName(bytes: Uint8Array, start: number, end: number, perf: boolean): void {
    const nameId = this.names.intern(bytes, start, end);
    if (nameId === 0) return;
    if (nameId >= this.frameOfName.length) {
      const grown = new Uint32Array(this.frameOfName.length * 2);
      grown.set(this.frameOfName);
      this.frameOfName = grown;
    }
    let id = this.frameOfName[nameId];
    if (id === 0) {
      id = this.dictionary.stacks.frames.intern(0, nameId);
      if (id >= this.flags.length) this.growFlags();
      this.frameOfName[nameId] = id;
      this.name(id, 0, nameId, bytes, start, end, perf);
    }
    this.add(id);
  }

  private add(id: number): void {
    if (this.depth === MAX_DEPTH || (this.depth === 0 && (this.flags[id] & TRACER) !== 0)) return;
    this.frameIds[this.depth++] = id;
  }

  /** Sends a frame's name to the sink, unless the text has none ("[unknown]"). */
  private name(id: number, hi: number, lo: number, bytes: Uint8Array, start: number, end: number, perf: boolean): void {
    const parsed = perf ? parsePerfName(bytes, start, end) : parseFtraceName(bytes, start, end);
    // A frame with a made-up address has nothing else to show.
    if (parsed.symbol === '' && hi !== 0) return;
    this.flags[id] |= isTracerSymbol(parsed.symbol) ? NAMED | TRACER : NAMED;
    this.symbol({
      addressHi: hi,
      addressLo: lo,
      symbol: parsed.symbol === '' ? '[unknown]' : parsed.symbol,
      offset: parsed.offset,
      module: moduleOfDso(parsed.dso),
    });
  }

  private growFlags(): void {
    const grown = new Uint8Array(this.flags.length * 2);
    grown.set(this.flags);
    this.flags = grown;
  }
}

/** Returns the index of "=>" in a line that starts with it after any spaces, -1 if the line does not. */
export function arrowPlace(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpaces(bytes, start, end);
  return matches(bytes, at, end, ARROW) ? at : -1;
}

/** Returns the index of the "<" or "(" of an address that ends the line, -1 if none does. */
function addressStart(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1];
  if (end - start < 3 || (last !== GREATER && last !== CLOSE_PAREN)) return -1;
  let at = end - 2;
  while (at > start && HEX_VALUE[bytes[at]] !== 255) at--;
  const isOpen = bytes[at] === (last === GREATER ? LESS : OPEN_PAREN);
  // 1 to 16 digits.
  return isOpen && at < end - 2 && end - 2 - at <= 16 && (at === start || bytes[at - 1] === SPACE) ? at : -1;
}
