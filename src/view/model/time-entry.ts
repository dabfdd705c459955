/** Parses the times that users type to seek in a replay. */
import { parseDuration } from '../../base/quantity.js';

export type TypedTime = { timeNs: number; error: null } | { timeNs: null; error: string };

const EXAMPLES = '1m30s, 00:01:30, +5s, -5s or 50%';

/**
 * The time in ns since the start, limited to the recording, or why the text is no time. '1m30s' and '00:01:30' count
 * from the start, '+5s' and '-5s' from the position, '50%' is a share of the duration.
 */
export function parseTypedTime(text: string, positionNs: number, durationNs: number): TypedTime {
  const typed = text.trim();
  const wanted = wantedNs(typed, positionNs, durationNs);
  if (wanted === null) return { timeNs: null, error: `no time: '${typed}', expected ${EXAMPLES}` };
  return { timeNs: Math.min(durationNs, Math.max(0, Math.round(wanted))), error: null };
}

function wantedNs(typed: string, positionNs: number, durationNs: number): number | null {
  const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(typed);
  if (percent !== null) return Number(percent[1]) <= 100 ? (durationNs * Number(percent[1])) / 100 : null;
  const sign = typed.startsWith('+') ? 1 : typed.startsWith('-') ? -1 : 0;
  const time = timeNs(sign === 0 ? typed : typed.slice(1));
  if (time === null) return null;
  return sign === 0 ? time : positionNs + sign * time;
}

function timeNs(typed: string): number | null {
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(typed);
  if (clock === null) return parseDuration(typed);
  const [, hours, minutes, seconds] = clock;
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return null;
  return (Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e9;
}
