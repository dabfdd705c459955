/** Every export stays well-formed with any name of a process, function, cache, module or machine. */
import { fail } from 'node:assert';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { encodeCsv } from '../../src/export/csv.js';
import { encodeFirefox } from '../../src/export/firefox/firefox.js';
import { encodeFolded } from '../../src/export/folded.js';
import { encodeHtml } from '../../src/export/html.js';
import { encodeMarkdown } from '../../src/export/markdown.js';
import { encodePprof } from '../../src/export/pprof.js';
import { encodeSpeedscope } from '../../src/export/speedscope.js';
import { encodeSvg } from '../../src/export/svg.js';
import type { Report } from '../../src/rank/report/report.js';
import { rowNames } from '../../src/rank/report/row-names.js';
import { emptyThing } from '../../src/things/thing.js';
import { exportOrigins } from '../helpers/export-origins.js';
import { exportReport } from '../helpers/export-report.js';
import { outsideFences } from '../helpers/markdown.js';
import { elementsOf } from '../helpers/well-formed.js';

const PROTO = new URL('../../src/export/profile.proto', import.meta.url).pathname;
const Profile = protobuf.loadSync(PROTO).lookupType('perftools.profiles.Profile');

/**
 * Characters that end, begin or escape something in one of the formats, mixed with any others, lone
 * surrogates too.
 */
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('<>&"\'`;,|=+-@[]{}()*\\ \t\r\n\0\u001b\u007f\u009b\u202e\u2028\ufffe')),
      fc.constantFrom('\ud800', '\udfff'),
      fc.constantFrom('</script', '<!--', '-->', ']]>', '```', '&#', '\r\n', '</svg>', '${x}'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function named(names: string[]): Report {
  const [symbol, module, comm, cache, host, note] = names;
  const report = exportReport();
  const [first, slab] = report.stacks;
  Object.assign(first.frames[3], { symbol, module });
  Object.assign(first.comms[0], { comm });
  slab.caches = [cache, comm];
  slab.note = note;
  Object.assign(report.source, { hostname: host, kernel: note, arch: cache, collector: comm, notes: [note, symbol] });
  Object.assign(first, { noun: symbol, holder: { kind: 'process', name: comm, pid: null, more: 2 } });
  Object.assign(first, { verdictReason: note, watched: module });
  const file = { ...emptyThing('file'), path: symbol, mount: module, fs: comm, source: cache };
  const things = [{ thing: file, different: 1, count: 1, bytes: 4096 }];
  const looked = { stackId: 1, allocator: 0, looked: 2, lookedBytes: 8192, known: 1, knownBytes: 4096, timeNs: 0 };
  first.names = rowNames({ ...looked, things });
  report.conclusions = [{ kind: 'once', text: note, detail: symbol, stackId: null, next: comm }];
  if (report.memory !== null) report.memory.parts[0].name = host;
  Object.assign(report.limits?.gauges[0] ?? {}, { of: comm, unit: note });
  Object.assign(report.limits?.gauges[1] ?? {}, { holder: cache });
  Object.assign(report.marks[0], { what: symbol, who: comm, howMuch: note });
  Object.assign(report.marks[2].fields, { victimComm: comm, limitedCgroup: module });
  report.losses[0].cause = cache;
  report.selection.grep = symbol;
  return report;
}

const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\ud800-\udfff]/u;
const UTF8 = new TextDecoder('utf-8', { fatal: true });
const lineCount = (text: string): number => text.split('\n').length;
const plain = exportReport();

test('no name changes the shape of an export, or gets a control character into it', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 6, maxLength: 6 }), (names) => {
      const report = named(names);
      const svg = encodeSvg(report);
      expect(elementsOf(svg)).toEqual(elementsOf(encodeSvg(named(['s', 'm', 'c', 'x', 'h', 'n']))));
      const html = encodeHtml(report, exportOrigins(report));
      expect(html.match(/<\/?script/gi)).toHaveLength(4);
      expect(html.match(/<!--/g)).toBeNull();
      const markdown = encodeMarkdown(report);
      expect(outsideFences(markdown)).toEqual(outsideFences(encodeMarkdown(named(['s', 'm', 'c', 'x', 'h', 'n']))));
      const folded = encodeFolded(report);
      expect(lineCount(folded)).toBe(lineCount(encodeFolded(plain)));
      for (const line of folded.trimEnd().split('\n')) expect(line).toMatch(/ \d+$/);
      const csv = encodeCsv(report);
      expect(csv.split('\r\n')).toHaveLength(plain.stacks.length + 2);
      expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      JSON.parse(encodeSpeedscope(report));
      JSON.parse(encodeFirefox(report));
      for (const text of [svg, html, markdown, folded, csv.replaceAll('\r\n', '\n')])
        if (CONTROLS.test(text)) fail(CONTROLS.exec(text)?.[0]);
      for (const part of stringsOf(report)) expect(CONTROLS.test(UTF8.decode(part))).toBe(false);
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
});

/** The string table as bytes, because reflection would repair invalid UTF-8. */
function stringsOf(report: Report): Uint8Array[] {
  const bytes = encodePprof(report);
  Profile.decode(bytes);
  const reader = protobuf.Reader.create(bytes);
  const strings: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 6) strings.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return strings;
}
