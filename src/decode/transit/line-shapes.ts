/** LineShapes: what a line of a trace is, and whether an event is whole, for the joining of wrapped lines. */

import { TextFields } from '../text/fields/text-fields.js';
import { TextEventNames } from '../text/text-event-names.js';
import { TextHeader } from '../text/text-header.js';
import { textToBytes } from './byte-text.js';

/** 'start' begins an event, 'other' may continue the line before it, 'alone' does neither. */
export type LineShape = 'start' | 'frame' | 'other' | 'alone';

/** The formats whose lines are joined. */
export type WrappedFormat = 'perf-script' | 'ftrace' | 'trace-cmd';

const FRAME = /^\s*=> |^\s+[0-9a-f]{5,16} \S|^\s*<[0-9a-f]{8,16}>/;
const NOTICE = /^(?:\s*$|#|CPU:|CPU \d+ is empty|cpus=|version = |Processed \d|LOST |\[ perf record)/;
/** "comm-12 [001] " of the kernel, "comm 12 [001] " or "comm 12/13 [001] " of perf: the header may be cut after it. */
const TASK = /^\s*\S.{0,64}[-\s/]\d{1,10}\s+(?:\([ \d-]{7}\)\s+)?\[\d{3,5}\](?:\s|$)/;

export class LineShapes {
  private readonly isPerf: boolean;
  private readonly header = new TextHeader(false);
  private readonly names = new TextEventNames();

  constructor(format: WrappedFormat) {
    this.isPerf = format === 'perf-script';
  }

  shapeOf(line: string): LineShape {
    if (NOTICE.test(line)) return 'alone';
    if (FRAME.test(line)) return 'frame';
    return TASK.test(line) || this.isEvent(line) ? 'start' : 'other';
  }

  /** True if the line is an event with all fields that its kind needs, or of a kind that is skipped. */
  isWhole(line: string): boolean {
    const bytes = textToBytes(line);
    if (!this.parse(bytes)) return false;
    const { nameStart, nameEnd, fieldsStart } = this.header;
    if (nameStart === nameEnd) return true;
    const kind = this.names.note(bytes, nameStart, nameEnd);
    // Fields learn from the lines of a text how its lines end; a part of a line must not teach them.
    return kind === 0 || new TextFields().parse(kind, bytes, fieldsStart, bytes.length);
  }

  private isEvent(line: string): boolean {
    return this.parse(textToBytes(line));
  }

  /**
   * Returns true for an event with a time. Where a text has none, any piece with a name or a field
   * would pass for an event: such a text is not joined.
   */
  private parse(bytes: Uint8Array): boolean {
    const { header } = this;
    const { length } = bytes;
    const isEvent = this.isPerf ? header.parsePerf(bytes, 0, length) : header.parseFtrace(bytes, 0, length);
    return isEvent && header.hasTime;
  }
}
