/**
 * Anonymiser: a trace with other names for the machine, for its processes and their cgroups, for slab caches that are
 * named after a device or a cgroup, for what marks name, for traced processes and their files, and for frames in their
 * programs. Everything else (addresses, kernel call paths, times, sizes, process numbers, other
 * slab caches, the kernel's own counters) stays, so every total and every ranking is the same. Of a look at
 * the machine the kernel's counters stay.
 *
 * It works between a reader and a writer and owns the writer's dictionary: the same call paths, and
 * new names under the same ids.
 */

import type { EventBatch } from '../../event/event-batch.js';
import type { HostFacts } from '../../event/host-facts.js';
import { ALLOCATOR_NAMES, isOfProcess } from '../../event/kinds.js';
import { NO_SINK, PassingSink } from '../../event/passing-sink.js';
import { cgroupText, parseCgroup } from '../../event/tables/cgroups.js';
import { NameTable } from '../../event/tables/name-table.js';
import { TaskTable } from '../../event/tables/task-table.js';
import { NAMES_LIMIT, type TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { anonymousLook } from './anonymous-look.js';
import { MarkNames } from './anonymous-marks.js';
import { withoutThings } from './anonymous-names.js';
import { isProcessFrame, ProcessNames } from './anonymous-processes.js';
import { SlabCacheNames } from './slab-cache-names.js';

export interface AnonymiserOptions {
  /** Process names to keep: those of the user's own load. */
  keep: ReadonlySet<string>;
}

/** The root stays: everyone has one. */
function anonymousCgroup(entry: number, text: string): string {
  const { id, path } = parseCgroup(text);
  return cgroupText({ id, path: path === '/' || path === '' ? path : `/#${entry}` });
}

export class Anonymiser extends PassingSink {
  /** The dictionary of the writer. */
  readonly dictionary: TraceDictionary;
  readonly input: TraceSink = this;
  private readonly source: TraceDictionary;
  private readonly keep: ReadonlySet<string>;
  private readonly cacheNames = new SlabCacheNames();
  private readonly markNames: MarkNames;
  private readonly processNames: ProcessNames;
  private collector = '';
  private hasProcesses = false;
  private userFrames = 0;

  /** `source` is the reader's dictionary. */
  constructor(source: TraceDictionary, options: AnonymiserOptions) {
    super(NO_SINK);
    this.source = source;
    this.keep = options.keep;
    this.markNames = new MarkNames(options.keep);
    this.processNames = new ProcessNames(this.markNames);
    this.dictionary = {
      stacks: source.stacks,
      caches: new NameTable(NAMES_LIMIT),
      comms: new TaskTable(NAMES_LIMIT),
      cgroups: new NameTable(NAMES_LIMIT),
    };
  }

  override events(batch: EventBatch): void {
    this.renameNewComms();
    this.renameNewCaches();
    super.events(batch);
  }

  override fact(fact: TraceFact): void {
    switch (fact.type) {
      case 'host':
        this.collector = fact.facts.collector;
        this.hasProcesses = fact.facts.allocators.some((name) => isOfProcess(ALLOCATOR_NAMES.indexOf(name)));
        return super.fact({ ...fact, facts: this.anonymousHost(fact.facts) });
      case 'symbol':
        return super.fact({ ...fact, entry: this.anonymousFrame(fact.entry) });
      case 'counters':
        if (fact.source !== 'slabinfo') return super.fact(fact);
        return super.fact({ ...fact, text: this.cacheNames.inSlabinfo(fact.text) });
      case 'look':
        return super.fact({ ...fact, look: anonymousLook(fact.look, this.cacheNames) });
      case 'cgroup-removed': {
        this.renameNewComms();
        const entry = this.source.cgroups.find(fact.cgroup);
        if (entry !== 0) super.fact({ ...fact, cgroup: this.dictionary.cgroups.name(entry) });
        return;
      }
      case 'names':
        return super.fact({ ...fact, rows: fact.rows.map(withoutThings) });
      case 'held':
        this.renameNewComms();
        return super.fact(fact);
      case 'process':
        return super.fact({ ...fact, process: this.processNames.process(fact.process) });
      case 'image':
        return super.fact({ ...fact, image: this.processNames.image(fact.image) });
      case 'mark':
        this.renameNewComms();
        return super.fact({ ...fact, mark: this.markNames.mark(fact.mark) });
      case 'end':
        // The detail may quote a command.
        return super.fact({ ...fact, detail: '' });
      default:
        super.fact(fact);
    }
  }

  private anonymousFrame(entry: SymbolisedAddress): SymbolisedAddress {
    if (this.hasProcesses && isProcessFrame(entry)) return this.processNames.frame(entry);
    return this.isUserFrame(entry) ? { ...entry, symbol: `#${++this.userFrames}`, module: 'user' } : entry;
  }

  /** perf prints an address for each kernel frame. A frame with a file and no address is a program's. */
  private isUserFrame({ addressHi, module }: SymbolisedAddress): boolean {
    return this.collector === 'perf-script' && addressHi === 0 && module !== null;
  }

  private renameNewComms(): void {
    const { comms, cgroups } = this.dictionary;
    for (let id = cgroups.size + 1; id <= this.source.cgroups.size; id++) {
      const text = this.source.cgroups.name(id);
      const shown = anonymousCgroup(id, text);
      cgroups.intern(shown);
      this.markNames.learnCgroup(parseCgroup(text).path, parseCgroup(shown).path);
    }
    for (let id = comms.size + 1; id <= this.source.comms.size; id++) {
      const name = this.source.comms.name(id);
      // If two names became one, all later ids would shift: the number in the name keeps each unique,
      // within a comm's 15 bytes. A name like '#7' is never kept: it could be the new name of
      // another comm.
      const isKept = this.keep.has(name) && !/^#\d+$/.test(name);
      const shown = isKept ? name : `#${this.source.comms.nameId(id)}`;
      comms.intern(shown, this.source.comms.cgroup(id));
      this.markNames.learn(name, shown);
    }
  }

  private renameNewCaches(): void {
    const { caches } = this.dictionary;
    for (let id = caches.size + 1; id <= this.source.caches.size; id++) {
      caches.intern(this.cacheNames.shown(this.source.caches.name(id)));
    }
  }

  private anonymousHost(facts: HostFacts): HostFacts {
    const hostname = facts.hostname === '' ? '' : 'host';
    // A detail may quote a command line.
    const coverage = facts.coverage.map((gap) => ({ ...gap, detail: '' }));
    const mergedCaches = facts.mergedCaches.map((names) => names.map((name) => this.cacheNames.shown(name)));
    // The part after the version is the builder's own: 6.1.0-49-ourcompany names them.
    const kernel = facts.kernel.replace(/^(\d+(?:\.\d+)*).*$/s, '$1');
    return { ...facts, hostname, coverage, mergedCaches, kernel };
  }
}
