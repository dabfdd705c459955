/** The page of free, swap and paging: figures of samples of a kernel's texts. */
import { expect, test } from 'vitest';
import { textWidth } from '../../../../src/base/safe-text.js';
import { PagingHistory } from '../../../../src/session/pipeline/paging-history.js';
import { NO_VIEW } from '../../../../src/session/view-data.js';
import type { SwapFacts } from '../../../../src/triage/facts.js';
import { layoutOf } from '../../../../src/view/head/layout.js';
import { lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { initialViewState } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../../helpers/fake-session.js';
import { fixtureSelection } from '../../../helpers/report-fixture.js';
import { grownReport, MIB } from '../../fixtures/grown.js';
import { press } from '../../fixtures/lists.js';

const MEMINFO = `MemTotal: 16777216 kB
MemFree: 4194304 kB
MemAvailable: 8388608 kB
Buffers: 1024 kB
Cached: 4194304 kB
SwapTotal: 2097152 kB
SwapFree: 1048576 kB
Shmem: 524288 kB
SReclaimable: 1024 kB
`;
const vmstat = (scale: number): string =>
  `pgpgin ${1000 * scale}\npgpgout ${10 * scale}\npgfree ${50_000 * scale}\npgfault ${2e6 * scale}\npgmajfault ${scale}\n` +
  `pgscan_kswapd ${300 * scale}\npgscan_direct ${100 * scale}\npgsteal_kswapd ${150 * scale}\npgsteal_direct ${50 * scale}\n`;

function opened(columns: number, rows: number, history: PagingHistory, swaps: SwapFacts[] | null = null): ViewState {
  const snapshot = { report: grownReport(), detail: null, view: null, viewRequest: NO_VIEW, status: fixtureStatus() };
  const state = initialViewState({ mode: 'live', columns, rows, snapshot, selection: fixtureSelection() });
  const at = press(state, '5', 'v', 'v', 'v', 'v', 'v');
  expect([at.memoryPage, at.requests.at(-1)]).toEqual(['paging', { name: 'show', view: { kind: 'paging' } }]);
  return { ...at, data: { kind: 'paging', paging: history.view(), swaps } };
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

function sampled(): PagingHistory {
  const history = new PagingHistory();
  history.take(0, 'vmstat', vmstat(1));
  history.take(5e9, 'vmstat', vmstat(11));
  history.take(10e9, 'vmstat', vmstat(12));
  history.take(10e9, 'meminfo', MEMINFO);
  return history;
}

test('has what free shows, and rates between the last samples, since the start and at their greatest', () => {
  const lines = linesOf(opened(120, 35, sampled(), [{ device: '/dev/zram0', size: 2048 * MIB, used: 1024 * MIB }]));
  expect(lines.slice(0, 11)).toEqual([
    '             TOTAL      USED      FREE    SHARED     CACHE AVAILABLE',
    'memory    16.0 GiB  8.00 GiB  4.00 GiB   512 MiB  4.00 GiB  8.00 GiB',
    'swap      2.00 GiB  1.00 GiB  1.00 GiB',
    '          2.00 GiB  1.00 GiB   50% used  /dev/zram0',
    '',
    'A SECOND                                 NOW  SINCE START        MOST      AT  SOURCE',
    'read from disks                      200 KiB     1.07 MiB    1.95 MiB    5.0s  sar -B pgpgin/s',
    'written to disks                    2.00 KiB     11.0 KiB    20.0 KiB    5.0s  sar -B pgpgout/s',
    'page faults                             400k        2.20M       4.00M    5.0s  sar -B fault/s',
    'of them those that read                  0.2          1.1         2.0    5.0s  sar -B majflt/s',
    'pages freed                            10.0k        55.0k        100k    5.0s  sar -B pgfree/s',
  ]);
  expect(lines.join('\n')).toContain(
    'now: over the 5.0s before 10s; reclaim got 50% of what it scanned. Reclaim within cgroups is not counted.',
  );
});

test('fits 80x24, where devices of swap come last, and every line is within the columns', () => {
  const swaps = Array.from({ length: 9 }, (_, index) => ({ device: `/dev/\x1b[2Jswap${index}`, size: 100, used: 50 }));
  const state = opened(80, 24, sampled(), swaps);
  const lines = linesOf(state);
  expect(lines).toHaveLength(layoutOf(state).bodyRows);
  expect(lines[15]).toMatch(/^OOM kills/);
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  const high = linesOf(opened(80, 50, sampled(), swaps)).join('\n');
  expect(high).toContain('/dev/␛[2Jswap3');
  expect(high).toContain('5 more');
  expect(high).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
});

test('says what it lacks', () => {
  const history = new PagingHistory();
  expect(linesOf(opened(80, 24, history))[1]).toBe('  no sample of /proc/meminfo or /proc/vmstat so far');
  history.take(0, 'meminfo', MEMINFO);
  history.take(0, 'vmstat', vmstat(1));
  expect(linesOf(opened(80, 24, history)).join('\n')).toContain('rates need two samples of /proc/vmstat');
});
