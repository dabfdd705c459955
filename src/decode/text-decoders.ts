import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import type { TextDecoderOptions, TextTraceDecoder } from './text/text-decoder.js';
import { FtraceTextDecoder } from './text/tools/ftrace-text.js';
import { PerfScriptDecoder } from './text/tools/perf-script.js';

/** The formats of recognise() that are other tools' text. */
export type TextFormat = 'perf-script' | 'ftrace' | 'trace-cmd';

/** Returns a decoder for a format. */
export function createTextDecoder(
  format: TextFormat,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: TextDecoderOptions,
): TextTraceDecoder {
  if (format === 'perf-script') return new PerfScriptDecoder(sink, dictionary, options);
  return new FtraceTextDecoder(sink, dictionary, { ...options, collector: format });
}
