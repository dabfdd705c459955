/**
 * ChildProcess: a collector's process. Passes its bytes on as they come, keeps the end of its
 * stderr, and lets it drain when it is stopped.
 *
 * It has a session of its own, for two reasons. Ctrl-C reaches only us, and we stop the collector
 * in our order. And sudo does not pass on a signal that comes from its own process group (sudo(8),
 * "Signal handling").
 */
import { execa } from 'execa';
import { type StartStep, StepLines } from '../base/start-steps.js';
import { FlatTail } from './flat-tail.js';
import type { Privilege } from './privilege.js';

export interface ChildExit {
  code: number | null;
  signal: string | null;
  stderrTail: string;
  /** Why the program could not be started; null if it was. */
  notStarted: string | null;
}

export interface ChildOptions {
  privilege: Privilege;
  command: string[];
  env?: Record<string, string>;
  /** The program's stdin; empty if absent. */
  input?: string;
  onBytes: (chunk: Uint8Array) => void;
  /** Whole chunks of stderr, as text. */
  onStderr?: (text: string) => void;
  /** Gets the program's lines of steps; stderrTail then has the others alone. */
  onStep?: (step: StartStep) => void;
}

/** After this time it has drained, or never will. */
const KILL_AFTER_MS = 10_000;

export class ChildProcess {
  /** Resolves when the process is gone and its output has been passed on. Never rejects. */
  readonly finished: Promise<ChildExit>;
  private readonly privilege: Privilege;
  private readonly tail = new FlatTail(4096);
  private readonly startedPid: number | undefined;
  private readonly killNow: (signal: NodeJS.Signals) => void;
  private gone = false;
  private stopping = false;

  constructor(options: ChildOptions) {
    this.privilege = options.privilege;
    const [file, ...args] = [...options.privilege.prefix, ...options.command];
    const child = execa(file, args, {
      buffer: false,
      encoding: 'buffer',
      reject: false,
      detached: true,
      env: options.env ?? {},
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    });
    this.startedPid = child.pid;
    this.killNow = (signal) => child.kill(signal);
    // 'data' events instead of iteration: half the CPU time at 2 GB/s.
    child.stdout.on('data', (chunk: Uint8Array) => options.onBytes(chunk));
    const utf8 = new TextDecoder();
    const { onStep } = options;
    const steps = onStep === undefined ? null : new StepLines(onStep);
    child.stderr.on('data', (chunk: Uint8Array) => {
      const text = utf8.decode(chunk, { stream: true });
      this.tail.add(steps?.push(text) ?? text);
      options.onStderr?.(text);
    });
    const drained = new Promise<void>((resolve) => child.stdout.once('close', () => resolve()));
    this.finished = (async () => {
      const result = await child;
      if (this.startedPid !== undefined) await drained;
      this.tail.add(steps?.end() ?? '');
      this.gone = true;
      return {
        code: result.exitCode ?? null,
        signal: result.signal ?? null,
        stderrTail: this.tail.text,
        notStarted: this.startedPid === undefined ? (result.originalMessage ?? 'could not be started') : null,
      };
    })();
  }

  /** Null if it could not be started, and once it is gone. */
  get pid(): number | null {
    return this.gone ? null : (this.startedPid ?? null);
  }

  /** Sends SIGTERM or `signal`, and SIGKILL after KILL_AFTER_MS. Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.stopping && !this.gone) {
      this.stopping = true;
      this.send(signal);
      const timer = setTimeout(() => this.send('SIGKILL'), KILL_AFTER_MS);
      await this.finished;
      clearTimeout(timer);
    }
    await this.finished;
  }

  private send(signal: NodeJS.Signals): void {
    if (this.gone || this.startedPid === undefined) return;
    if (this.privilege.how !== 'sudo') {
      this.killNow(signal);
      return;
    }
    // We cannot signal a process of root. sudo, whose pid this is, passes the signal on to the program.
    const command = ['-n', 'sh', '-c', `kill -${signal.slice(3)} ${this.startedPid}`];
    void execa('sudo', command, { reject: false, stdin: 'ignore' });
  }
}
