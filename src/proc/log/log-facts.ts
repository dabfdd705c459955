/** The kernel's log: what it says of memory. */
import { parseLogLine } from './log-line.js';
import { killedProcess, type OomFacts, OomReportParser } from './oom-report.js';

export interface LogFacts {
  /** Newest last, at most 16. */
  ooms: OomFacts[];
  /** OOM kills in the log, those not kept included. */
  oomKills: number;
  /** "page allocation failure" lines. */
  allocationFailures: number;
  /** Lines that say something of the account: balloon, crashkernel, memory corruption. At most 32. */
  notes: string[];
}

const TEXT_LIMIT = 64 << 20;
const LINE_LIMIT = 4096;
const OOM_LIMIT = 16;
const NOTE_LIMIT = 32;
const NOTE_LENGTH = 256;
const NOTE =
  /balloon|crashkernel|Memory failure|Hardware Error|TCP: out of memory|table full, dropping|bpf_jit|vmap allocation for size|Out of memory and no killable|leak(?:ed|s)? (?:in|of)? ?(?:memory|pages)|swapper\/\d+ .*page allocation/i;

/** Returns what the log says; nothing of memory is a log with empty lists. `pageSize`: of the machine that wrote it. */
export function parseKernelLog(log: string, pageSize: number): LogFacts {
  const facts: LogFacts = { ooms: [], oomKills: 0, allocationFailures: 0, notes: [] };
  const parser = new OomReportParser(pageSize);
  const end = Math.min(log.length, TEXT_LIMIT);
  for (let at = 0; at < end; ) {
    let next = log.indexOf('\n', at);
    if (next < 0) next = log.length;
    const { atSeconds, text } = parseLogLine(log.slice(at, Math.min(next, at + LINE_LIMIT)).trimEnd());
    if (parser.add(text, atSeconds) && parser.report !== null) {
      facts.ooms.push(parser.report);
      if (facts.ooms.length > OOM_LIMIT) facts.ooms.shift();
    }
    if (killedProcess(text) !== null) facts.oomKills++;
    if (text.includes('page allocation failure: ')) facts.allocationFailures++;
    if (facts.notes.length < NOTE_LIMIT && NOTE.test(text)) facts.notes.push(text.slice(0, NOTE_LENGTH));
    at = next + 1;
  }
  return facts;
}
