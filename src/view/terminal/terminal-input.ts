/**
 * Turns the bytes of a terminal in raw mode into keys. Sequences and characters may be cut anywhere. A sequence that is
 * not a known key (mouse, focus, replies, unknown ones) is dropped whole: no part of it ever becomes typed text.
 */
import { StringDecoder } from 'node:string_decoder';
import type { Key } from '../model/keys.js';

const ESC = '\x1b';
/** A lone ESC is the escape key when nothing follows within this time. */
export const ESCAPE_DELAY_MS = 25;
/** A sequence that is not complete within this time is dropped. */
export const SEQUENCE_DELAY_MS = 500;
/** Longest paste or string sequence, in characters: a terminal that never ends one must not hang us. */
const MAX_STRING = 65_536;

const PASTE_END = '\x1b[201~';
const FINAL_NAMES: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift-tab',
  M: 'enter',
};
const TILDE_NAMES: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** Parses keys; keeps an incomplete one between calls. */
export class KeyParser {
  private readonly decoder = new StringDecoder('utf8');
  private buffer = '';
  /** True inside a bracketed paste: the buffer is its text so far. */
  private pasting = false;

  /** Returns the keys that these bytes complete. */
  push(bytes: Uint8Array): Key[] {
    this.buffer += this.decoder.write(Buffer.from(bytes));
    const keys: Key[] = [];
    while (this.buffer !== '' && this.takeOne(keys));
    return keys;
  }

  /** How long to wait for more before flush(); null when nothing is pending. */
  pendingMs(): number | null {
    if (this.buffer === '' || this.pasting) return null;
    return this.buffer === ESC ? ESCAPE_DELAY_MS : SEQUENCE_DELAY_MS;
  }

  /** No more bytes have come in time: returns the escape key for a lone ESC, and drops an incomplete sequence. */
  flush(): Key[] {
    if (this.pasting) return [];
    const keys: Key[] = this.buffer === ESC ? [{ name: 'escape', text: '' }] : [];
    this.buffer = '';
    return keys;
  }

  /** Takes one key or sequence off the buffer; false when it is not whole yet. */
  private takeOne(keys: Key[]): boolean {
    if (this.pasting) return this.takePaste(keys);
    if (this.buffer[0] !== ESC) {
      const character = String.fromCodePoint(this.buffer.codePointAt(0) ?? 0);
      this.drop(character.length);
      const key = keyOfCharacter(character);
      if (key !== null) keys.push(key);
      return true;
    }
    if (this.buffer.length === 1) return false;
    switch (this.buffer[1]) {
      case '[':
        return this.takeControlSequence(keys);
      case 'O':
        return this.takeSingleShift(keys);
      case ']':
      case 'P':
      case '_':
      case '^':
      case 'X':
        return this.takeString();
      case ESC:
        keys.push({ name: 'escape', text: '' });
        this.drop(1);
        return true;
      default: {
        const character = String.fromCodePoint(this.buffer.codePointAt(1) ?? 0);
        this.drop(1 + character.length);
        const key = keyOfCharacter(character);
        if (key !== null) keys.push({ name: `alt-${key.name}`, text: '' });
        return true;
      }
    }
  }

  private takeControlSequence(keys: Key[]): boolean {
    // The Linux console sends F1 to F5 as ESC [ [ A.
    if (this.buffer[2] === '[') {
      if (this.buffer.length < 4) return false;
      const code = this.buffer.charCodeAt(3) - 0x40;
      if (code >= 1 && code <= 5) keys.push({ name: `f${code}`, text: '' });
      this.drop(4);
      return true;
    }
    const match = /^\x1b\[([0-?]*)([ -/]*)([@-~])/.exec(this.buffer);
    if (match === null) {
      if (/^\x1b\[[0-?]*[ -/]*$/.test(this.buffer) && this.buffer.length < MAX_STRING) return false;
      // An invalid character ends the sequence and is then parsed on its own.
      this.drop((/^\x1b\[[0-?]*[ -/]*/.exec(this.buffer)?.[0] ?? ESC).length);
      return true;
    }
    const [whole, parameters, , final] = match;
    if (final === 'M' && parameters === '') {
      // X10 mouse: three more bytes of any value.
      if (this.buffer.length < 6) return false;
      this.drop(6);
      return true;
    }
    this.drop(whole.length);
    if (whole === '\x1b[200~') {
      this.pasting = true;
      return true;
    }
    const name = nameOfSequence(parameters, final);
    if (name !== null) keys.push({ name, text: '' });
    return true;
  }

  private takeSingleShift(keys: Key[]): boolean {
    if (this.buffer.length < 3) return false;
    const name = FINAL_NAMES[this.buffer[2]];
    // In ESC O ESC the O was alt-O, and a new sequence begins.
    this.drop(this.buffer[2] === ESC ? 2 : 3);
    if (name !== undefined) keys.push({ name, text: '' });
    return true;
  }

  /** OSC, DCS and the like, ended by BEL or ESC \. */
  private takeString(): boolean {
    const match = /\x07|\x1b\\/.exec(this.buffer.slice(2));
    if (match === null) {
      if (this.buffer.length < MAX_STRING) return false;
      this.buffer = '';
      return true;
    }
    this.drop(2 + match.index + match[0].length);
    return true;
  }

  private takePaste(keys: Key[]): boolean {
    const end = this.buffer.indexOf(PASTE_END);
    if (end < 0 && this.buffer.length < MAX_STRING) return false;
    const text = this.buffer.slice(0, end < 0 ? MAX_STRING : end);
    this.drop(end < 0 ? this.buffer.length : end + PASTE_END.length);
    this.pasting = false;
    keys.push({ name: 'paste', text });
    return true;
  }

  private drop(length: number): void {
    this.buffer = this.buffer.slice(length);
  }
}

function keyOfCharacter(character: string): Key | null {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\r' || character === '\n') return { name: 'enter', text: '' };
  if (character === '\t') return { name: 'tab', text: '' };
  if (code === 0x7f || code === 0x08) return { name: 'backspace', text: '' };
  if (character === ' ') return { name: 'space', text: ' ' };
  if (code >= 1 && code <= 26) return { name: `ctrl-${String.fromCharCode(96 + code)}`, text: '' };
  if (code < 0x20 || (code >= 0x80 && code < 0xa0)) return null;
  return { name: character, text: character };
}

function nameOfSequence(parameters: string, final: string): string | null {
  // '<' begins an SGR mouse report, '?' and '>' begin replies of the terminal.
  if (/[<=>?]/.test(parameters)) return null;
  const [first = '', modifier = ''] = parameters.split(';');
  let name: string | undefined;
  if (final === '~') name = TILDE_NAMES[first];
  else if (final === 'M' || (final === 'R' && parameters !== '')) return null;
  else name = FINAL_NAMES[final];
  if (name === undefined) return null;
  const bits = Math.max(0, Number.parseInt(modifier === '' ? '1' : modifier, 10) - 1);
  return `${(bits & 4) !== 0 ? 'ctrl-' : ''}${(bits & 2) !== 0 ? 'alt-' : ''}${(bits & 1) !== 0 ? 'shift-' : ''}${name}`;
}

/** A terminal to read from, or its substitute in a test. */
export interface TerminalInput {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Puts the terminal into raw mode and reports keys. Returns a function that stops this and leaves raw mode. */
export function readKeys(input: TerminalInput, onKey: (key: Key) => void, onEnd: () => void): () => void {
  const parser = new KeyParser();
  let timer: NodeJS.Timeout | null = null;
  const deliver = (keys: Key[]): void => {
    if (timer !== null) clearTimeout(timer);
    const wait = parser.pendingMs();
    timer = wait === null ? null : setTimeout(() => deliver(parser.flush()), wait);
    for (const key of keys) onKey(key);
  };
  const onData = (bytes: unknown): void => deliver(parser.push(Buffer.from(bytes as string)));
  input.on('data', onData);
  input.on('end', onEnd);
  input.on('close', onEnd);
  input.on('error', onEnd);
  setRawMode(input, true);
  input.resume();
  return () => {
    if (timer !== null) clearTimeout(timer);
    input.off('data', onData);
    input.off('end', onEnd);
    input.off('close', onEnd);
    // The error listener stays: a terminal that has gone may report its error late, and without one it would be thrown.
    setRawMode(input, false);
    input.pause();
  };
}

/** Sets raw mode if the input is a terminal; a terminal that has gone is no error here. */
export function setRawMode(input: TerminalInput, raw: boolean): void {
  if (input.isTTY !== true) return;
  try {
    input.setRawMode?.(raw);
  } catch {
    // EIO: the terminal has hung up.
  }
}
