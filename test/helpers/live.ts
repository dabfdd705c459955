/**
 * Shared by the live tests: loads with a known truth (scripts/loads), which start by a handshake
 * after the tracer, and a pairing simple enough to be trusted. Live tests never skip: without root
 * they fail and say so.
 */
import { execFileSync } from 'node:child_process';
import { execa } from 'execa';
import { type EventBatch } from '../../src/event/event-batch.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK, kindName, PAGE } from '../../src/event/kinds.js';
import type { LossRow } from '../../src/event/losses.js';
import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { CounterSource, EndReason, TraceFact, TraceSink } from '../../src/event/trace-sink.js';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Fails the test with the reason if this machine cannot be traced. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'LIVE TESTS NEED ROOT: they trace this kernel. Run npm test as root (this is a failure, not a skip).',
    );
  }
}

/** Builds scripts/loads; cheap when nothing has changed. */
export function buildLoads(): void {
  execFileSync('make', ['-s', '-C', `${ROOT}scripts/loads`], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A line of a load's truth: the number of objects (or pages) outstanding on call paths through `symbol`. */
export interface Truth {
  allocator: string;
  kind: string;
  symbol: string;
  count: number;
  bytes?: number;
}

/** What hold-shared holds of one kind. */
export interface HeldObject {
  kind: string;
  bytes: number;
}

export type LoadName =
  | 'hold-objects'
  | 'hold-pipes'
  | 'hold-sockets'
  | 'hold-moved'
  | 'hold-unmapped'
  | 'hold-percpu'
  | 'hold-maps'
  | 'hold-shared'
  | 'plant'
  | 'churn';

interface LoadLine {
  state: 'ready' | 'held' | 'released';
  pid: number;
  /** The process that took it, if it may be another one (hold-pipes, hold-unmapped). */
  taker?: number;
  truth?: Truth[];
  objects?: HeldObject[];
  /** Of the process, bytes (hold-maps). */
  vmSize?: number;
  turns?: number;
  /** Pages that the kernel has moved (hold-moved). */
  moved?: number;
}

/** A load that was started with --wait; it has allocated nothing before go(). */
export class Load {
  readonly pid: number;
  private readonly child: ReturnType<typeof spawnLoad>;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ReturnType<typeof spawnLoad>, lines: AsyncIterator<string>, pid: number) {
    this.child = child;
    this.lines = lines;
    this.pid = pid;
  }

  static async start(program: LoadName, ...args: string[]): Promise<Load> {
    const child = spawnLoad(program, args);
    const lines = child.iterable()[Symbol.asyncIterator]();
    const ready = await nextLine(lines);
    if (ready.state !== 'ready') throw new Error(`${program} said '${ready.state}', expected 'ready'`);
    return new Load(child, lines, ready.pid);
  }

  /** Lets it allocate; resolves with the truth when all of it is held. */
  async go(): Promise<Truth[]> {
    return (await this.hold()).truth ?? [];
  }

  /** Lets it allocate; resolves with all that it says when it holds everything. */
  async hold(): Promise<LoadLine> {
    this.child.stdin.write('go\n');
    const held = await nextLine(this.lines);
    if (held.state !== 'held') throw new Error(`the load said '${held.state}', expected 'held'`);
    return held;
  }

  /** Lets it free everything; resolves when it has. */
  async release(): Promise<void> {
    this.child.stdin.write('\n');
    await this.released();
  }

  /** Resolves with the last line when it has freed everything by itself (churn). */
  async released(): Promise<LoadLine> {
    const line = await nextLine(this.lines);
    if (line.state !== 'released') throw new Error(`the load said '${line.state}', expected 'released'`);
    return line;
  }

  /** Kills it at any time; resolves when it has exited. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.stop();
  }

  /** Lets it end by closing its input; resolves when it has exited. */
  async stop(): Promise<void> {
    this.child.stdin.end();
    await this.child;
  }
}

function spawnLoad(program: string, args: string[]) {
  return execa(`${ROOT}scripts/build/${program}`, [...args, '--wait'], {
    stdin: 'pipe',
    buffer: false,
    reject: false,
    timeout: 120_000,
  });
}

async function nextLine(lines: AsyncIterator<string>): Promise<LoadLine> {
  const next = await lines.next();
  if (next.done === true) throw new Error('the load ended without another line');
  return JSON.parse(next.value) as LoadLine;
}

interface PlainAlloc {
  kind: number;
  pid: number;
  comm: string;
  stackId: number;
  bytes: number;
}

/** Pairs with a Map, page by page: slow, but simple enough to check other pairings against. */
export class PlainPairing implements TraceSink {
  hosts: HostFacts[] = [];
  readonly outstanding = new Map<string, PlainAlloc>();
  readonly symbols = new Map<string, string>();
  readonly lossRows: LossRow[] = [];
  readonly counterSources = new Map<CounterSource, string>();
  ending: { timeNs: number; reason: EndReason; detail: string } | null = null;
  clockNs = 0;
  eventCount = 0;
  /** The number of times that went back. */
  backward = 0;
  private lastNs = 0;
  private readonly dictionary: TraceDictionary;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  events(batch: EventBatch): void {
    this.eventCount += batch.length;
    for (let row = 0; row < batch.length; row++) {
      if (batch.timeNs[row] < this.lastNs) this.backward++;
      this.lastNs = batch.timeNs[row];
      const kind = batch.kind[row] & KIND_MASK;
      const allocator = ALLOCATOR_OF_KIND[kind];
      const pages = allocator === PAGE ? batch.size[row] : 1;
      for (let page = 0; page < pages; page++) {
        const key = `${allocator}:${batch.addrHi[row]}:${batch.addrLo[row] + page}`;
        if ((kind & FREE_BIT) !== 0) this.outstanding.delete(key);
        else {
          this.outstanding.set(key, {
            kind,
            pid: batch.pid[row],
            comm: this.dictionary.comms.name(batch.commId[row]),
            stackId: batch.stackId[row],
            bytes: allocator === PAGE ? 4096 : batch.size[row],
          });
        }
      }
    }
  }

  fact(fact: TraceFact): void {
    switch (fact.type) {
      case 'host':
        this.hosts.push(structuredClone(fact.facts));
        return;
      case 'symbol':
        this.symbols.set(`${fact.entry.addressHi}:${fact.entry.addressLo}`, fact.entry.symbol);
        return;
      case 'losses':
        this.lossRows.push(...structuredClone(fact.rows));
        return;
      case 'counters':
        this.counterSources.set(fact.source, fact.text);
        return;
      case 'clock':
        this.clockNs = fact.timeNs;
        return;
      case 'end':
        this.ending = { timeNs: fact.timeNs, reason: fact.reason, detail: fact.detail };
    }
  }

  /** Function names of a call path, leaf first. */
  path(stackId: number): string[] {
    const { stacks } = this.dictionary;
    return Array.from({ length: stacks.depth(stackId) }, (_, i) => {
      const frame = stacks.frameId(stackId, i);
      return this.symbols.get(`${stacks.frames.hi[frame]}:${stacks.frames.lo[frame]}`) ?? '?';
    });
  }

  /**
   * The outstanding allocations of one process and one tracepoint on call paths through a function,
   * without those that the slab allocator makes for itself below it.
   */
  count(pid: number, kind: string, symbol: string): { count: number; bytes: number; comms: string[] } {
    let count = 0;
    let bytes = 0;
    const comms = new Set<string>();
    for (const alloc of this.outstanding.values()) {
      if (alloc.pid !== pid || kindName(alloc.kind) !== kind) continue;
      const path = this.path(alloc.stackId);
      if (path.includes('allocate_slab') || !path.some((name) => name.includes(symbol))) continue;
      count++;
      bytes += alloc.bytes;
      comms.add(alloc.comm);
    }
    return { count, bytes, comms: [...comms] };
  }
}
