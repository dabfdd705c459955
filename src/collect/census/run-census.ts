/** Runs the census of the collector (bpf/census/): every page of this machine, read through a BPF program. */
import { UserError } from '../../base/errors.js';
import { bpfCollectorPath, isBpfCollectorBuilt } from '../bpf-collector.js';
import { ChildProcess } from '../child-process.js';
import { findPrivilege } from '../privilege.js';

export interface CensusOptions {
  /** Besides every page by what it is. */
  holders: boolean;
  /** Slab caches whose objects are told apart. */
  caches: readonly string[];
  orphans: boolean;
  /** Share of one CPU, above 0 and up to 1. */
  budget: number;
  /** Bytes that one call into the kernel copies; null = the collector's default. */
  callBytes: number | null;
  keepAddresses: boolean;
}

export interface CensusWatch {
  /** Gets the name of what is being read, and the share of it that is done, 0..1. */
  onStep?: (name: string, share: number) => void;
  /** Gets the number of each process that takes part, in this PID namespace: also of sudo, where that starts it. */
  onProcess?: (pid: number) => void;
  /** Ends it: nothing stays behind. */
  signal?: AbortSignal;
}

/** The step whose first number is that of the collector's process (bpf/unfreed.c). */
const PROCESS_STEP = 'process';
/** Longer than any machine's: 100,000 cgroups of ten rows. */
const MOST_BYTES = 512 << 20;

/** Returns the collector's JSON. Throws a UserError where it may not, or cannot. */
export async function runCensus(
  options: CensusOptions,
  { onStep, onProcess, signal }: CensusWatch = {},
): Promise<string> {
  const privilege = await findPrivilege();
  if (privilege === null) {
    throw new UserError(
      'a census reads kernel memory, which takes root, or CAP_BPF, CAP_PERFMON, CAP_SYSLOG and CAP_SYS_ADMIN',
      ['run it as root: sudo unfreed census', 'without root the first look still works: unfreed triage'],
    );
  }
  if (!(await isBpfCollectorBuilt())) {
    throw new UserError('the eBPF collector is not built, and a census needs it', ['build it: make -C bpf']);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const child = new ChildProcess({
    privilege,
    command: [bpfCollectorPath(), ...censusArguments(options)],
    onBytes: (chunk) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
    },
    onStderr: (text) => {
      for (const [, name, done, of] of text.matchAll(/^step (\w{1,20}) (\d{1,15}) (\d{1,15})$/gm)) {
        if (name === PROCESS_STEP) onProcess?.(Number(done));
        else onStep?.(name, Number(of) === 0 ? 0 : Math.min(1, Number(done) / Number(of)));
      }
    },
  });
  if (child.pid !== null) onProcess?.(child.pid);
  const stop = (): void => void child.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const exit = await child.finished;
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted === true) throw new UserError('the census was stopped before it was done');
  if (exit.notStarted !== null) throw new UserError(`${bpfCollectorPath()} did not start: ${exit.notStarted}`);
  if (exit.code !== 0 || bytes > MOST_BYTES) {
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    const said = lastLine(exit.stderrTail);
    throw new UserError(`the census could not be taken (${how})${said === '' ? '' : `: ${said}`}`, [
      'see what is missing: unfreed doctor',
    ]);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function censusArguments({ holders, caches, orphans, budget, callBytes, keepAddresses }: CensusOptions): string[] {
  const stages = ['pages', holders ? 'holders' : '', caches.length > 0 ? 'types' : '', orphans ? 'orphans' : ''];
  const more = stages.filter((name) => name !== '');
  const args = ['--census', '--steps', '--die-with-parent'];
  // Pages alone are the collector's default.
  if (more.length > 1) args.push('--stages', more.join(','));
  if (budget < 1) args.push('--budget', String(Number((budget * 100).toFixed(3))));
  if (callBytes !== null) args.push('--call-bytes', String(callBytes));
  for (const cache of caches) args.push('--cache', cache);
  if (keepAddresses) args.push('--keep-addresses');
  return args;
}

function lastLine(text: string): string {
  const lines = text.trimEnd().split('\n');
  return (lines.findLast((line) => !line.startsWith('step ')) ?? '').trim();
}
