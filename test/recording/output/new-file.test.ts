import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { NewFile } from '../../../src/recording/output/new-file.js';
import { writeStream } from '../../../src/recording/output/open-stream.js';
import { cannotWrite, outputPlace } from '../../../src/recording/output/output-path.js';
import { scratch } from '../../helpers/scratch.js';

const place = scratch();

function refusal(path: string): UserError {
  try {
    outputPlace(path);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made`), { code });
}

describe('outputPlace', () => {
  it('knows what is at a name without touching it', () => {
    execFileSync('mkfifo', [place('pipe')]);
    expect(outputPlace(place('nothing'))).toBe('nothing');
    expect(outputPlace(place('file', 'x'))).toBe('file');
    expect(outputPlace(place('pipe'))).toBe('stream');
    expect(outputPlace('/dev/null')).toBe('stream');
    expect(outputPlace('/dev/stdout')).toBe('stream');
    expect(outputPlace('/dev/fd/1')).toBe('stream');
  });

  it('refuses folders, sockets and links, and says what a link leads to', async () => {
    mkdirSync(place('folder'));
    expect(refusal(place('folder')).message).toContain('is a folder');
    expect(refusal(place('file/below')).message).toContain('part of its path is not a directory');
    expect(refusal('/proc/self/x').message).toContain('cannot write /proc/self/x');
    expect(refusal(place('no/such/folder')).message).toContain('no such file or directory');
    expect(refusal(place('x'.repeat(300))).message).toContain('the name is too long');
    place('target', 'precious');
    symlinkSync('target', place('link'));
    symlinkSync('nowhere', place('dangling'));
    symlinkSync('/dev/null', place('device'));
    for (const name of ['link', 'dangling', 'device']) {
      expect(refusal(place(name)).message).toContain('is a symbolic link, which is not followed');
    }
    expect(refusal(place('link')).nextSteps.join()).toContain('leads to: target');
    const server = createServer().listen(place('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(refusal(place('socket')).message).toContain('is a socket');
    server.close();
  });
});

describe('NewFile', () => {
  it('replaces a file that others may read by one that only its owner may, when it is whole', () => {
    const path = place('old.json', 'old');
    chmodSync(path, 0o644);
    linkSync(path, place('other-name'));
    const file = NewFile.makeBeside(path);
    file.write(Buffer.from('new'));
    expect(readFileSync(path, 'utf8')).toBe('old');
    file.sync();
    file.place();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(place('other-name'), 'utf8')).toBe('old');
  });

  it('leaves nothing when it is discarded, and what was there as it was', () => {
    const path = place('kept.json', 'old');
    const before = readdirSync(dirname(path));
    const file = NewFile.makeBeside(path);
    file.write(Buffer.from('half'));
    file.discard();
    file.discard();
    expect(readdirSync(dirname(path))).toEqual(before);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('never deletes a file that took the name of one it has discarded', () => {
    const path = place('reused');
    const file = NewFile.make(path);
    file.discard();
    place('reused', 'of somebody else');
    file.discard();
    expect(readFileSync(path, 'utf8')).toBe('of somebody else');
  });

  it('does not take the place of a file that came meanwhile, unless it may', () => {
    const path = place('raced');
    const file = NewFile.makeBeside(path);
    place('raced', 'first');
    expect(() => file.placeNew()).toThrow('EEXIST');
    file.discard();
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('takes names of any length and bytes that a file system takes', () => {
    for (const name of ['n'.repeat(255), '名'.repeat(85), '-f', ' ', 'a\nb']) {
      const file = NewFile.makeBeside(place(name));
      file.place();
      file.close();
      expect(lstatSync(place(name)).isFile()).toBe(true);
    }
  });
});

describe('writeStream', () => {
  it('writes to a pipe that is read, however slowly', async () => {
    const pipe = place('slow-pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = import('node:child_process').then(({ execFile }) => {
      return new Promise<string>((resolve, reject) => {
        execFile('sh', ['-c', `sleep 0.3; wc -c < '${pipe}'`], (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        );
      });
    });
    await writeStream(pipe, ['a'.repeat(300_000), Buffer.alloc(300_000)]);
    expect((await reader).trim()).toBe('600000');
  });

  it('does not wait for ever for a pipe that nobody reads', async () => {
    const pipe = place('lonely-pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(writeStream(pipe, ['x'], 100)).rejects.toThrow(`cannot write ${pipe}: it has no reader`);
  });

  it('says that a device is full', async () => {
    await expect(writeStream('/dev/full', ['x'])).rejects.toThrow(
      'cannot write /dev/full: no space left on the device',
    );
  });
});

it.each([
  ['ENOSPC', 'no space left', 'make room'],
  ['EDQUOT', 'quota', 'make room'],
  ['EFBIG', 'ulimit -f', 'ulimit -f unlimited'],
  ['EMFILE', 'ulimit -n', 'ulimit -n 1024'],
  ['EROFS', 'read-only', 'can be written'],
])('%s has a sentence and a step', (code, said, step) => {
  const error = cannotWrite('x.json', systemError(code));
  expect(error.message).toContain(`cannot write x.json: `);
  expect(error.message).toContain(said);
  expect(error.nextSteps.join()).toContain(step);
});
