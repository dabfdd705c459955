/**
 * MarkSocket: where a running trace takes the marks of `unfreed mark`. A Unix socket in a directory of the user's own, so that
 * nobody else reaches it; its name has the process id. One line is a text, the answer is its time, in seconds of the trace.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Characters of a mark's text. */
export const MARK_TEXT_LENGTH = 200;
/** Bytes that a client may send: more is no mark. */
const MOST_BYTES = 4096;
/** The other end does not answer. */
const PATIENCE_MS = 3000;
const NAME = /^mark-(\d{1,10})\.sock$/;

/** Where sockets may lie, best first. The tracing end uses the first that it can make its own. */
export function markDirectories(): string[] {
  const uid = process.getuid?.() ?? 0;
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const first = uid === 0 ? ['/run/unfreed'] : runtime === undefined ? [] : [join(runtime, 'unfreed')];
  return [...first, join(tmpdir(), `unfreed-${uid}`)];
}

export class MarkSocket {
  readonly path: string;
  private readonly server: Server;

  private constructor(path: string, server: Server) {
    this.path = path;
    this.server = server;
  }

  /** `take` gets the text of a mark, and returns its time, ns. Null: there is no place for a socket, and no marks are taken. */
  static async open(take: (text: string) => number, directories = markDirectories()): Promise<MarkSocket | null> {
    const directory = directories.find(isMadeOurs);
    if (directory === undefined) return null;
    const path = join(directory, `mark-${process.pid}.sock`);
    const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, take));
    return new Promise((resolve) => {
      server.on('error', () => resolve(null));
      removeQuietly(path);
      server.listen(path, () => {
        // Of use to nobody who cannot enter the directory; some systems ask for both.
        chmodSync(path, 0o600);
        resolve(new MarkSocket(path, server));
      });
      server.unref();
    });
  }

  close(): void {
    this.server.close();
    removeQuietly(this.path);
  }
}

/** Makes the directory if it is not there. True if it is ours and closed to others: in /tmp it may be somebody's trap. */
function isMadeOurs(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // It is there, or it cannot be made: the next lines tell.
  }
  return isOurs(directory);
}

function isOurs(directory: string): boolean {
  try {
    const status = lstatSync(directory);
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is not there.
  }
}

function serve(socket: Socket, take: (text: string) => number): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  // Who only asks whether somebody is here sends nothing.
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: string) => {
    received += chunk;
    const end = received.indexOf('\n');
    if (end < 0 && received.length <= MOST_BYTES) return;
    const text = markText(end < 0 ? received : received.slice(0, end));
    socket.end(text === '' ? 'empty\n' : `${(take(text) / 1e9).toFixed(6)}\n`);
  });
}

/** One line, without what is not drawn, of a length that a lane can show. */
export function markText(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, MARK_TEXT_LENGTH);
}

export interface MarkReceiver {
  pid: number;
  path: string;
}

/** The traces of this user that take marks now. Sockets that nobody listens to are removed. */
export async function markReceivers(directories = markDirectories()): Promise<MarkReceiver[]> {
  const found: MarkReceiver[] = [];
  for (const directory of directories.filter(isOurs)) {
    for (const name of readdirSync(directory).toSorted()) {
      const pid = NAME.exec(name)?.[1];
      if (pid !== undefined) found.push({ pid: Number(pid), path: join(directory, name) });
    }
  }
  const answers = await Promise.all(found.map(async ({ path }) => ask(path, '')));
  for (const [at, { path }] of found.entries()) if (answers[at] === null) removeQuietly(path);
  return found.filter((_, at) => answers[at] !== null);
}

/** Sends a mark. Returns its time, in seconds of the trace as text; null: nobody took it. */
export async function sendMark(receiver: MarkReceiver, text: string): Promise<string | null> {
  const answer = (await ask(receiver.path, `${markText(text)}\n`))?.trim() ?? '';
  return /^\d+\.\d+$/.test(answer) ? answer : null;
}

/** What comes back; null if nobody listens. */
async function ask(path: string, line: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path, () => socket.end(line));
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk: string) => {
      answer = (answer + chunk).slice(0, MOST_BYTES);
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
  });
}
