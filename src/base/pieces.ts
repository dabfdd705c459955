/**
 * Text or bytes in the order of an output, made one after the other while it is written: a string
 * of Node holds 512 MiB at most, and the whole output need not be in memory.
 *
 * Not any iterable: a string is one too, of its characters.
 */
export type Pieces = Generator<string | Uint8Array> | readonly (string | Uint8Array)[];

/** Puts `between` between the parts and `end` behind the last, as join() does. */
export function* separated(parts: Iterable<string>, between: string, end = ''): Generator<string> {
  let isFirst = true;
  for (const part of parts) {
    if (!isFirst) yield between;
    yield part;
    isFirst = false;
  }
  yield end;
}

/** Returns the whole text of pieces. */
export function joined(pieces: Generator<string> | readonly string[]): string {
  return Array.isArray(pieces) ? pieces.join('') : Array.from(pieces).join('');
}
