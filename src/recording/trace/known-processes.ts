/**
 * KnownProcesses: the traced processes that live, and the files of code that frames name: what a section of a trace that
 * begins in its middle must say first. A process that began before the section ran when the section began: 'first'.
 */
import { MOST_PROCESSES } from '../../event/process-facts.js';
import type { FactOf, TraceFact } from '../../event/trace-sink.js';

/** More images than this are not repeated. */
const IMAGES_KEPT = 65_536;
/** Characters of all texts together: what comes beyond that is kept without its texts. */
const MOST_TEXT = 2 ** 24;

export class KnownProcesses {
  private readonly processes = new Map<number, FactOf<'process'>>();
  private readonly images = new Map<number, FactOf<'image'>>();
  private textLength = 0;

  /** Must be called for each fact of the trace; others than those about processes change nothing. */
  note(fact: TraceFact): void {
    if (fact.type === 'image') this.noteImage(fact);
    else if (fact.type === 'process') this.noteProcess(fact);
  }

  /** The facts that a section must begin with, at its time 0. */
  facts(): TraceFact[] {
    const living = Array.from(this.processes.values(), ({ process }): TraceFact => {
      return { type: 'process', timeNs: 0, process: { ...process, why: 'first' } };
    });
    return [...this.images.values(), ...living];
  }

  private noteImage(fact: FactOf<'image'>): void {
    const { number, path } = fact.image;
    const before = this.images.get(number)?.image.path.length ?? 0;
    if (before === 0 && this.images.size >= IMAGES_KEPT) return;
    this.textLength += path.length - before;
    if (this.textLength <= MOST_TEXT) this.images.set(number, fact);
    else this.textLength -= path.length - before;
  }

  private noteProcess(fact: FactOf<'process'>): void {
    const { number, parent, why } = fact.process;
    this.forget(number);
    if (why === 'exec') this.forget(parent);
    if (why === 'exit' || number < 1 || number > MOST_PROCESSES) return;
    const length = lengthOf(fact);
    const has = this.textLength + length <= MOST_TEXT;
    if (has) this.textLength += length;
    this.processes.set(number, has ? fact : { ...fact, process: { ...fact.process, exe: '', cmdline: '' } });
  }

  private forget(number: number): void {
    const known = this.processes.get(number);
    if (known === undefined) return;
    this.textLength -= lengthOf(known);
    this.processes.delete(number);
  }
}

function lengthOf({ process }: FactOf<'process'>): number {
  return process.exe.length + process.cmdline.length;
}
