/**
 * UserActions: carries out the user's actions on the screen: marks, recordings, files. It runs beside the pipeline in the
 * worker. Files go to the current directory under new names; none is ever overwritten. An error becomes a notice and
 * changes nothing else.
 */

import { UserError } from '../../base/errors.js';
import { formatBytes, formatClock, formatCount } from '../../base/format.js';
import type { Pieces } from '../../base/pieces.js';
import { type Mark, sinceMark, takeMark } from '../../rank/breakdown/since-mark.js';
import type { Selection } from '../../rank/report/selection.js';
import { NewFile } from '../../recording/output/new-file.js';
import { cannotWrite } from '../../recording/output/output-path.js';
import type { Driver } from '../driver.js';
import { type ExportFormat, type GrowthFormat, suffixOf } from '../export-formats.js';
import { LateRecording } from '../live/late-recording.js';
import { markText } from '../live/mark-socket.js';
import type { ActionStatus } from '../trace-session.js';
import type { Notice, UserAction } from '../user-action.js';
import { CensusAction } from './census-action.js';
import { unusedFileName } from './unused-file-name.js';

/** At most this many file names are kept, to be printed after the screen has closed. */
const SAVED_LIMIT = 20;

export class UserActions {
  mark: Mark | null = null;
  /** Grows with every notice. */
  changes = 0;
  private readonly driver: Driver;
  private readonly isLive: boolean;
  private readonly now: () => number;
  private notice: Notice | null = null;
  private recording: LateRecording | null = null;
  private readonly saved: string[] = [];
  private readonly census: CensusAction;

  constructor(driver: Driver, isLive: boolean, now: () => number = Date.now) {
    this.driver = driver;
    this.isLive = isLive;
    this.now = now;
    this.census = new CensusAction(driver, (text, failed) => this.say(text, failed));
  }

  /** Carries out an action. The driver must not be seeking. Resolves when it is done, or a census begun; never rejects. */
  async obey(action: UserAction, selection: Selection): Promise<void> {
    try {
      switch (action.name) {
        case 'mark':
          this.takeMark(action.text);
          break;
        case 'record':
          this.toggleRecording();
          break;
        case 'export':
          await this.export(action.format, selection);
          break;
        case 'export-growth':
          await this.exportGrowth(action.format, selection);
          break;
        case 'save-stack':
          await this.saveStack(action.stackId, selection);
          break;
        case 'census':
          this.census.start(action.caches, action);
          break;
        case 'step':
          this.driver.step(action.events);
          break;
      }
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), true);
    }
  }

  status(): ActionStatus {
    const { recording, notice, saved, mark } = this;
    return {
      notice,
      saved: [...saved],
      markNs: mark?.timeNs ?? null,
      lateRecording:
        recording === null ? null : { path: recording.path, bytes: recording.bytes, sinceNs: recording.sinceNs },
    };
  }

  /** Ends the recording that was begun on the screen, if any, with a notice. */
  finish(): void {
    const { recording } = this;
    if (recording === null) return;
    this.recording = null;
    const whole = recording.finish();
    if (whole) this.say(`recorded ${formatBytes(recording.bytes)} to ${recording.path}`, false);
  }

  /** Ends a census that is being taken, if any. */
  stopCensus(): void {
    this.census.stop();
  }

  private takeMark(text = ''): void {
    const { pipeline } = this.driver;
    this.mark = takeMark(pipeline.core);
    const told = markText(text);
    // So that a recording has it too.
    if (this.isLive && pipeline.ended === null) pipeline.mark(told === '' ? 'm' : told, this.now());
    const named = told === '' ? '' : ` "${told}"`;
    this.say(`marked${named} at ${formatClock(this.mark.timeNs)}: Diff shows what grows from here on`, false);
  }

  private toggleRecording(): void {
    const { recording, driver } = this;
    if (!this.isLive) throw new UserError('a replay is not recorded: it is one');
    if (recording !== null) {
      this.finish();
      return;
    }
    const { pipeline } = driver;
    if (pipeline.ended !== null) throw new UserError('the trace has ended: there is nothing to record');
    const path = unusedFileName(pipeline.facts.hostname, this.now(), '.unfreed');
    this.recording = new LateRecording(pipeline, path, (error) => {
      this.recording = null;
      this.say(error.message, true);
    });
    this.remember(path);
    this.say(`recording to ${path}; it begins here`, false);
  }

  private async export(format: ExportFormat, selection: Selection): Promise<void> {
    const { defaultPaths, encodeReport, exportSelection } = await import('../encode-report.js');
    const { pipeline } = this.driver;
    const report = pipeline.report(exportSelection(format, { ...selection, limit: defaultPaths(format) }));
    const path = this.write(suffixOf(format), encodeReport(format, report, pipeline));
    const { length } = report.stacks;
    const of = report.matching.rows > length ? ` of ${formatCount(report.matching.rows)}` : '';
    const rows = report.selection.group === 'stack' ? 'call paths' : 'rows';
    this.say(`wrote ${formatCount(length)}${of} ${rows} as ${format} to ${path}`, false);
  }

  private async exportGrowth(format: GrowthFormat, selection: Selection): Promise<void> {
    const { mark } = this;
    if (mark === null) throw new UserError('no mark yet: m sets one');
    const { defaultPaths, encodeGrowth } = await import('../encode-report.js');
    const { pipeline } = this.driver;
    const limit = defaultPaths(format);
    const since = sinceMark(pipeline, { ...selection, limit }, mark);
    const path = this.write(suffixOf(format), [
      encodeGrowth(format, since, pipeline.report({ ...selection, limit: 0 })),
    ]);
    const all = Object.values(since.changed).reduce((sum, count) => sum + count, 0);
    const of = all > since.paths.length ? ` of ${formatCount(all)}` : '';
    this.say(`wrote ${formatCount(since.paths.length)}${of} changed call paths as ${format} to ${path}`, false);
  }

  private async saveStack(stackId: number, selection: Selection): Promise<void> {
    const { encodeText } = await import('../../export/text.js');
    const { pipeline } = this.driver;
    const detail = pipeline.detail(selection, stackId);
    if (detail === null) throw new UserError('this call path holds nothing any more');
    const { stack } = detail;
    const matching = { stacks: 1, rows: 1, bytes: stack.bytes, count: stack.count };
    const report = { ...pipeline.report({ ...selection, limit: 0 }), matching, stacks: [stack] };
    const path = this.write('.txt', [encodeText(report, { columns: 10_000, frames: true })]);
    this.say(`wrote the call path to ${path}`, false);
  }

  /** Writes a new file and returns its name. Throws a UserError when it cannot be written. */
  private write(ending: string, pieces: Pieces): string {
    const path = unusedFileName(this.driver.pipeline.facts.hostname, this.now(), ending);
    // Half an export is useless, so it gets its name when it is whole.
    const file = NewFile.makeBeside(path);
    try {
      for (const piece of pieces) file.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
      file.placeNew();
      file.close();
    } catch (error) {
      file.discard();
      throw cannotWrite(path, error);
    }
    this.remember(path);
    return path;
  }

  private remember(path: string): void {
    this.saved.push(path);
    if (this.saved.length > SAVED_LIMIT) this.saved.shift();
  }

  private say(text: string, failed: boolean): void {
    this.notice = { id: (this.notice?.id ?? 0) + 1, text, failed };
    this.changes++;
  }
}
