/** From the flags of a command to the options of a collector. Small, so that the screen is there before the pipeline. */
import { type CollectorOptions, defaultCollectorOptions } from '../../collect/collector.js';
import type { EventsFlags, TraceFlags } from '../options/flags.js';
import { processesNamed } from './named-processes.js';

/** The options of the collector for these flags. */
export function collectorOptions(flags: TraceFlags): CollectorOptions {
  const defaults = defaultCollectorOptions();
  return {
    ...defaults,
    collector: flags.collector,
    processes: processesNamed(flags.process),
    heap: flags.heap,
    bufferBytes: flags.buffer,
    sampleOneIn: flags.sample,
    minAgeNs: flags.minAge,
    maxOverhead: flags.maxOverhead ?? null,
    stacks: flags.stacks,
    auditOneIn: flags.audit,
    self: flags.dropSelf ? 'drop' : 'mark',
    allocators: flags.allocator.length === 0 ? defaults.allocators : flags.allocator,
    minSizeBytes: flags.minSize,
  };
}

/** For events alone: of the allocators, the one that works least is traced, and few of its addresses. */
export function eventsCollector({ watchComm }: EventsFlags): CollectorOptions {
  return {
    ...defaultCollectorOptions(),
    collector: 'bpf',
    allocators: ['percpu'],
    sampleOneIn: 1024,
    bufferBytes: 1 << 20,
    watchedComms: watchComm,
    systemCalls: true,
  };
}
