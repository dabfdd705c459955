/**
 * A headless Chromium, driven by the DevTools protocol over a pipe
 * (https://chromedevtools.github.io/devtools-protocol/): messages are JSON, each ended by a NUL,
 * written to its fd 3 and read from its fd 4. It starts offline.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

interface Answer {
  id?: number;
  method?: string;
  params?: { message?: string; exceptionDetails?: { text: string }; request?: { url: string } };
  result?: Record<string, unknown>;
  error?: { message: string };
}

export class Chromium {
  /** Uncaught errors of pages, and the URLs that they requested besides their own. */
  readonly errors: string[] = [];
  readonly requests: string[] = [];
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly loads: (() => void)[] = [];
  private readonly profile = mkdtempSync(join(tmpdir(), 'unfreed-chromium-'));
  private readonly child: ReturnType<typeof spawn>;
  private nextId = 1;
  private sessionId: string | undefined;
  private text = '';

  constructor(program: string) {
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'];
    this.child = spawn(program, [...flags, '--remote-debugging-pipe', `--user-data-dir=${this.profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    (this.child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.receive(text));
  }

  /** Opens a file in a window of this size; `fragment` is the part of its URL after the #. */
  async open(
    file: string,
    width: number,
    height: number,
    scheme: 'light' | 'dark' = 'light',
    fragment = '',
  ): Promise<void> {
    if (this.sessionId === undefined) {
      const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
      const attached = await this.send('Target.attachToTarget', { targetId, flatten: true });
      this.sessionId = String(attached.sessionId);
      for (const domain of ['Page', 'Runtime', 'Network']) await this.send(`${domain}.enable`);
    }
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    const loaded = new Promise<void>((resolve) => this.loads.push(resolve));
    const { href } = pathToFileURL(file);
    await this.send('Page.navigate', { url: fragment === '' ? href : `${href}#${fragment}` });
    await loaded;
    // The page's own URL is not counted as a request.
    this.requests.splice(0, Infinity, ...this.requests.filter((url) => url !== href));
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return (answer.result as { value: T }).value;
  }

  /** Presses keys as KeyboardEvent names them, one after the other: 'ArrowDown', 'Shift+ArrowDown', 'Enter', '/', 'a'. */
  async press(...keys: string[]): Promise<void> {
    for (const each of keys) {
      const key = each.replace(/^Shift\+/, '');
      const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
      const event = { key, modifiers: key === each ? 0 : 8, windowsVirtualKeyCode: CODES[key] };
      await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, text });
      await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }
  }

  /** Drags the pointer over an element from one share of its width to another, 0..1; scrolls it into view before. */
  async drag(selector: string, from: number, to: number): Promise<void> {
    const box = await this.evaluate<{ x: number; y: number; width: number; height: number }>(
      `(() => { const element = document.querySelector(${JSON.stringify(selector)});
        element.scrollIntoView({ block: 'center' }); return element.getBoundingClientRect().toJSON(); })()`,
    );
    const at = (share: number): object => ({ x: box.x + box.width * share, y: box.y + box.height / 2 });
    const button = { button: 'left', buttons: 1, clickCount: 1 };
    await this.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at(from), ...button });
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at((from + to) / 2), ...button });
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at(to), ...button });
    await this.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at(to), ...button, buttons: 0 });
  }

  /** Clicks an element with the pointer. */
  async click(selector: string): Promise<void> {
    await this.drag(selector, 0.5, 0.5);
  }

  /** Lets scripts of pages that are opened from now on run, or not. */
  async setScripts(run: boolean): Promise<void> {
    await this.send('Emulation.setScriptExecutionDisabled', { value: !run });
  }

  /** Shows the page as on paper, or again as on a screen. */
  async setPrinted(printed: boolean): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', { media: printed ? 'print' : '' });
  }

  /** Returns the page as a PDF, in the size that its style asks for. */
  async pdf(): Promise<Buffer> {
    const { data } = await this.send('Page.printToPDF', { preferCSSPageSize: true, printBackground: true });
    return Buffer.from(String(data), 'base64');
  }

  /** Writes a PNG of the window, or of all the page. */
  async screenshot(file: string, whole = false): Promise<void> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
    writeFileSync(file, Buffer.from(String(data), 'base64'));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    await this.send('Browser.close').catch(() => undefined);
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.nextId++;
    const sessionId = /^(?:Target|Browser)\./.test(method) ? undefined : this.sessionId;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, (answer) => {
        if (answer.error === undefined) resolve(answer.result ?? {});
        else reject(new Error(`${method}: ${answer.error.message}`));
      });
    });
  }

  private receive(text: string): void {
    const parts = (this.text + text).split('\0');
    this.text = parts.pop() ?? '';
    for (const part of parts) this.take(JSON.parse(part) as Answer);
  }

  private take(answer: Answer): void {
    if (answer.id !== undefined) {
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    } else if (answer.method === 'Page.loadEventFired') this.loads.shift()?.();
    else if (answer.method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(answer.params));
    else if (answer.method === 'Network.requestWillBeSent') this.requests.push(answer.params?.request?.url ?? '');
  }
}

/** Key codes of the keys without text; letters work by their text. */
const CODES: Record<string, number> = {
  Enter: 13,
  Escape: 27,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Tab: 9,
};
