/** What a mark tells, by name: as JSON has it. Names are added, never renamed. */
import { COMPACTION_RESULTS, MARK_SHAPES, type Mark, markText, markValue, OOM_SCOPES } from './marks.js';

export type MarkField = number | string | boolean | null;

/** The process and what the mark's kind tells; null = not known. Texts are untrusted. */
export function markFields(mark: Mark): Record<string, MarkField> {
  const { values, texts } = MARK_SHAPES[mark.kind];
  return {
    pid: mark.pid === 0 ? null : mark.pid,
    comm: mark.comm === '' ? null : mark.comm,
    ...Object.fromEntries(values.map((name) => [name, valueField(mark, name)])),
    ...Object.fromEntries(texts.map((name) => [name, markText(mark, name) === '' ? null : markText(mark, name)])),
  };
}

function valueField(mark: Mark, name: string): MarkField {
  const value = markValue(mark, name);
  if (name === 'scope') return OOM_SCOPES[value ?? 0] ?? 'unknown';
  if (name === 'wasExiting') return value === null ? null : value === 1;
  if (name === 'result' && mark.kind === 'compaction') return COMPACTION_RESULTS[value ?? -1] ?? null;
  // Order and flags of a stall that stands for several are not one number.
  return (name === 'order' || name === 'gfpFlags') && value !== null && value < 0 ? null : value;
}
