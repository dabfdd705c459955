import type { ExportFormat, GrowthFormat } from './export-formats.js';

/** An action of the user that does more than change the display; its result is reported in SessionStatus.notice. */
export type UserAction =
  /** Sets the mark: growth counts from now on. Live the trace has it too, as an event with this text. */
  | { name: 'mark'; text?: string }
  /** Live: begins a recording, or ends the one that this action began. */
  | { name: 'record' }
  /** Writes the present ranking, by the selection, to a new file in the current directory. */
  | { name: 'export'; format: ExportFormat }
  /** The same for the changes since the mark. */
  | { name: 'export-growth'; format: GrowthFormat }
  /** Writes one call path with all its frames. */
  | { name: 'save-stack'; stackId: number }
  /** Live: takes a census of all pages; the objects of these slab caches are told apart. Not asked: says errors alone. */
  | { name: 'census'; caches: readonly string[]; isAsked?: boolean }
  /** Replay: continues by this many events. */
  | { name: 'step'; events: number };

/** Result of the last action. */
export interface Notice {
  /** Grows with each notice. */
  id: number;
  /** May hold file names: untrusted text. */
  text: string;
  failed: boolean;
}
