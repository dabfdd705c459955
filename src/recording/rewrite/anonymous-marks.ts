/**
 * Marks without names: a process has the name that it has in events, or one of its own; cgroups and files are
 * numbered; what a person wrote is left out. Numbers, times and modules stay.
 */
import { MARK_SHAPES, type Mark } from '../../event/marks/marks.js';

/** More names than this share one: a hostile trace must not make us keep all. */
const NAMES_KEPT = 65_536;

export class MarkNames {
  private readonly keep: ReadonlySet<string>;
  private readonly comms = new Map<string, string>();
  private readonly paths = new Map<string, string>();

  /** `keep`: process names that stay. */
  constructor(keep: ReadonlySet<string>) {
    this.keep = keep;
  }

  /** Events have this name for a process from now on. */
  learn(comm: string, shown: string): void {
    if (!this.comms.has(comm)) this.comms.set(comm, shown);
  }

  /** Events are in this cgroup under another path from now on. */
  learnCgroup(path: string, shown: string): void {
    if (!this.paths.has(path)) this.paths.set(path, shown);
  }

  mark(mark: Mark): Mark {
    const { texts } = MARK_SHAPES[mark.kind];
    const renamed = mark.texts.map((text, at) => this.text(texts[at] as string | undefined, text));
    return { ...mark, comm: this.comm(mark.comm), texts: renamed };
  }

  private text(name: string | undefined, text: string): string {
    if (name === 'module') return text;
    if (name === 'victimComm') return this.comm(text);
    if (name === undefined || name === 'text') return '';
    return this.path(text);
  }

  /** The number of a file or cgroup, the same wherever it is named. */
  path(text: string): string {
    return text === '' || text === '/' ? text : numbered(this.paths, text, '/#m');
  }

  private comm(name: string): string {
    return name === '' || this.keep.has(name) ? name : numbered(this.comms, name, '#m');
  }
}

/** Returns the same other name for the same name. */
export function numbered(known: Map<string, string>, name: string, prefix: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= NAMES_KEPT) return prefix;
  const shown = `${prefix}${known.size + 1}`;
  known.set(name, shown);
  return shown;
}
