/**
 * Reads a guest's recording with the product's own pairing core and sums up, for each planted
 * function, all call paths through it.
 */
import { EventBatch } from '../../src/event/event-batch.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import {
  ALLOCATOR_NAMES,
  ALLOCATOR_OF_KIND,
  type KernelAllocator,
  KIND_MASK,
  PAGE,
  PERCPU,
  SLAB,
  VMALLOC,
} from '../../src/event/kinds.js';
import { isEventLoss } from '../../src/event/losses.js';
import { PassingSink } from '../../src/event/passing-sink.js';
import { isSampled } from '../../src/event/sampling.js';
import type { TraceSink } from '../../src/event/trace-sink.js';
import type { PairingCore } from '../../src/pair/pairing-core.js';
import { ALLOC_COUNT, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../src/pair/path-table.js';
import { CallPathFacts } from '../../src/rank/names/call-path-facts.js';
import type { SampleEstimate } from '../../src/rank/report/report-sample.js';
import { HeldTable } from '../../src/rank/select/held-table.js';
import { SampleEstimator } from '../../src/rank/trust/sample-estimate.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';

export interface Measured {
  allocs: number;
  frees: number;
  /** Frees without an event, which show when the address is allocated again. */
  missedFrees: number;
  liveBytes: number;
  liveCount: number;
  callPaths: number;
  /** Estimate of the live memory, in a trace of a sample; null if every address is traced. */
  estimate: SampleEstimate | null;
}

export interface GuestTrace {
  facts: HostFacts;
  /** Must be 0 in a good run. */
  badEvents: number;
  /**
   * Events whose call path the kernel did not give: 0 in a good run, except on kernels that preempt
   * the tracer.
   */
  withoutCallPath: number;
  /** Returns how many events of an allocator are known to be missing. */
  lostEvents(kind: KernelAllocator): number;
  /** Pairs that were matched in the guest's kernel and not sent, and how many of them were pages. */
  young: { pairs: number; pages: number };
  /** How the trace ended; null if it was cut off. */
  ended: string | null;
  eventCount: number;
  through(kind: KernelAllocator, module: string, fn: string): Measured;
}

/**
 * Functions in which the allocators allocate for themselves below a planted function, without a
 * count in its module: the sheaves and object vectors of slabs, the page tables of a vmalloc area.
 */
const INTERNAL = /sheaf|^__pcs_|^alloc_slab_obj_exts|^(?:__)?p(?:te|md|ud|4d)_alloc|^vmap_p|^vmap_range|^__vmap_p/;

const ALLOCATOR: Record<KernelAllocator, number> = { page: PAGE, slab: SLAB, percpu: PERCPU, vmalloc: VMALLOC };

/** Reads a trace. With `sample`, only addresses that are in the sample of that other trace. */
export async function readTrace(path: string, sample: HostFacts | null = null): Promise<GuestTrace> {
  const pipeline = new Pipeline('recording');
  const sink = sample === null ? pipeline : new SampleSink(pipeline, sample);
  const recording = await openRecording(path, sink, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  const { core, facts, ended } = pipeline;
  const frames = new PathFrames(pipeline);
  return {
    facts,
    badEvents: core.badEvents,
    withoutCallPath: core.stackMisses,
    lostEvents: (kind) =>
      core.lossLedger
        .rows()
        .filter((loss) => isEventLoss(loss.cause) && ALLOCATOR_OF_KIND[loss.kind] === ALLOCATOR[kind])
        .reduce((sum, loss) => sum + loss.count, 0),
    young: { pairs: core.lossLedger.youngPairs, pages: core.lossLedger.youngPages },
    ended: ended === null ? null : `${ended.reason} ${ended.detail}`,
    eventCount: core.eventCount,
    through: (kind, module, fn) => sumThrough(pipeline, frames, { allocator: ALLOCATOR[kind], module, fn }),
  };
}

function sumThrough(
  { core }: Pipeline,
  frames: PathFrames,
  wanted: { allocator: number; module: string; fn: string },
): Measured {
  const { paths } = core;
  const unit = ['page', 'vmalloc'].includes(ALLOCATOR_NAMES[wanted.allocator]) ? core.hostFacts.pageSize : 1;
  const sum: Measured = {
    allocs: 0,
    frees: 0,
    missedFrees: 0,
    liveBytes: 0,
    liveCount: 0,
    callPaths: 0,
    estimate: null,
  };
  const rows = new Set<number>();
  for (let row = 1; row <= paths.size; row++) {
    if (paths.allocator[row] !== wanted.allocator) continue;
    if (!frames.leadThrough(paths.stackId[row], wanted.module, wanted.fn, wanted.allocator)) continue;
    const at = row * PATH_STATS;
    sum.allocs += paths.stats[at + ALLOC_COUNT];
    sum.frees += paths.stats[at + FREE_COUNT];
    sum.missedFrees += paths.stats[at + MISSED_COUNT];
    sum.liveBytes += paths.live(row) * unit;
    sum.liveCount += paths.liveCount(row);
    sum.callPaths++;
    rows.add(row);
  }
  if (!core.sampling.isWhole) sum.estimate = estimateOf(core, wanted.allocator, rows);
  return sum;
}

/** Estimates all outstanding memory of call paths from that in a sample. */
function estimateOf(core: PairingCore, allocator: number, rows: ReadonlySet<number>): SampleEstimate {
  const held = new HeldTable(core, allocator);
  const estimator = new SampleEstimator(core.sampling, 1);
  held.each((slot, path) => {
    if (rows.has(path)) estimator.add(1, held, slot);
  });
  return estimator.estimates()[0];
}

/** Passes on only the events of addresses that are in a sample. */
class SampleSink extends PassingSink {
  private readonly sample: HostFacts;
  private readonly batch = new EventBatch();

  constructor(sink: TraceSink, sample: HostFacts) {
    super(sink);
    this.sample = sample;
  }

  override events(batch: EventBatch): void {
    const { sampleOneIn, sampleSeed } = this.sample;
    for (let row = 0; row < batch.length; row++) {
      const allocator = ALLOCATOR_OF_KIND[batch.kind[row] & KIND_MASK];
      if (!isSampled(allocator, batch.addrHi[row], batch.addrLo[row], sampleOneIn, sampleSeed)) continue;
      this.batch.append(batch, row, row + 1);
      if (this.batch.length === this.batch.capacity) this.flush();
    }
    this.flush();
  }

  private flush(): void {
    if (this.batch.length > 0) this.sink.events(this.batch);
    this.batch.clear();
  }
}

class PathFrames {
  private readonly pipeline: Pipeline;
  private readonly facts: CallPathFacts;

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
    this.facts = new CallPathFacts(pipeline.dictionary.stacks, pipeline.symbols);
  }

  /**
   * True if a call path allocates for this function: through it, and not for the allocators' own
   * needs below it.
   */
  leadThrough(stackId: number, module: string, fn: string, allocator: number): boolean {
    const { stacks } = this.pipeline.dictionary;
    for (let position = 0; position < stacks.depth(stackId); position++) {
      const frame = stacks.frameId(stackId, position);
      const found = this.pipeline.symbols.find(stacks.frames.hi[frame], stacks.frames.lo[frame]);
      if (found === null) continue;
      if (found.symbol === fn && found.module === module) {
        // Pages of slabs and percpu chunks do not count: the function only happened to find the
        // slab full.
        return allocator !== PAGE || ![SLAB, PERCPU].includes(this.facts.backedAllocator(stackId));
      }
      if (INTERNAL.test(found.symbol)) return false;
    }
    return false;
  }
}
