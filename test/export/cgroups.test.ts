/** The cgroup of a row in every format, with names that come from the traced machine. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import protobuf from 'protobufjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCsv } from '../../src/export/csv.js';
import { encodeHtml } from '../../src/export/html.js';
import { encodeJson } from '../../src/export/json.js';
import { encodeMarkdown } from '../../src/export/markdown.js';
import { encodePprof } from '../../src/export/pprof.js';
import { parseReport } from '../../src/export/report-json.js';
import { encodeText } from '../../src/export/text.js';
import type { Report } from '../../src/rank/report/report.js';
import { exportOrigins } from '../helpers/export-origins.js';
import { exportReport } from '../helpers/export-report.js';

const ID = '3f2a9c0b1d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde';
const HOSTILE = '/ci/=cmd|"/C calc"\u001b[2J</script>\u202e```';

/** The first row is nearly all in one container, the second in two cgroups. */
function reportWithCgroups(): Report {
  const report = exportReport();
  const [first, second] = report.stacks;
  const [comm] = first.comms;
  first.cgroups = [
    {
      cgroup: `/docker/${ID}`,
      name: 'docker 3f2a9c0b1d2e',
      removed: false,
      bytes: first.bytes - 4096,
      count: first.count - 1,
      comms: [{ ...comm, bytes: comm.bytes - 4096, count: comm.count - 1 }, ...first.comms.slice(1)],
    },
    {
      cgroup: HOSTILE,
      name: HOSTILE,
      removed: true,
      bytes: 4096,
      count: 1,
      comms: [{ ...comm, bytes: 4096, count: 1 }],
    },
  ];
  second.cgroups = ['/a', '/b'].map((cgroup) => ({
    cgroup,
    name: cgroup,
    removed: false,
    bytes: second.bytes / 2,
    count: second.count / 2,
    comms: second.comms.map(({ comm: name, bytes, count }) => ({ comm: name, bytes: bytes / 2, count: count / 2 })),
  }));
  return report;
}

describe('cgroups', () => {
  let report: Report;
  beforeAll(() => {
    report = reportWithCgroups();
  });

  it('are in JSON as its schema says, and are read back', () => {
    const schema = readFileSync(new URL('../../src/export/report.schema.json', import.meta.url), 'utf8');
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(schema) as object);
    const text = encodeJson(report);
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(parseReport(text).ok?.stacks[0].cgroups).toEqual(report.stacks[0].cgroups);
    const wrong = text.replace('"removed": true', '"removed": 1');
    expect(parseReport(wrong).ok?.stacks[0].cgroups).toEqual(wrong === text ? 'unchanged' : []);
    // A report of an earlier version has none.
    const old = JSON.parse(text) as { stacks: { cgroups?: unknown }[]; selection: { cgroup?: unknown } };
    for (const stack of old.stacks) delete stack.cgroups;
    delete old.selection.cgroup;
    const read = parseReport(JSON.stringify(old)).ok;
    expect([read?.stacks[0].cgroups, read?.selection.cgroup]).toEqual([[], null]);
  });

  it('are a column of CSV, which no spreadsheet runs', () => {
    const [head, first, second] = encodeCsv(report).split('\r\n');
    expect(head).toContain(',cgroup,');
    expect(first).toContain(`,/docker/${ID},`);
    expect(second).toContain(',/a,');
    report.stacks[0].cgroups.reverse();
    expect(encodeCsv(report).split('\r\n')[1]).toMatch(/,"\/ci\/=cmd\|""\/C calc""[^\u001b\u202e]*",/);
    report.stacks[0].cgroups.reverse();
  });

  it('are labels of pprof, and the sums stay those of the report', () => {
    const samples = samplesOf(report);
    expect(sumOf(samples)).toEqual(sumOf(samplesOf(exportReport())));
    const inDocker = samples.filter(({ cgroup }) => cgroup === `/docker/${ID}`);
    expect(inDocker.map(({ comm, value }) => [comm, value[3]])[0]).toEqual(['hold-pipes', 4_194_304 - 4096]);
    expect(samples.filter(({ cgroup }) => cgroup === '/a').reduce((sum, { value }) => sum + value[3], 0)).toBe(524_288);
    expect(samples.some(({ cgroup }) => cgroup?.includes('\u001b') === true)).toBe(false);
  });

  it('are named beside who holds it: the one that has nearly all', () => {
    const plain = encodeText(report, { columns: 100, frames: false });
    expect(plain).toContain('in docker 3f2a9c0b1d2e');
    expect(plain).not.toContain('in /a');
    const markdown = encodeMarkdown(report);
    expect(markdown).toContain('in docker 3f2a9c0b1d2e 6.00 MiB, /ci/=cmd');
    expect(markdown).toContain('in /a 512 KiB, /b 512 KiB');
    const html = encodeHtml(report, exportOrigins(report));
    expect(html).toContain(`<span class="dim" title="/docker/${ID}">docker 3f2a9c0b1d2e</span>`);
    for (const text of [plain, markdown, html]) expect(text).not.toMatch(/[\u001b\u202e]/);
  });
});

interface Sample {
  comm: string | undefined;
  cgroup: string | undefined;
  value: number[];
}

const Profile = protobuf
  .loadSync(new URL('../../src/export/profile.proto', import.meta.url).pathname)
  .lookupType('perftools.profiles.Profile');

function samplesOf(report: Report): Sample[] {
  const profile = Profile.toObject(Profile.decode(encodePprof(report)), { longs: Number, arrays: true }) as {
    sample: { value: number[]; label: { key: number; str: number }[] }[];
    stringTable: string[];
  };
  return profile.sample.map(({ value, label }) => {
    const of = new Map(label.map(({ key, str }) => [profile.stringTable[key], profile.stringTable[str]]));
    return { comm: of.get('comm'), cgroup: of.get('cgroup'), value };
  });
}

/** Sums of the four values over all samples. */
function sumOf(samples: readonly Sample[]): number[] {
  return [0, 1, 2, 3].map((column) => samples.reduce((sum, { value }) => sum + value[column], 0));
}
