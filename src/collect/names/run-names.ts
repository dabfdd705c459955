/** Asks the collector what pages and objects belong to (bpf/names/): one process for each question. */
import { UserError } from '../../base/errors.js';
import { parseThing, type Thing } from '../../things/thing.js';
import { bpfCollectorPath, isBpfCollectorBuilt } from '../bpf-collector.js';
import { ChildProcess } from '../child-process.js';
import { findPrivilege } from '../privilege.js';

/** A page by its number, or an object by its address; hex without a prefix. */
export type Asked = `page ${string}` | `object ${string}`;

/** The collector answers this many lines. */
export const MOST_ASKED = 4096;
/** The collector's own limit is 4 MiB of things. */
const MOST_BYTES = 16 << 20;
/** 4,096 objects take some 0.2 s. */
const MOST_MS = 10_000;

export interface NamesRun {
  /** Ends it: nothing stays behind. */
  signal?: AbortSignal;
  /** Called with the collector's process as soon as there is one: its memory is the tracer's own. */
  onPid?: (pid: number) => void;
}

/**
 * Returns for each line what it belongs to, null where nothing is known. Throws a UserError where it may not be asked, or
 * cannot.
 */
export async function runNames(asked: readonly Asked[], { signal, onPid }: NamesRun = {}): Promise<(Thing | null)[]> {
  if (asked.length === 0) return [];
  const privilege = await findPrivilege();
  // Not through sudo: it would be asked every few seconds.
  if (privilege === null || privilege.how === 'sudo') {
    throw new UserError('names of files and sockets are read from kernel memory, which takes root');
  }
  if (!(await isBpfCollectorBuilt())) throw new UserError('the eBPF collector is not built', ['build it: make -C bpf']);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const child = new ChildProcess({
    privilege,
    command: [bpfCollectorPath(), '--names'],
    input: asked
      .slice(0, MOST_ASKED)
      .map((line) => `${line}\n`)
      .join(''),
    onBytes: (chunk) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
    },
  });
  if (child.pid !== null) onPid?.(child.pid);
  const stop = (): void => void child.stop();
  const timer = setTimeout(stop, MOST_MS);
  signal?.addEventListener('abort', stop, { once: true });
  const exit = await child.finished;
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
  if (exit.notStarted !== null) throw new UserError(`${bpfCollectorPath()} did not start: ${exit.notStarted}`);
  const answer =
    exit.code === 0 && bytes <= MOST_BYTES ? parseAnswer(new TextDecoder().decode(Buffer.concat(chunks))) : null;
  if (answer === null) {
    const said = exit.stderrTail.trim().split('\n').at(-1) ?? '';
    throw new UserError(`what memory belongs to could not be read${said === '' ? '' : `: ${said}`}`);
  }
  return asked.map((_, index) => answer[index] ?? null);
}

/** Returns the thing of each line; null if the text is not what the collector prints. */
export function parseAnswer(text: string): (Thing | null)[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { format, version, things, of } = value as Record<string, unknown>;
  if (format !== 'unfreed-names-raw' || version !== 1 || !Array.isArray(things) || !Array.isArray(of)) return null;
  const known = things.slice(0, MOST_ASKED).map(parseThing);
  return of.slice(0, MOST_ASKED).map((index: unknown) => (typeof index === 'number' ? (known[index] ?? null) : null));
}
