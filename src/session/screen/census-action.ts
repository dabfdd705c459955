import { formatBytes, formatDuration } from '../../base/format.js';
import { uncountedBytes } from '../../census/report.js';
import { STEP_WORDS } from '../../census/steps.js';
import type { Driver, TakenCensus } from '../driver.js';

/** Time between two notices of how far it is. */
const SAY_EVERY_MS = 200;

/**
 * CensusAction: takes a census of this machine for the screen, one at a time, beside the trace. What it does and how it
 * ends is said in notices; an error changes nothing else.
 */
export class CensusAction {
  private readonly driver: Pick<Driver, 'takeCensus'>;
  private readonly say: (text: string, failed: boolean) => void;
  private running: AbortController | null = null;

  constructor(driver: Pick<Driver, 'takeCensus'>, say: (text: string, failed: boolean) => void) {
    this.driver = driver;
    this.say = say;
  }

  /**
   * Begins one, and returns at once. `caches` are slab caches whose objects are told apart. One that nobody asked for says
   * nothing unless it fails: notices hide the keys.
   */
  start(caches: readonly string[], { isAsked = true }: { isAsked?: boolean } = {}): void {
    const { driver } = this;
    if (driver.takeCensus === undefined) {
      this.say(
        'a recording shows the censuses that it carries: record --census takes them, or C while it is made',
        true,
      );
      return;
    }
    if (this.running !== null) {
      this.say('a census is being taken already', false);
      return;
    }
    const running = new AbortController();
    this.running = running;
    const tell = (text: string): void => {
      if (isAsked) this.say(text, false);
    };
    tell('census: counting every page');
    const watch = { onStep: this.steps(tell), signal: running.signal };
    void driver.takeCensus({ caches }, watch).then(
      (taken) => this.end(running, () => tell(doneText(taken, caches))),
      (error: unknown) =>
        this.end(running, () => this.say(error instanceof Error ? error.message : String(error), true)),
    );
  }

  /** Ends the one that is being taken, if any, without a word. */
  stop(): void {
    const { running } = this;
    this.running = null;
    running?.abort();
  }

  private end(of: AbortController, tell: () => void): void {
    if (this.running !== of) return;
    this.running = null;
    tell();
  }

  /** Says each step, and how far it is, but not more often than can be read. */
  private steps(tell: (text: string) => void): (name: string, share: number) => void {
    let saidMs = performance.now();
    return (name, share) => {
      if (this.running === null || performance.now() - saidMs < SAY_EVERY_MS) return;
      saidMs = performance.now();
      tell(`census: ${STEP_WORDS[name] ?? name} ${Math.floor(share * 100)} %`);
    };
  }
}

function doneText({ census, isCarried }: TakenCensus, caches: readonly string[]): string {
  const { machine, types } = census;
  const told = caches.filter((name) => types?.some(({ cache }) => cache === name) === true);
  const where =
    told.length > 0
      ? `Enter tells what the objects of ${told.join(', ')} are`
      : `${formatBytes(uncountedBytes(census))} in no line of meminfo; 5 shows every page`;
  return `census in ${formatDuration(machine.wallNs)}: ${where}${isCarried ? '' : '; no recording has room for it'}`;
}
