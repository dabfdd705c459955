/**
 * PerfHeaderReader: host facts from the lines "# name : value" that `perf script --header` prints
 * before the events.
 */
import type { HostFacts } from '../../../event/host-facts.js';
import type { TextCoverage } from '../../coverage/text-coverage.js';
import { decodeText } from '../text-bytes.js';

const MAX_VALUE = 256;
/** The lists of events name an id for each CPU; the longest other line of use is the reference time. */
const MAX_LINE = 32768;
const LINE = /^# ([a-z ]+?)\s*: +(.*\S)/;
/** "# reference time: 2026-11-21 11:37:10.206528 = 1795261030.206528 (TOD) = 2376.798349290 (monotonic)" */
const REFERENCE = / = (\d+\.\d+) \(TOD\) = (\d+\.\d+) \(/;

export class PerfHeaderReader {
  private readonly facts: HostFacts;
  private readonly coverage: TextCoverage;
  private firstSampleSeconds = Number.NaN;
  private wallMinusClock = Number.NaN;

  /** Facts that are found are written into `facts`. */
  constructor(facts: HostFacts, coverage: TextCoverage) {
    this.facts = facts;
    this.coverage = coverage;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const found = LINE.exec(decodeText(bytes, start, Math.min(end, start + MAX_LINE)));
    if (found === null) return;
    const { facts } = this;
    const value = found[2].slice(0, MAX_VALUE);
    if (found[1] === 'hostname') facts.hostname = value;
    else if (found[1] === 'os release') facts.kernel = value;
    else if (found[1] === 'arch') facts.arch = value;
    else if (found[1] === 'nrcpus online') facts.cpus = whole(value, 65536);
    else if (found[1] === 'total memory') facts.memTotalBytes = whole(value, 2 ** 42) * 1024;
    else if (found[1] === 'time of first sample') this.firstSampleSeconds = Number(value);
    else if (found[1] === 'reference time') this.reference(value);
    this.coverage.headerLine(found[1], found[2]);
    this.setStart();
  }

  private reference(value: string): void {
    const found = REFERENCE.exec(value);
    if (found !== null) this.wallMinusClock = Number(found[1]) - Number(found[2]);
  }

  private setStart(): void {
    const seconds = this.firstSampleSeconds + this.wallMinusClock;
    // 8.64e12 s is the greatest instant that a Date can hold.
    if (seconds > 0 && seconds < 8.64e12) this.facts.startUnixMs = Math.floor(seconds * 1000);
  }
}

function whole(text: string, most: number): number {
  const value = Number.parseInt(text, 10);
  return value > 0 && value <= most ? value : 0;
}
