/** No export of an anonymised trace has a name that its events told. */
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { MARK_SHAPES } from '../../../src/event/marks/marks.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { Anonymiser } from '../../../src/recording/rewrite/anonymiser.js';
import { encodeReport } from '../../../src/session/encode-report.js';
import { EXPORT_FORMATS, type ExportFormat } from '../../../src/session/export-formats.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { fullMark, KINDS } from '../../helpers/marks.js';
import { batchOf, internPath } from '../../helpers/sample-trace.js';

const SECRET = /secret/i;

/** A trace that holds memory, with an event of every kind, each text of which is a secret but for names of modules. */
function tell(sink: TraceSink, dictionary: TraceDictionary): void {
  sink.fact({ type: 'host', facts: { ...unknownHost(), collector: 'bpf', startUnixMs: 1 } });
  for (const [at, kind] of KINDS.entries()) {
    const texts = MARK_SHAPES[kind].texts.map((name) => (name === 'module' ? 'nf_tables' : `/secret/${name}-${at}`));
    sink.fact({ type: 'mark', timeNs: 1e9 + at, mark: fullMark(kind, { comm: `secret-${at}`, texts }) });
  }
  const stack = internPath(dictionary, [1n]);
  sink.events(batchOf([[2e9, 1, 1, 64, 4096, 4096, stack, 1, dictionary.comms.intern('secret-app'), 0]]));
  sink.fact({ type: 'clock', timeNs: 3e9 });
}

function exported(format: ExportFormat, isAnonymous: boolean): string {
  const dictionary = new TraceDictionary();
  const anonymiser = new Anonymiser(dictionary, { keep: new Set() });
  const pipeline = new Pipeline('recording', { dictionary: isAnonymous ? anonymiser.dictionary : dictionary });
  if (isAnonymous) anonymiser.connect(pipeline);
  tell(isAnonymous ? anonymiser : pipeline, dictionary);
  const report = pipeline.report(defaultSelection(10));
  expect(report.marks).toHaveLength(KINDS.length);
  const pieces: string[] = [];
  for (const piece of encodeReport(format, report, pipeline)) {
    pieces.push(typeof piece === 'string' ? piece : gunzipSync(piece).toString('latin1'));
  }
  return pieces.join('');
}

it.each(EXPORT_FORMATS)('%s has no name of an event, and had them before', (format) => {
  expect(exported(format, true)).not.toMatch(SECRET);
  if (format !== 'folded' && format !== 'speedscope' && format !== 'svg') {
    expect(exported(format, false)).toMatch(SECRET);
  }
});
