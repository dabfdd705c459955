import { escapeHidden } from './hidden-characters.js';

const INDENT = '  ';

/**
 * JSON.stringify with an indent of two spaces, or in one line where `indent` is '', and with every
 * character that is not drawn (hidden-characters.ts) written as an escape. Every JSON reader gets
 * the same value back.
 */
export function safeJson(value: unknown, indent: '' | '  ' = INDENT): string {
  return escapeHidden(JSON.stringify(value, null, indent));
}

/**
 * The text of safeJson(value) and a line end, in pieces. Each entry of the object is a piece, and
 * each element of a list in it: such an element must fit a string.
 */
export function* safeJsonPieces(value: object): Generator<string> {
  let before = '{\n';
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (inner === undefined) continue;
    yield `${before}${INDENT}${safeJson(key)}: `;
    before = ',\n';
    if (Array.isArray(inner) && inner.length > 0) yield* listPieces(inner);
    else yield deeper(safeJson(inner), INDENT);
  }
  yield before === '{\n' ? '{}\n' : '\n}\n';
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  const indent = INDENT + INDENT;
  for (const [i, element] of list.entries()) {
    // JSON.stringify writes null for what cannot be in a list.
    yield `${i === 0 ? '[' : ','}\n${indent}${deeper(safeJson(element ?? null), indent)}`;
  }
  yield `\n${INDENT}]`;
}

/** Line ends within strings are escapes in JSON: each that is there is one of its layout. */
function deeper(json: string, indent: string): string {
  return json.replaceAll('\n', `\n${indent}`);
}
