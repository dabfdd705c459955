/** The first line of the screen while it shows the bundled recording, so that nobody takes it for this machine. */
import { safeText } from '../../base/safe-text.js';
import { type Line, spread } from '../lines/styled-line.js';
import type { ViewState } from '../model/view-state.js';

/** ' DEMO  recorded 2026-11-30, not on this machine   here: sudo unfreed live'; null in any other replay. */
export function demoLine({ columns, demo, snapshot }: ViewState): Line | null {
  if (demo === null) return null;
  const { report } = snapshot;
  // A report says when the trace began, 0 before its first facts are read.
  const beganMs = report?.source.startUnixMs ?? 0;
  const date = beganMs === 0 ? '' : ` ${new Date(beganMs).toISOString().slice(0, 10)}`;
  const long = ` DEMO  recorded${date}, not on this machine`;
  const here = `here: ${safeText(demo)} `;
  const fits = long.length + here.length < columns;
  return spread([[fits ? long : ' DEMO  not this machine', 'inverse']], [[here, 'inverse']], columns).map(
    ([text]) => [text, 'inverse'] as const,
  );
}
