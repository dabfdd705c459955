/** How groups of events look. */
import type { EventGroup } from '../model/event-groups.js';
import type { Tone } from './styled-line.js';

/** What hurts stands out; what is routine on a busy machine does not. */
export function groupTone({ sign }: EventGroup): Tone {
  return TONES[sign] ?? 'plain';
}

const TONES: Readonly<Record<string, Tone>> = { K: 'warn', s: 'warn', u: 'strong', c: 'dim', e: 'dim' };
