/** Untrusted text made fit for each format: HTML and XML, CSV, Markdown. */
import { replaceHidden } from '../../base/hidden-characters.js';
import { safeText } from '../../base/safe-text.js';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Returns untrusted text safe for HTML and XML, between tags or in a quoted attribute; without
 * control characters.
 */
export function markupText(text: string): string {
  return safeText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}

/**
 * Returns a value as a CSV field, '' for null. Names come from the traced machine: a field that a
 * spreadsheet would run as a formula (it begins with = + - @, also in full width or after blanks)
 * gets an apostrophe in front; hidden characters become blanks.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  let text = replaceHidden(value, ' ');
  if (/^\s*[=+\-@＝＋－＠]/.test(text)) text = `'${text}`;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns the lines in a fence longer than any run of backticks within, so that no line can close it. */
export function fenced(lines: string[]): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
