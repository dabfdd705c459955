/** From the flags of a command to the options of a collector. Small, so that the screen is there before the pipeline. */
import { type CollectorOptions, defaultCollectorOptions } from '../../collect/collector.js';
import type { TraceFlags } from '../options/flags.js';

/** The options of the collector for these flags. */
export function collectorOptions(flags: TraceFlags): CollectorOptions {
  const defaults = defaultCollectorOptions();
  return {
    ...defaults,
    collector: flags.collector,
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
