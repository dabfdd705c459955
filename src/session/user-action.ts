import type { ExportFormat, GrowthFormat } from './export-formats.js';

/** What the user asks of the session besides looking; its outcome is told in SessionStatus.notice. */
export type UserAction =
  /** Growth is told since now. */
  | { name: 'mark' }
  /** Live: begins a recording, or ends the one that was begun so. */
  | { name: 'record' }
  /** Writes what is ranked now, as far as the selection goes, to a new file in the current directory. */
  | { name: 'export'; format: ExportFormat }
  /** The same of what has changed since the mark. */
  | { name: 'export-growth'; format: GrowthFormat }
  /** Writes one call path with all its frames. */
  | { name: 'save-stack'; stackId: number }
  /** Replay: on by so many events. */
  | { name: 'step'; events: number };

/** Outcome of the last action. */
export interface Notice {
  /** Grows with each. */
  id: number;
  /** May hold names of files: untrusted text. */
  text: string;
  failed: boolean;
}
