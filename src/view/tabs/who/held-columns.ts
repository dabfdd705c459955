/** Columns of the tab Who that rows of processes and of cgroups share: what is held, how fast it grows, its state. */
import { formatBytes, formatSignedBytes, rateUnitOf } from '../../../base/format.js';
import { safeText } from '../../../base/safe-text.js';
import { stateText } from '../../../rank/answer/words.js';
import type { ProcessNameRow } from '../../../rank/breakdown/process-names.js';
import type { Column } from '../../lines/columns.js';
import { VERDICT_TONES } from '../../lines/tones.js';
import type { ViewState } from '../../model/view-state.js';

export interface PlacedRow {
  place: number;
  row: ProcessNameRow;
}

/** `stateRank`: when the column STATE goes as the screen gets narrower. */
export function heldColumns(state: ViewState, stateRank: number): Column<PlacedRow>[] {
  const rate = rateUnitOf(state.report?.durationNs ?? 0);
  return [
    {
      title: 'HELD',
      sort: 'bytes',
      width: 8,
      align: 'right',
      rank: 0,
      text: ({ row }) => formatBytes(row.bytes),
      tone: () => 'strong',
    },
    {
      title: `GROWTH/${rate.name}`,
      sort: 'growth',
      width: 10,
      align: 'right',
      rank: 1,
      text: ({ row: { state: of } }) => (of?.growth == null ? '-' : formatSignedBytes(of.growth * rate.hours)),
      tone: ({ row: { state: of } }) => (of?.growth == null ? 'dim' : 'plain'),
    },
    {
      title: 'STATE',
      width: 9,
      align: 'left',
      rank: stateRank,
      text: ({ row: { state: of } }) =>
        of === undefined ? '' : safeText(stateText({ ...of, meaning: 'outstanding' })),
      tone: ({ row: { state: of } }) => (of?.verdict == null ? 'dim' : VERDICT_TONES[of.verdict]),
    },
  ];
}
