import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { KeyParser, readKeys } from '../../../src/view/terminal/terminal-input.js';
import { sleep } from '../../helpers/terminal.js';

function keysOf(...chunks: (string | Uint8Array)[]): string[] {
  const parser = new KeyParser();
  return chunks.flatMap((chunk) => parser.push(Buffer.from(chunk as string))).map((key) => key.name);
}

const SEQUENCES: readonly [bytes: string, keys: string[]][] = [
  ['jjj', ['j', 'j', 'j']],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
  ['\x1bOA\x1bOH\x1bOF\x1bOP', ['up', 'home', 'end', 'f1']],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[5~\x1b[6~', ['home', 'end', 'home', 'end', 'pageup', 'pagedown']],
  ['\x1b[1;5A\x1b[1;2B\x1b[5;3~', ['ctrl-up', 'shift-down', 'alt-pageup']],
  ['\x1b[11~\x1b[15~\x1b[24~\x1b[[A', ['f1', 'f5', 'f12', 'f1']],
  ['\r\n\t\x7f\x08', ['enter', 'enter', 'tab', 'backspace', 'backspace']],
  ['\x03\x1a\x15', ['ctrl-c', 'ctrl-z', 'ctrl-u']],
  ['\x1bx\x1b\x1b[A', ['alt-x', 'escape', 'up']],
  // SGR mouse, X10 mouse, focus, replies of the terminal, window title, kitty keyboard.
  ['a\x1b[<0;10;5M\x1b[<0;10;5mb', ['a', 'b']],
  ['a\x1b[M !!b', ['a', 'b']],
  ['a\x1b[I\x1b[Ob\x1b[?62;4c\x1b[24;80Rc', ['a', 'b', 'c']],
  ['a\x1b]11;rgb:0000/0000/0000\x07b\x1bP1$r0m\x1b\\c', ['a', 'b', 'c']],
  ['\x1b[200~q\x1b[A\r\x03\x1b[201~x', ['paste', 'x']],
  ['é日🔥', ['é', '日', '🔥']],
  ['\x80\x9b'.normalize(), []],
];

describe('keys', () => {
  test.each(SEQUENCES)('%j', (bytes, keys) => {
    expect(keysOf(bytes)).toEqual(keys);
  });

  test.each(SEQUENCES)('%j cut at every byte gives the same keys', (bytes, keys) => {
    const all = Buffer.from(bytes);
    for (let cut = 0; cut <= all.length; cut++) expect(keysOf(all.subarray(0, cut), all.subarray(cut))).toEqual(keys);
    expect(keysOf(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(keys);
  });

  test('the text of a paste comes whole and does nothing by itself', () => {
    const keys = new KeyParser().push(Buffer.from('\x1b[200~pipe_write q\x1b[201~'));
    expect(keys).toEqual([{ name: 'paste', text: 'pipe_write q' }]);
  });

  test('a sequence that is broken off does not leak as text', () => {
    expect(keysOf('\x1b[1;\x1b[A')).toEqual(['up']);
    expect(keysOf('\x1b[1;\u00e9')).toEqual(['é']);
  });

  test('a string that never ends does not hang the keys', () => {
    expect(keysOf(`\x1b]0;${'x'.repeat(70_000)}`, 'q')).toEqual(['q']);
    expect(keysOf(`\x1b[200~${'x'.repeat(70_000)}`, 'q')).toEqual(['paste', 'q']);
  });
});

describe('a lone escape', () => {
  test('is the escape key when nothing follows in time', async () => {
    const input = new EventEmitter();
    const names: string[] = [];
    const stdin = Object.assign(input, { resume: () => input, pause: () => input });
    const stop = readKeys(
      stdin,
      (key) => names.push(key.name),
      () => names.push('(end)'),
    );
    input.emit('data', '\x1b');
    expect(names).toEqual([]);
    await sleep(45);
    expect(names).toEqual(['escape']);
    input.emit('data', '\x1b');
    input.emit('data', '[A');
    await sleep(45);
    expect(names).toEqual(['escape', 'up']);
    input.emit('end');
    expect(names).toEqual(['escape', 'up', '(end)']);
    stop();
    input.emit('data', 'q');
    expect(names).toHaveLength(3);
  });

  test('half a sequence is given up without a key', () => {
    const parser = new KeyParser();
    expect(parser.push(Buffer.from('\x1b[1;'))).toEqual([]);
    expect(parser.pendingMs()).toBe(500);
    expect(parser.flush()).toEqual([]);
    expect(parser.pendingMs()).toBeNull();
    expect(parser.push(Buffer.from('j')).map((key) => key.name)).toEqual(['j']);
  });
});
