import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { unfreed } from '../../helpers/cli.js';
import { fullMark, livesPayload, markPayload } from '../../helpers/marks.js';
import { sampleRecording } from '../../helpers/recording-bytes.js';
import { scratch } from '../../helpers/scratch.js';
import { StreamBytes } from '../../helpers/stream-bytes.js';

const MARK = 14;
const LIVES = 15;
const LACK = 'the time line lacks what this kernel does not tell, or not all of it: reclaim';
const place = scratch();
let file = '';

beforeAll(() => {
  const kill = fullMark('oom-kill', { pid: 70, comm: 'asks', values: [71, 9, 8, 7], texts: ['eats'] });
  const stream = new StreamBytes()
    .host({ hostname: 'box', kernel: '6.18', startUnixMs: 1000, notes: [LACK] })
    .message(MARK, markPayload(3e9, fullMark('user', { pid: 0, comm: '', texts: ['deploy 42\x1b[2J'] })))
    .message(MARK, markPayload(2e9, kill))
    .message(MARK, markPayload(4e9, fullMark('shmdt', { pid: 72, comm: 'shm', values: [0x7000, -22] })))
    .message(LIVES, livesPayload(5e9, [{ timeNs: 1e9, what: 'exit', pid: 70 }], [0, 3]))
    .end(6e9, 1, '');
  file = place('marks.stream', stream.bytes());
});

async function lines(...args: string[]): Promise<string[]> {
  const { stdout, code } = await unfreed(['events', file, ...args]);
  expect(code).toBe(0);
  return stdout.trimEnd().split('\n').slice(1);
}

describe('unfreed events FILE', () => {
  it('prints the marks in the order of time, aligned, and what it lacks', async () => {
    const { stdout, stderr, code } = await unfreed(['events', file]);
    expect(stdout.split('\n')).toEqual([
      '     TIME(s)  EVENT               PID  COMMAND          WHAT',
      '    2.000000  oom-kill             70  asks             killed eats (71); 8 B anon, 7 B file',
      '    3.000000  user                  -  -                deploy 42␛[2J',
      '    4.000000  shmdt                72  shm              address 0x7000 = EINVAL',
      '',
    ]);
    expect(stderr).toBe(`unfreed: 3 events were lost: they came faster than they were read\nunfreed: ${LACK}\n`);
    expect(code).toBe(0);
  });

  it('filters by kind, process, name and time; who was killed counts too', async () => {
    expect(await lines('--kind', 'user,shmdt')).toHaveLength(2);
    expect(await lines('-p', '71')).toHaveLength(1);
    expect(await lines('-p', '70')).toHaveLength(1);
    expect(await lines('--comm', 'eats')).toHaveLength(1);
    expect(await lines('--from', '3s', '--to', '4s')).toEqual([expect.stringContaining('deploy 42')]);
  });

  it('is the same of a recording that was made of it', async () => {
    const copy = place('copy.unfreed');
    expect((await unfreed(['repair', file, '-o', copy])).code).toBe(0);
    expect((await unfreed(['events', copy])).stdout).toBe((await unfreed(['events', file])).stdout);
  });

  it('as JSON fits the schema, and says how many of each kind there were', async () => {
    const { stdout } = await unfreed(['events', file, '--json', '--kind', 'shmdt']);
    const json = JSON.parse(stdout) as { marks: unknown[] };
    const validate = new Ajv().compile(
      JSON.parse(readFileSync('src/export/events/events.schema.json', 'utf8')) as Record<string, unknown>,
    );
    validate(json);
    expect(validate.errors).toBe(null);
    expect(json).toMatchObject({
      machine: { hostname: 'box', kernel: '6.18' },
      startUnixMs: 1000,
      durationNs: 6e9,
      lost: 3,
      marks: [{ timeNs: 4e9, kind: 'shmdt', pid: 72, address: 0x7000, result: -22 }],
      counts: [
        { kind: 'user', count: 1, leftOut: 0 },
        { kind: 'oom-kill', count: 1, leftOut: 0 },
        { kind: 'shmdt', count: 1, leftOut: 0 },
      ],
    });
  });

  it('of a recording without any says so', async () => {
    const { stdout, stderr, code } = await unfreed(['events', place('plain.unfreed', sampleRecording())]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /tells of no events: it was made of another tool's text, with --no-marks, or by an older unfreed/,
    );
    expect(code).toBe(0);
  });

  it.each([
    [['--kind', 'oom'], /--kind cannot be 'oom'\. The kinds are user, oom-kill/],
    [['--pid', 'x'], /--pid cannot be 'x'/],
    [['--duration', '3s'], /--duration is for tracing this machine\n {2}Of a recording: --from and --to/],
    [['--watch-comm', ','], /--watch-comm cannot be ','\. Give up to 8 names/],
  ])('refuses %j', async (args, said) => {
    const { stderr, code } = await unfreed(['events', file, ...args]);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });

  it('names a file that is none', async () => {
    expect((await unfreed(['events', place('none')])).stderr).toMatch(/no such file/);
  });
});

it('unfreed info says how many of each kind there are', async () => {
  const { stdout } = await unfreed(['info', file]);
  expect(stdout).toMatch(/^happened {6}1 user, 1 oom-kill, 1 shmdt: unfreed events /m);
  const json = JSON.parse((await unfreed(['info', file, '--json'])).stdout) as { marks: unknown };
  expect(json.marks).toEqual(['user', 'oom-kill', 'shmdt'].map((kind) => ({ kind, count: 1 })));
});

describe('unfreed mark', () => {
  it('needs a text', async () => {
    const { stderr, code } = await unfreed(['mark', ' \n']);
    expect(stderr).toMatch(/a mark needs a text\n {2}unfreed mark "deploy 42"/);
    expect(code).toBe(2);
  });

  it('says which process takes none', async () => {
    const { stderr, code } = await unfreed(['mark', 'x', '--pid', '4194300']);
    expect(stderr).toMatch(/process 4194300 takes no marks|no trace of this user runs on this machine/);
    expect(code).toBe(1);
  });
});
