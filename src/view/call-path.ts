/** A call path on one line, from the frame where a reader should start towards the root: `pipe_write < vfs_write`. */
import { cutToWidth, safeText, textWidth } from '../base/safe-text.js';
import type { ReportFrame } from '../rank/report.js';
import type { Span } from './styled-line.js';

const ARROW = ' < ';
/** The start of a name that is shorter than this says nothing. */
const LEAST_CUT = 8;

/** At most `width` columns; what does not fit is cut at the root's end, so that the guilty end is always there. */
export function callPathSpans(frames: readonly ReportFrame[], firstFrame: number, width: number): Span[] {
  if (frames.length === 0) return [[cutToWidth('(no call path)', width), 'dim']];
  const spans: Span[] = [];
  let room = width;
  let module: string | null = null;
  // A path of plumbing alone is shown from its leaf.
  for (let i = firstFrame < frames.length ? firstFrame : 0; i < frames.length; i++) {
    const frame = frames[i];
    const first = spans.length === 0;
    // A module is named once, where the path enters it.
    const tag = frame.module !== null && frame.module !== module ? ` [${safeText(frame.module)}]` : '';
    module = frame.module;
    const text = safeText(frame.symbol);
    const needed = textWidth(text) + textWidth(tag) + (first ? 0 : ARROW.length);
    // Two columns for ' …' unless this is the root.
    const reserve = i === frames.length - 1 ? 0 : 2;
    if (needed + reserve > room) {
      if (first) spans.push([cutToWidth(text + tag, room), toneOf(frame)]);
      else if (room < LEAST_CUT + ARROW.length) spans.push([' …', 'dim']);
      else spans.push([ARROW, 'dim'], [cutToWidth(`${text}${tag} `, room - ARROW.length), toneOf(frame)]);
      break;
    }
    if (!first) spans.push([ARROW, 'dim']);
    spans.push([text, toneOf(frame)]);
    if (tag !== '') spans.push([tag, 'module']);
    room -= needed;
  }
  return spans;
}

function toneOf(frame: ReportFrame): 'module' | 'plain' {
  return frame.module === null ? 'plain' : 'module';
}
