/** The names of merged slab caches in a recording: kept, and passed over by a reader that does not know them. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { unknownHost } from '../../src/event/host-facts.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { unfreed } from '../../src/recording/format/generated/schema.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { chunkBytes, readRecording, recordingOf } from '../helpers/recording-bytes.js';
import { joined } from '../helpers/stream-bytes.js';

const SCHEMA = readFileSync(new URL('../../src/recording/format/schema.proto', import.meta.url), 'utf8');
const FIELD = '  repeated MergedCache merged_caches = 29;\n';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The schema with another text in the place of the field. */
function chunkType(field: string): protobuf.Type {
  expect(SCHEMA).toContain(FIELD);
  return protobuf.parse(SCHEMA.replace(FIELD, field)).root.lookupType('unfreed.Chunk');
}

function hostOf(bytes: Uint8Array): unknown {
  const { log, reader } = readRecording(bytes);
  expect(reader.damageCount).toBe(0);
  return log.calls.find((call) => call.call === 'host');
}

it('keeps each name, in its group and in its order', () => {
  const mergedCaches = [
    ['UNIX', 'UNIX-STREAM', 'signal_cache'],
    ['b\n\x1b[31m', 'größe'],
  ];
  const pieces: Uint8Array[] = [];
  const writer = new RecordingWriter(new TraceDictionary(), (bytes) => pieces.push(bytes));
  writer.fact({ type: 'host', facts: { ...unknownHost(), hostname: 'box', mergedCaches, heldBy: 'allocinfo' } });
  writer.flush();
  expect(hostOf(joined(pieces))).toMatchObject({ facts: { hostname: 'box', mergedCaches, heldBy: 'allocinfo' } });
});

it('is read by a reader of before, which passes over them', () => {
  const names = ['UNIX', 'signal_cache'].map(utf8);
  const items = [{ host: { hostname: utf8('box'), cpus: 2, mergedCaches: [{ names }] } }];
  const chunk = chunkType('').decode(unfreed.Chunk.encode({ items }).finish());
  const hostname = Buffer.from('box').toString('base64');
  expect(chunk.toJSON()).toEqual({ items: [{ host: { hostname, cpus: 2 } }] });
});

it('of a newer writer is read without what is not known yet', () => {
  const later = chunkType(`${FIELD}  repeated MergedCache something_new = 99;\n`);
  const names = ['UNIX', 'signal_cache'].map(utf8);
  const host = { hostname: utf8('box'), mergedCaches: [{ names }], somethingNew: [{ names }] };
  const payload = later.encode(later.create({ items: [{ host }] })).finish();
  expect(hostOf(recordingOf(chunkBytes(payload)))).toMatchObject({
    facts: { hostname: 'box', mergedCaches: [['UNIX', 'signal_cache']] },
  });
});
