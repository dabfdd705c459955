/** The Memory view: /proc/meminfo over time. It has no rows. */
import { memoryBody } from './memory-lines.js';
import type { View } from './view.js';

export const MEMORY_VIEW: View = {
  request: () => ({ kind: 'memory' }),
  rowCount: () => 0,
  rowKey: () => '',
  body: memoryBody,
  open: (state) => state,
};
