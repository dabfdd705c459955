/** A call path on one line, from the frame where a reader should start, towards the root: `pipe_write < vfs_write`. */
import { cutToWidth, safeText, textWidth } from '../../base/safe-text.js';
import type { ReportFrame } from '../../rank/report/report-rows.js';
import type { Span } from './styled-line.js';

const ARROW = ' < ';
const GAP = ' … ';
const END = ' …';
/** A name cut shorter than this says nothing, in columns. */
const LEAST_CUT = 8;

/**
 * Frames at the root that are on every call path of their kind: the entries of the kernel, and the code that runs its
 * threads. The frame before them is the request: a system call, the function of a thread or of a work item.
 */
const ENTRY =
  /^(?:entry_|asm_|do_syscall_|__do_fast_syscall|do_fast_syscall|do_int80|x64_sys_call|ia32_sys_call|ret_from_fork|kthread$|worker_thread$|process_one_work$|process_scheduled_works$|el0t?_|do_el0_svc|invoke_syscall|exc_page_fault$|do_user_addr_fault$|call_function_|start_kernel$|secondary_startup)/;

interface Piece {
  text: string;
  /** ' [module]' where the path enters it, else ''. */
  tag: string;
  width: number;
  tone: 'module' | 'plain';
}

/**
 * The path in at most `width` columns. When it does not fit, the middle is left out: the allocating end is always there,
 * and the request to the kernel wherever both fit: `anon_pipe_write … ksys_write …`.
 */
export function callPathSpans(frames: readonly ReportFrame[], firstFrame: number, width: number): Span[] {
  if (frames.length === 0) return [[cutToWidth('(no call path)', width), 'dim']];
  // A path of plumbing alone is shown from its leaf.
  const pieces = piecesOf(frames.slice(firstFrame < frames.length ? firstFrame : 0));
  const whole = pieces.reduce((sum, piece) => sum + piece.width + ARROW.length, -ARROW.length);
  if (whole <= width) return pieces.flatMap((piece, index) => spansOf(piece, index === 0 ? '' : ARROW));
  return aroundMiddle(pieces, width) ?? upTo(pieces, width);
}

function piecesOf(frames: readonly ReportFrame[]): Piece[] {
  let module: string | null = null;
  return frames.map((frame) => {
    // A module is named once, where the path enters it.
    const tag = frame.module !== null && frame.module !== module ? ` [${safeText(frame.module)}]` : '';
    ({ module } = frame);
    const text = safeText(frame.symbol);
    return { text, tag, width: textWidth(text) + textWidth(tag), tone: module === null ? 'plain' : 'module' };
  });
}

/** As much of the allocating end as fits, then the frame of the request; null if not even one frame fits beside it. */
function aroundMiddle(pieces: readonly Piece[], width: number): Span[] | null {
  let asked = pieces.length - 1;
  while (asked > 0 && ENTRY.test(pieces[asked].text)) asked--;
  if (asked === 0) return null;
  const end = asked < pieces.length - 1 ? END : '';
  let room = width - pieces[asked].width - GAP.length - end.length - pieces[0].width;
  if (room < 0) return null;
  let head = 1;
  while (head < asked && pieces[head].width + ARROW.length <= room) room -= pieces[head++].width + ARROW.length;
  return [
    ...pieces.slice(0, head).flatMap((piece, index) => spansOf(piece, index === 0 ? '' : ARROW)),
    ...spansOf(pieces[asked], head === asked ? ARROW : GAP),
    [end, 'dim'],
  ];
}

/** As much of the allocating end as fits, alone. */
function upTo(pieces: readonly Piece[], width: number): Span[] {
  const spans: Span[] = [];
  let room = width;
  for (const [index, piece] of pieces.entries()) {
    const first = index === 0;
    const needed = piece.width + (first ? 0 : ARROW.length);
    const reserve = index === pieces.length - 1 ? 0 : END.length;
    if (needed + reserve > room) {
      if (first) spans.push([cutToWidth(piece.text + piece.tag, room), piece.tone]);
      else if (room < LEAST_CUT + ARROW.length) spans.push([END, 'dim']);
      else spans.push([ARROW, 'dim'], [cutToWidth(`${piece.text}${piece.tag} `, room - ARROW.length), piece.tone]);
      break;
    }
    spans.push(...spansOf(piece, first ? '' : ARROW));
    room -= needed;
  }
  return spans;
}

function spansOf(piece: Piece, before: string): Span[] {
  const spans: Span[] = before === '' ? [] : [[before, 'dim']];
  spans.push([piece.text, piece.tone]);
  if (piece.tag !== '') spans.push([piece.tag, 'module']);
  return spans;
}
