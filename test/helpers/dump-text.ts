/** Dumps of page_owner and allocinfo, as the program reads them. */
import { examine, SEARCHED_BYTES } from '../../src/decode/recognise.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import { ADDRESS_SPACES, ALLOCATOR_NAMES } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { type HeldRow, PAGE_USES, type TraceSink } from '../../src/event/trace-sink.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { rank } from '../../src/rank/rank.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { DumpReader, isDumpFormat } from '../../src/recording/trace/dump-reader.js';
import type { ImportSummary } from '../../src/recording/trace/text-reader.js';
import { SymbolTable } from '../../src/symbols/symbol-table.js';
import { SinkLog } from './sink-log.js';

export interface ReadDump {
  /** A line for each row: `page 8 pages at 4096, 2.5s old, pid 7 sh, anon < foo < bar [mod]`. */
  rows: string[];
  host: HostFacts;
  summary: ImportSummary;
  core: PairingCore;
  report: (selection?: Partial<Selection>) => Report;
}

/** Reads a text in pieces of `chunkBytes` bytes. Throws if it is not recognised as a dump. */
export function readDump(
  text: string | Uint8Array,
  options: { chunkBytes?: number; pageSize?: number } = {},
): ReadDump {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const { format, damage } = examine(bytes.subarray(0, SEARCHED_BYTES));
  if (!isDumpFormat(format)) throw new Error(`recognised as ${format}`);
  const dictionary = new TraceDictionary();
  const core = new PairingCore(dictionary);
  const log = new SinkLog();
  const both: TraceSink = {
    events: (batch) => core.events(batch),
    fact: (fact) => {
      core.fact(fact);
      log.fact(fact);
    },
  };
  const reader = new DumpReader(format, both, dictionary, { pageSize: options.pageSize, damage });
  const step = options.chunkBytes ?? 65536;
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.slice(at, at + step));
  reader.finish();
  core.checkInvariants();
  const symbols = new SymbolTable();
  for (const call of log.calls) if (call.call === 'symbol') symbols.add(call.entry);
  const held = log.calls.flatMap((call) => (call.call === 'held' ? call.rows : []));
  return {
    rows: held.map((row) => rowText(row, dictionary, symbols)),
    host: core.hostFacts,
    summary: reader.summary(),
    core,
    report: (selection) =>
      rank({ core, symbols }, { ...defaultSelection(100), ...selection }, { kind: 'import', facts: core.hostFacts }),
  };
}

function rowText(row: HeldRow, { stacks, comms }: TraceDictionary, symbols: SymbolTable): string {
  const frames: string[] = [];
  for (let i = 0; i < stacks.depth(row.stackId); i++) {
    const frame = stacks.frameId(row.stackId, i);
    const found = symbols.find(stacks.frames.hi[frame], stacks.frames.lo[frame]);
    frames.push(found === null ? '?' : found.symbol + (found.module === null ? '' : ` [${found.module}]`));
  }
  const unit = ADDRESS_SPACES[row.allocator].unit === 'pages' ? 'pages' : `bytes in ${row.count}`;
  const place = row.pfn < 0 ? '' : ` at ${row.pfn}`;
  const age = row.ageNs < 0 ? '' : `, ${row.ageNs / 1e9}s old`;
  const name = comms.name(row.commId);
  const task = row.pid === 0 && name === '' ? '' : `, pid ${row.pid} ${name}`;
  const use = row.use === 0 ? '' : `, ${PAGE_USES[row.use]}`;
  return [`${ALLOCATOR_NAMES[row.allocator]} ${row.size} ${unit}${place}${age}${task}${use}`, ...frames].join(' < ');
}
