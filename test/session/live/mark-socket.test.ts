import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  MARK_TEXT_LENGTH,
  MarkSocket,
  markReceivers,
  markText,
  sendMark,
} from '../../../src/session/live/mark-socket.js';

let root = '';
let directory = '';
const taken: string[] = [];
const take = (text: string): number => taken.push(text) * 1e9;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unfreed-mark-'));
  directory = join(root, 'unfreed');
  taken.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function opened(): Promise<MarkSocket> {
  const socket = await MarkSocket.open(take, [directory]);
  if (socket === null) throw new Error('no socket');
  return socket;
}

it('takes marks, one after another, and answers with their time', async () => {
  const socket = await opened();
  const [receiver] = await markReceivers([directory]);
  expect(receiver.pid).toBe(process.pid);
  expect(await sendMark(receiver, 'deploy 42')).toBe('1.000000');
  expect(await sendMark(receiver, 'ünïcödé 🚀')).toBe('2.000000');
  expect(taken).toEqual(['deploy 42', 'ünïcödé 🚀']);
  socket.close();
  expect(existsSync(socket.path)).toBe(false);
  expect(await markReceivers([directory])).toEqual([]);
  expect(await sendMark(receiver, 'too late')).toBe(null);
});

it('lies where nobody else can enter', async () => {
  const socket = await opened();
  expect(lstatSync(directory).mode & 0o777).toBe(0o700);
  expect(lstatSync(socket.path).mode & 0o777).toBe(0o600);
  socket.close();
});

it.each([
  [
    'open to others',
    () => {
      mkdirSync(directory);
      chmodSync(directory, 0o755);
    },
  ],
  [
    'a link to somewhere',
    () => {
      mkdirSync(join(root, 'there'), { mode: 0o700 });
      symlinkSync(join(root, 'there'), directory);
    },
  ],
  ['a file', () => writeFileSync(directory, '')],
  [
    'in a folder that is not there',
    () => {
      directory = join(root, 'none/unfreed');
    },
  ],
])('uses no directory that is %s, and the next one instead', async (_, make) => {
  make();
  expect(await MarkSocket.open(take, [directory])).toBe(null);
  const next = join(root, 'next');
  const socket = await MarkSocket.open(take, [directory, next]);
  expect(socket?.path.startsWith(next)).toBe(true);
  socket?.close();
  expect(await markReceivers([directory])).toEqual([]);
});

it('a socket that a killed trace left behind is removed by who finds it', async () => {
  mkdirSync(directory, { mode: 0o700 });
  const dead = join(directory, 'mark-123.sock');
  writeFileSync(dead, '');
  writeFileSync(join(directory, 'notes.txt'), '');
  const socket = await opened();
  expect((await markReceivers([directory])).map(({ pid }) => pid)).toEqual([process.pid]);
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(join(directory, 'notes.txt'))).toBe(true);
  socket.close();
});

it('a text is one line of what is drawn, within its length', () => {
  expect(markText('  a\x1b[2Jb\n\u202ec  ')).toBe('a [2Jb c');
  expect(markText('x'.repeat(1000))).toHaveLength(MARK_TEXT_LENGTH);
  expect(markText('\x00\x07')).toBe('');
});

it('who sends nothing, half a line or megabytes does no harm', async () => {
  const socket = await opened();
  for (const bytes of ['', 'no line end', 'y'.repeat(3 << 20), '\n', '\xff\xfe\n']) {
    await new Promise((resolve) => {
      const client = connect(socket.path, () => client.end(bytes));
      client.on('error', resolve).on('close', resolve).resume();
    });
  }
  const [receiver] = await markReceivers([directory]);
  expect(await sendMark(receiver, 'still here')).not.toBe(null);
  expect(taken.at(-1)).toBe('still here');
  for (const text of taken) expect(text.length).toBeLessThanOrEqual(MARK_TEXT_LENGTH);
  socket.close();
});
