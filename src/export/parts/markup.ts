import { safeText } from '../../base/safe-text.js';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Returns untrusted text safe for HTML and XML, between tags or in a quoted attribute; without
 * control characters.
 */
export function markupText(text: string): string {
  return safeText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}
