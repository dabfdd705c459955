import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

/** Lines made in the form of a tracefs text of 6.1. */
const line = (time: string, event: string): string => `   kcompactd0-40      [000] .....  ${time}: ${event}\n`;
const MIGRATED =
  'mm_migrate_pages: nr_succeeded=12 nr_failed=1 nr_thp_succeeded=0 nr_thp_failed=0 nr_thp_split=0 mode=MIGRATE_SYNC reason=compaction';

function movesIn(text: string): { pages: number; timeNs: number }[] {
  const { log } = importText('ftrace', `# tracer: nop\n#\n${text}`);
  return log.calls.flatMap((call) => (call.call === 'moves' ? [{ pages: call.pages, timeNs: call.timeNs }] : []));
}

describe('pages that a text says were moved', () => {
  it('are reported with their number and time, and explained', () => {
    const text = line('5.000000', MIGRATED) + line('5.000002', MIGRATED);
    expect(movesIn(text)).toEqual([
      { pages: 12, timeNs: 0 },
      { pages: 12, timeNs: 2000 },
    ]);
    const { host } = importText('ftrace', `# tracer: nop\n#\n${text}`);
    expect(host.notes.join('\n')).toMatch(/^the kernel moved 24 pages .* up to as many more than shown may be held$/m);
    expect(host.notes.join('\n')).not.toContain('skipped');
  });

  it('count once where compaction says the same', () => {
    const compacted = 'mm_compaction_migratepages: nr_migrated=12 nr_failed=1';
    expect(movesIn(line('5.000000', compacted) + line('5.000001', MIGRATED))).toEqual([{ pages: 12, timeNs: 0 }]);
    expect(movesIn(line('5.000000', compacted))).toEqual([{ pages: 12, timeNs: 0 }]);
  });

  it('are read from perf script too', () => {
    const text = `kcompactd0    40 [000]  5.000000: migrate:${MIGRATED}\n`;
    const { log } = importText('perf-script', text);
    expect(log.calls.filter((call) => call.call === 'moves')).toHaveLength(1);
  });

  it('without a number are a line that is not understood', () => {
    const { decoder } = importText('ftrace', line('5.000000', 'mm_migrate_pages: nr_succ'));
    expect(decoder.stats.badLines).toBe(1);
  });
});
