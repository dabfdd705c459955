/**
 * A terminal for tests: @xterm/headless draws what the screen writes, and tests read back as lines
 * what a user would see. `fakeTerminal` runs in this process; `runInTerminal` runs a program of
 * ours behind a real pty.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { rolldown } from 'rolldown';
import { HANG_MS } from './patience.js';

/** The bytes of keys, by the names of keys.ts; anything else is typed as text. */
export const KEY_BYTES: Readonly<Record<string, string>> = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  enter: '\r',
  escape: '\x1b',
  backspace: '\x7f',
  space: ' ',
  'ctrl-c': '\x03',
  'ctrl-u': '\x15',
  'ctrl-w': '\x17',
  'ctrl-z': '\x1a',
};

/** The visible content of a terminal. */
export class Glass {
  readonly term: InstanceType<typeof xterm.Terminal>;

  constructor(columns: number, rows: number) {
    this.term = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 });
  }

  /** Every row, without trailing spaces. */
  lines(): string[] {
    const { active } = this.term.buffer;
    const lines: string[] = [];
    for (let row = 0; row < this.term.rows; row++) {
      lines.push(
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
      );
    }
    return lines;
  }

  /** Columns `from` to `to` of a row; a wide character takes two. */
  cells(row: number, from: number, to: number): string {
    const { active } = this.term.buffer;
    return active.getLine(active.baseY + row)?.translateToString(false, from, to) ?? '';
  }

  /** True if the cursor is shown, as the terminal itself answers (DECRQM). */
  async cursorVisible(): Promise<boolean> {
    return await new Promise((resolve) => {
      const answer = this.term.onData((data) => {
        answer.dispose();
        resolve(data.includes('?25;1$y'));
      });
      this.term.write('\x1b[?25$p');
    });
  }

  text(): string {
    return this.lines().join('\n');
  }

  /** Rows that are drawn inverse from their first column on. */
  inverseRows(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.term.rows; row++) {
      const cell = this.term.buffer.active.getLine(this.term.buffer.active.baseY + row)?.getCell(0);
      if (cell !== undefined && cell.isInverse() !== 0) rows.push(row);
    }
    return rows;
  }

  /** Palette colour of the first cell of a text, -1 when it has the default colour. */
  colourOf(text: string): number {
    for (const [row, line] of this.lines().entries()) {
      const column = line.indexOf(text);
      if (column < 0) continue;
      const cell = this.term.buffer.active.getLine(this.term.buffer.active.baseY + row)?.getCell(column);
      return cell === undefined || cell.isFgDefault() ? -1 : cell.getFgColor();
    }
    throw new Error(`not on the screen: ${text}\n${this.text()}`);
  }

  buffer(): 'normal' | 'alternate' {
    return this.term.buffer.active.type;
  }
}

/** stdin and stdout of startScreen(), in this process. */
export class FakeTerminal extends Glass {
  readonly stdin: FakeStdin;
  readonly stdout: FakeStdout;
  /** Everything that was written, one entry for each write. */
  readonly writes: string[] = [];

  constructor(columns: number, rows: number) {
    super(columns, rows);
    this.stdin = new FakeStdin();
    this.stdout = new FakeStdout(columns, rows, (text) => {
      this.writes.push(text);
      this.term.write(text);
    });
  }

  /** Presses keys one after the other, then waits until the screen has drawn them. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.stdin.emit('data', Buffer.from(KEY_BYTES[key] ?? key));
      // A lone escape is recognised only when nothing follows.
      if (key === 'escape') await sleep(40);
    }
    await this.settle();
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.term.resize(columns, rows);
    this.stdout.columns = columns;
    this.stdout.rows = rows;
    this.stdout.emit('resize');
    await this.settle();
  }

  /** Resolves when the due frame has been drawn, here and by the terminal. */
  async settle(): Promise<void> {
    await sleep(40);
    await new Promise<void>((resolve) => this.term.write('', resolve));
  }
}

class FakeStdin extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }

  resume(): this {
    return this;
  }

  pause(): this {
    return this;
  }
}

class FakeStdout extends EventEmitter {
  readonly isTTY = true;
  writableNeedDrain = false;
  columns: number;
  rows: number;
  private readonly onWrite: (text: string) => void;

  constructor(columns: number, rows: number, onWrite: (text: string) => void) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.onWrite = onWrite;
  }

  write(text: string): boolean {
    this.onWrite(text);
    return true;
  }
}

interface PtySocket {
  destroy(error?: Error): unknown;
}

function socketOf(pty: ReturnType<typeof spawn>): PtySocket {
  // oxlint-disable-next-line no-underscore-dangle
  return (pty as unknown as { _socket: PtySocket })._socket;
}

/** A program behind a pty. */
export class TerminalProgram extends Glass {
  readonly exit: Promise<{ exitCode: number; signal?: number }>;
  private readonly pty: ReturnType<typeof spawn>;
  /** Destroys the pty's socket at once. */
  private readonly close: (error?: Error) => unknown;

  constructor(
    args: readonly string[],
    columns: number,
    rows: number,
    env: Readonly<Record<string, string>> = {},
    cwd = process.cwd(),
  ) {
    super(columns, rows);
    const inherited = Object.entries(process.env).filter(([name]) => name !== 'CI' && name !== 'NO_COLOR');
    this.pty = spawn(process.execPath, [...args], {
      cols: columns,
      rows,
      name: 'xterm-256color',
      cwd,
      env: { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...env },
    });
    this.pty.onData((data) => this.term.write(data));
    this.exit = new Promise((resolve) => this.pty.onExit(resolve));
    // node-pty destroys its socket 200 ms after the program has ended, read or not. In a process that was busy
    // meanwhile that timer runs before the poll that would read the last output: so let that poll come first.
    const socket = socketOf(this.pty);
    this.close = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      if (error !== undefined) return this.close(error);
      setImmediate(() => setImmediate(() => this.close()));
      return socket;
    };
  }

  get pid(): number {
    return this.pty.pid;
  }

  press(...keys: string[]): void {
    for (const key of keys) this.pty.write(KEY_BYTES[key] ?? key);
  }

  resize(columns: number, rows: number): void {
    this.term.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  signal(name: string): void {
    process.kill(this.pty.pid, name);
  }

  /** Waits for a text or a condition, HANG_MS at most; fails with what is on the screen. */
  async see(wanted: string | (() => boolean)): Promise<void> {
    const until = performance.now() + HANG_MS;
    while (performance.now() < until) {
      if (typeof wanted === 'string' ? this.text().includes(wanted) : wanted()) return;
      await sleep(10);
    }
    throw new Error(`not seen within ${HANG_MS} ms: ${String(wanted)}\n${this.text()}`);
  }

  /**
   * The screen's text once it equals `wanted` or has not changed for `quietMs`: a frame may come in
   * pieces.
   */
  async settled(quietMs: number, wanted: string | null = null): Promise<string> {
    let last = this.text();
    let since = performance.now();
    while (last !== wanted && performance.now() - since < quietMs) {
      await sleep(20);
      const text = this.text();
      if (text === last) continue;
      last = text;
      since = performance.now();
    }
    return last;
  }

  /** Resolves when the program has ended and all of its output has been drawn. */
  async drawn(): Promise<void> {
    await this.exit;
    await sleep(20);
    await new Promise<void>((resolve) => this.term.write('', resolve));
  }

  /**
   * Closes the terminal, like the closing of a window or the end of an ssh session: the kernel
   * sends SIGHUP. destroy() of the pty would send another SIGHUP later. On a busy machine that may
   * come while Node, at the end of the program, has removed its signal handlers, and would kill it.
   */
  hangUp(): void {
    this.close();
  }

  kill(): void {
    try {
      this.pty.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

/** The thread programs that the whole program starts; see scripts/build.mjs. */
const THREADS: Readonly<Record<string, string>> = {
  'worker.js': 'src/session/screen/worker.ts',
  'decode-thread.js': 'src/recording/threads/entry.ts',
};

/**
 * Bundles a TypeScript program, because Node 20 runs none; returns its file and a function that
 * deletes it. `threads` adds the thread programs.
 */
export async function bundleProgram(
  file: string,
  { threads = false } = {},
): Promise<{ file: string; remove: () => void }> {
  const root = new URL('../..', import.meta.url).pathname;
  // Below node_modules, so that packages left outside the bundle are found.
  const directory = mkdtempSync(join(root, 'node_modules', '.test-program-'));
  const bundle = await rolldown({
    cwd: root,
    input: { 'main.mjs': file, ...(threads ? THREADS : {}) },
    platform: 'node',
    external: ['react-devtools-core'],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'silent',
  });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  await bundle.write({ dir: directory, format: 'esm', entryFileNames: '[name]' });
  await bundle.close();
  return {
    file: join(directory, 'main.mjs'),
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
