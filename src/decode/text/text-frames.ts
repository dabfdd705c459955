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
import type { CallSite } from './call-site.js';
import {
  addressStart,
  type FrameName,
  isTracerSymbol,
  moduleOfDso,
  parseFtraceName,
  parsePerfName,
} from './frame-name.js';
import { isContext, NOWHERE, placeOfFrame, UNKNOWN, USER } from './frame-place.js';
import { trimmedEnd } from './header-words.js';
import {
  ascii,
  ByteScan,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  GREATER,
  hasHexPrefix,
  LESS,
  matches,
  OPEN_BRACKET,
  SPACE,
  skipSpaces,
  TAB,
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
/** The name is from a whole line. */
const CERTAIN = 4;
/** Calls are inlined in the frame's function: perf prints its address more than once. */
const INLINING = 8;

/** Unknown frames kept until it is known what follows. */
const MAX_GAPS = 16;
/** Made-up addresses lie below. */
const LEAST_GAP = MAX_NAMES;

const INLINED = ascii('(inlined)');
const NOTHING_KNOWN = ascii('[unknown] ([unknown])');
const ARROW = ascii('=>');

export class CallPath {
  /** True if a user frame was left out. */
  droppedUserFrames = false;

  private readonly dictionary: TraceDictionary;
  private readonly symbol: (entry: SymbolisedAddress) => void;
  private readonly userFrames: boolean;
  private readonly firstName: number;
  private readonly frameIds = new Uint32Array(MAX_DEPTH);
  private depth = 0;
  /** True once a line of a perf stack had a dso: a line without one was then cut, or is an inlined call. */
  private hasDsos = false;
  /** The frame that was added last, if its line had no dso in such a text; else 0. */
  private doubtful = 0;
  /** Two words for each frame of which nothing is known, since the last that was added. */
  private readonly gapWords = new Uint32Array(2 * MAX_GAPS);
  private gaps = 0;
  /** True when the rest of a perf stack is unwanted user frames: callchains are kernel first. */
  private passing = false;
  private readonly scan = new ByteScan();
  private readonly names = new ByteNames(MAX_NAMES);
  /** Name id -> frame id of the dictionary. */
  private frameOfName = new Uint32Array(1024);
  private flags = new Uint8Array(1024);
  /** Frame id -> the name that was sent. */
  private readonly symbolOf = new Map<number, string>();

  /** `part`: of several texts in one trace, which it is of: their made-up addresses must differ. */
  constructor(dictionary: TraceDictionary, symbol: (entry: SymbolisedAddress) => void, userFrames: boolean, part = 0) {
    this.dictionary = dictionary;
    this.firstName = part * MAX_NAMES;
    this.symbol = symbol;
    this.userFrames = userFrames;
  }

  reset(): void {
    this.depth = this.gaps = this.doubtful = 0;
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
   * Returns the path of a call site alone, for events without a stack: `symbol+0x1b/0x40 [module]`, or a bare address
   * with the function's name beside it or without.
   */
  internCallSite({ bytes, fieldBytes, nameBytes }: CallSite): number {
    this.reset();
    const { scan } = this;
    const digits = hasHexPrefix(bytes, 0, fieldBytes) ? 2 : 0;
    if (scan.hex(bytes, digits, fieldBytes) && scan.position === fieldBytes) {
      this.addAddress(bytes, fieldBytes, fieldBytes + nameBytes, false);
    } else {
      this.addName(bytes, 0, fieldBytes, false);
    }
    return this.intern();
  }

  /** Adds a line of a perf stack, which starts with a tab or spaces. */
  perfLine(bytes: Uint8Array, start: number, end: number): void {
    if (this.passing) return;
    let at = start;
    while (at < end && (bytes[at] === TAB || bytes[at] === SPACE)) at++;
    if (at === end) return;
    const { scan } = this;
    const hasAddress = scan.hex(bytes, at, end) && (scan.position === end || bytes[scan.position] === SPACE);
    // Inlined calls come before the frame that contains them, with its address; live stacks do not
    // show them either.
    if (bytes[end - 2] === 0x64 && matches(bytes, end - INLINED.length, end, INLINED)) return;
    if (bytes[end - 1] === CLOSE_PAREN) this.hasDsos = true;
    const name = hasAddress ? skipSpaces(bytes, scan.position, end) : at;
    if (hasAddress && scan.hi >>> 16 === KERNEL_HIGH_BITS) {
      if (isContext(scan, matches(bytes, name, end, UNKNOWN))) return;
    } else {
      const place = placeOfFrame(bytes, name, end, hasAddress ? scan : null);
      if (place === USER) return this.perfUserFrame(bytes, name, end);
      if (place === NOWHERE) return this.perfGap(bytes, name, end);
    }
    if (this.gaps > 0) this.addGaps(bytes, at, end);
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
      const nameEnd = trimmedEnd(bytes, at, open);
      this.scan.hex(bytes, open + 1, end);
      this.addAddress(bytes, at, nameEnd, false);
      return true;
    }
    // The kernel found no symbol: "=> 0xffffffffc02e7600".
    if (hasHexPrefix(bytes, at, end) && this.scan.hex(bytes, at + 2, end) && this.scan.position === end) {
      this.addAddress(bytes, end, end, false);
      return true;
    }
    if (this.names.find(bytes, at, end) === 0 && isTask()) return false;
    this.addName(bytes, at, end, false);
    return true;
  }

  /** Adds a frame as the kernel prints it in a dump: ` symbol+0x1b/0x40 [module]`, until 4.8 behind `[<address>]`. */
  dumpLine(bytes: Uint8Array, start: number, end: number): void {
    const at = skipSpaces(bytes, start, end);
    if (bytes[at] === OPEN_BRACKET && bytes[at + 1] === LESS && this.scan.hex(bytes, at + 2, end)) {
      const close = this.scan.position;
      if (bytes[close] === GREATER && bytes[close + 1] === CLOSE_BRACKET) {
        return this.addAddress(bytes, skipSpaces(bytes, close + 2, end), end, false);
      }
    }
    this.addName(bytes, at, end, false);
  }

  /**
   * Takes a frame of which nothing is known. If frames of the kernel follow, it stands in the middle of their path (a
   * return trampoline); else the walk of the user's stack ran past its end.
   */
  private perfGap(bytes: Uint8Array, name: number, end: number): void {
    if (this.userFrames) return this.perfUserFrame(bytes, name, end);
    if (this.gaps < MAX_GAPS && (this.scan.hi !== 0 || this.scan.lo >= LEAST_GAP)) {
      this.gapWords[2 * this.gaps] = this.scan.hi;
      this.gapWords[2 * this.gaps + 1] = this.scan.lo;
      this.gaps++;
    }
  }

  /** Adds the frames that perfGap() took, and reads the line's own address again. */
  private addGaps(bytes: Uint8Array, at: number, end: number): void {
    for (let gap = 0; gap < this.gaps; gap++) {
      this.add(this.dictionary.stacks.frames.intern(this.gapWords[2 * gap], this.gapWords[2 * gap + 1]));
    }
    this.gaps = 0;
    this.scan.hex(bytes, at, end);
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
    const id = this.dictionary.stacks.frames.intern(this.scan.hi, this.scan.lo);
    if (id >= this.flags.length) this.growFlags();
    if (perf && this.depth > 0 && this.frameIds[this.depth - 1] === id && this.isInlined(id, bytes, start, end)) return;
    const isDoubtful = perf && this.hasDsos && bytes[end - 1] !== CLOSE_PAREN;
    // A line that was cut behind its address, or in it.
    if (isDoubtful && start === end) return;
    if ((this.flags[id] & CERTAIN) === 0 && start < end && !(isDoubtful && (this.flags[id] & NAMED) !== 0)) {
      this.name(id, perf ? parsePerfName(bytes, start, end) : parseFtraceName(bytes, start, end));
      if (!isDoubtful) this.flags[id] |= CERTAIN;
    }
    this.doubtful = isDoubtful ? id : 0;
    this.add(id);
  }

  /**
   * Returns true if the frame that was added last, which has the same address, is an inlined call in this one: perf
   * prints such calls first, and this line has the name of the function. Two equal lines are a recursion.
   */
  private isInlined(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end) return false;
    const known = this.symbolOf.get(id);
    const parsed = parsePerfName(bytes, start, end);
    if (this.doubtful !== id && (this.flags[id] & INLINING) === 0 && known === parsed.symbol) return false;
    if (parsed.symbol === '') return false;
    this.flags[id] |= INLINING;
    if (known !== parsed.symbol) this.name(id, parsed);
    this.doubtful = 0;
    return true;
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
      id = this.dictionary.stacks.frames.intern(0, this.firstName + nameId);
      if (id >= this.flags.length) this.growFlags();
      this.frameOfName[nameId] = id;
      const parsed = perf ? parsePerfName(bytes, start, end) : parseFtraceName(bytes, start, end);
      // A frame with a made-up address has nothing else to show.
      this.name(id, { ...parsed, symbol: parsed.symbol === '' ? '[unknown]' : parsed.symbol });
    }
    this.add(id);
  }

  private add(id: number): void {
    if (this.depth === MAX_DEPTH || (this.depth === 0 && (this.flags[id] & TRACER) !== 0)) return;
    this.frameIds[this.depth++] = id;
  }

  /** Sends a frame's name to the sink; its module alone if the text has no name ("[unknown]"), with the address for it. */
  private name(id: number, { symbol, offset, dso }: FrameName): void {
    const { hi, lo } = this.dictionary.stacks.frames;
    const module = moduleOfDso(dso);
    if (symbol === '' && module === null) return;
    this.flags[id] |= isTracerSymbol(symbol) ? NAMED | TRACER : NAMED;
    this.symbolOf.set(id, symbol);
    this.symbol({
      addressHi: hi[id],
      addressLo: lo[id],
      symbol: symbol === '' ? hexAddress(hi[id], lo[id]) : symbol,
      offset,
      module,
    });
  }

  private growFlags(): void {
    const grown = new Uint8Array(this.flags.length * 2);
    grown.set(this.flags);
    this.flags = grown;
  }
}

function hexAddress(hi: number, lo: number): string {
  return `0x${hi.toString(16).padStart(8, '0')}${lo.toString(16).padStart(8, '0')}`;
}

/** Returns the index of "=>" in a line that starts with it after any spaces, -1 if the line does not. */
export function arrowPlace(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpaces(bytes, start, end);
  return matches(bytes, at, end, ARROW) ? at : -1;
}
