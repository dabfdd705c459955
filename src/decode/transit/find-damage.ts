import { bytesToText } from './byte-text.js';
import { endsInReturns, findLineDamage, goesOn, mendLine, splitLines } from './line-damage.js';
import type { TransitDamage } from './text-cleaner.js';
import { Utf16Reader, utf16Of } from './utf16.js';

/** The first lines of a text, without the damage that they show. */
export interface CleanHead {
  lines: string[];
  /** The same with the blanks at their ends, which show where a line was cut. */
  padded: string[];
  /** null = none. */
  damage: TransitDamage | null;
}

/** Bytes of a byte order mark at the start of UTF-8. It is dropped, and is no damage of the lines. */
export const BOM_BYTES = 3;

export function startsWithBom(bytes: Uint8Array): boolean {
  return bytes.length >= BOM_BYTES && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/**
 * Looks for damage in the first bytes of a text, of which `isWhole` says whether they are all of it.
 * Wrapped lines are not looked for: that needs the format.
 */
export function cleanHead(head: Uint8Array, isWhole: boolean): CleanHead {
  const utf16 = utf16Of(head);
  const bytes = utf16 === null ? head : new Utf16Reader(utf16).push(head);
  const text = bytesToText(bytes, startsWithBom(bytes) ? BOM_BYTES : 0);
  const returns = endsInReturns(text);
  const raw = splitLines(text, returns).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  // The last line may be cut.
  if (!isWhole && raw.length > 1) raw.pop();
  const damage = findLineDamage(raw, returns);
  if (damage === null) {
    return { lines: raw, padded: raw, damage: utf16 === null ? null : { utf16, lines: null, wrap: null } };
  }
  const padded: string[] = [];
  let open = '';
  for (const line of raw) {
    if (goesOn(line, damage)) {
      open += line.slice(0, -1);
    } else {
      padded.push(mendLine(open + line, damage));
      open = '';
    }
  }
  const lines = padded.map((line) => line.trimEnd());
  return { lines, padded, damage: { utf16, lines: damage, wrap: null } };
}
