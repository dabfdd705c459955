/**
 * The places of a pprof profile: an image (kernel or module), a function in it, an address in the
 * function.
 */
import type { ReportFrame, ReportStack } from '../../rank/report/report-rows.js';
import { frameName, INTERRUPT, noStackName, ownFrames } from './call-paths.js';

export interface Location {
  /** The first id is 1, as for all ids here. */
  id: number;
  /** 0 for a location that is not in memory. */
  mappingId: number;
  address: bigint;
  functionId: number;
}

export interface Mapping {
  /** Null = the core kernel. */
  module: string | null;
  /**
   * Start of the pages (of 4 KiB) that the frames of this image lie in; a report does not know the
   * whole image.
   */
  start: bigint;
  /** End of those pages, exclusive. */
  limit: bigint;
}

export interface ProfileFunction {
  name: string;
  symbol: string;
  /** '' = the core kernel; null for a name that is not a function. */
  module: string | null;
}

const PAGE = 4096n;

/** Numbers places in the order in which they are first seen. */
export class LocationTable {
  readonly locations: Location[] = [];
  /** Id = index + 1. */
  readonly mappings: Mapping[] = [];
  readonly functions: ProfileFunction[] = [];
  private readonly locationOf = new Map<string, number>();
  private readonly functionOf = new Map<string, number>();
  private readonly mappingOf = new Map<string, number>();

  private readonly main: string | null;

  /** `main`: file name of the program in a trace of processes; null = the core kernel. */
  constructor(main: string | null = null) {
    this.main = main;
    // By convention mapping 1 is the main binary, whichever image is seen first.
    this.mappings.push({ module: main, start: 0n, limit: 0n });
    this.mappingOf.set(main ?? '', 1);
  }

  /**
   * Returns the location ids of a call path, leaf first; an interrupt and what it interrupted is
   * one location.
   */
  idsOf(stack: ReportStack): number[] {
    const ids = ownFrames(stack).map((frame) => this.frameId(frame));
    if (stack.interruptedFrom !== null) ids.push(this.nameId(INTERRUPT));
    return ids.length === 0 ? [this.nameId(noStackName(stack))] : ids;
  }

  private frameId(frame: ReportFrame): number {
    // The key has the symbol too: after a module was unloaded, another's symbol may be at the same address.
    const key = `${frame.address} ${frame.module ?? ''} ${frame.symbol}`;
    const known = this.locationOf.get(key);
    if (known !== undefined) return known;
    const address = BigInt(frame.address);
    const mappingId = this.mappingId(frame.module, address);
    const functionId = this.functionId({ name: frameName(frame), symbol: frame.symbol, module: frame.module ?? '' });
    return this.add(key, { mappingId, address, functionId });
  }

  /** Returns a location for a name that is not code. */
  private nameId(name: string): number {
    const known = this.locationOf.get(name);
    if (known !== undefined) return known;
    const functionId = this.functionId({ name, symbol: name, module: null });
    return this.add(name, { mappingId: 0, address: 0n, functionId });
  }

  private add(key: string, place: Omit<Location, 'id'>): number {
    const id = this.locations.length + 1;
    this.locations.push({ id, ...place });
    this.locationOf.set(key, id);
    return id;
  }

  private functionId(fn: ProfileFunction): number {
    const key = `${fn.module} ${fn.symbol}`;
    const id = this.functionOf.get(key) ?? this.functions.push(fn);
    this.functionOf.set(key, id);
    return id;
  }

  private mappingId(module: string | null, address: bigint): number {
    // Code that a process made at run time, or what was there before, is in no file.
    if (module === null && this.main !== null) return 0;
    const key = module ?? '';
    const id = this.mappingOf.get(key) ?? this.mappings.push({ module, start: 0n, limit: 0n });
    this.mappingOf.set(key, id);
    const mapping = this.mappings[id - 1];
    const start = address - (address % PAGE);
    if (mapping.limit === 0n || start < mapping.start) mapping.start = start;
    if (start + PAGE > mapping.limit) mapping.limit = start + PAGE;
    return id;
  }
}
