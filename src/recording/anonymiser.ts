/**
 * Anonymiser: a trace with other names for the machine, for its processes, and for frames in their programs (which only
 * an import with user frames has). Everything else (addresses, kernel call paths, times, sizes, process numbers, slab
 * caches, the kernel's own counters) stays, so every total and every ranking is the same.
 *
 * It stands between a reader and a writer and owns the writer's dictionary: same call paths, same caches, new comms
 * under the same ids.
 */
import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import { NameTable } from '../event/name-table.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

export interface AnonymiserOptions {
  /** Process names that stay as they are: those of one's own load. */
  keep: ReadonlySet<string>;
}

export class Anonymiser implements TraceSink {
  /** What the writer is to be made with. */
  readonly dictionary: TraceDictionary;
  /** Where everything goes; to be set before the first call. */
  sink: TraceSink | null = null;
  readonly input: TraceSink = this;
  private readonly source: TraceDictionary;
  private readonly keep: ReadonlySet<string>;
  private collector = '';
  private userFrames = 0;

  /** `source` is the dictionary of the reader. */
  constructor(source: TraceDictionary, options: AnonymiserOptions) {
    this.source = source;
    this.keep = options.keep;
    this.dictionary = { stacks: source.stacks, caches: source.caches, comms: new NameTable(65536) };
  }

  connect(sink: TraceSink): void {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    this.collector = facts.collector;
    const hostname = facts.hostname === '' ? '' : 'host';
    // What follows the version is the builder's own: 6.1.0-49-ourcompany tells who it was.
    this.sink?.host({ ...facts, hostname, kernel: facts.kernel.replace(/^(\d+(?:\.\d+)*).*$/s, '$1') });
  }

  symbol(entry: SymbolisedAddress): void {
    this.sink?.symbol(this.isUserFrame(entry) ? { ...entry, symbol: `#${++this.userFrames}`, module: 'user' } : entry);
  }

  events(batch: EventBatch): void {
    this.renameNewComms();
    this.sink?.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.sink?.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink?.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.sink?.clock(timeNs);
  }

  /** The detail may quote a command: it goes. */
  end(timeNs: number, reason: EndReason, _detail: string): void {
    this.sink?.end(timeNs, reason, '');
  }

  /** perf prints an address for each kernel frame; what has none, and a file, is a frame of a program. */
  private isUserFrame({ addressHi, module }: SymbolisedAddress): boolean {
    return this.collector === 'perf-script' && addressHi === 0 && module !== null;
  }

  private renameNewComms(): void {
    const { comms } = this.dictionary;
    for (let id = comms.size + 1; id <= this.source.comms.size; id++) {
      const name = this.source.comms.name(id);
      // Two names that became one would shift all later ids: the id makes each its own, and 15 bytes are a comm's limit.
      // A kept '#7' could be the new name of another.
      comms.intern(this.keep.has(name) && !/^#\d+$/.test(name) ? name : `#${id}`);
    }
  }
}
