/** The screen of a live trace until all hooks are attached: what is being done, for how long, on which machine. */
import { formatBytes } from '../base/format.js';
import { safeText } from '../base/safe-text.js';
import { shownSteps } from '../base/start-steps.js';
import { wrapText } from '../base/wrap.js';
import type { StartingStatus } from '../session/trace-session.js';
import { type Line, lineWidth, type Span, spread, type Tone } from './lines/styled-line.js';

const STEP_TONES: Readonly<Record<string, Tone>> = { '✓': 'good', '▸': 'strong', '·': 'dim' };

/**
 * Returns at most `rows` lines: title, memory, the first look once it has come, the steps, then what this kernel
 * refuses. `elapsedMs` counts from the start of the program.
 */
export function attachingLines(
  { step, machine, firstLook, refused }: StartingStatus,
  elapsedMs: number,
  { columns, rows }: { columns: number; rows: number },
): Line[] {
  const name: Span[] = [['unfreed', 'strong']];
  if (machine !== null) name.push([`  ${safeText(machine.hostname)}  Linux ${safeText(machine.kernel)}`]);
  const lines: Line[] = [spread(name, [['attaching  ', 'warn'], [`${(elapsedMs / 1000).toFixed(1)}s`]], columns)];
  if (machine !== null && machine.totalBytes > 0) {
    const { totalBytes, availableBytes, gapBytes } = machine;
    const gap = gapBytes === null ? '' : `   not in meminfo ${formatBytes(gapBytes)}`;
    lines.push([[`RAM ${formatBytes(totalBytes)}   available ${formatBytes(availableBytes)}${gap}`]]);
  }
  if (firstLook !== null) {
    const { text, abnormal } = firstLook;
    const [sign, tone, words]: [string, Tone, Tone] = abnormal ? ['■ ', 'warn', 'strong'] : ['● ', 'plain', 'plain'];
    lines.push(
      ...wrapped(text, columns).map(
        (part, i): Line => [
          [i === 0 ? sign : '  ', tone],
          [part, words],
        ],
      ),
    );
  }
  let line: Span[] = [];
  for (const { mark, text } of shownSteps(step)) {
    const span: Span = [`  ${mark} ${text} `, STEP_TONES[mark]];
    // A narrow screen takes the steps on several lines.
    if (line.length > 0 && lineWidth([...line, span]) > columns) {
      lines.push(line);
      line = [];
    }
    line.push(span);
  }
  lines.push(line);
  for (const sentence of refused) lines.push(...wrapped(sentence, columns).map((text): Line => [[`  ${text}`]]));
  return lines.slice(0, rows);
}

/** A sentence in lines that leave room for a sign before them. */
function wrapped(sentence: string, columns: number): string[] {
  return wrapText(safeText(sentence), Math.max(20, columns - 2), { indent: '', gap: ' ' });
}
