import { EventEmitter } from 'node:events';

/** stdin and stdout of a terminal that draws nothing; it counts what is written to it. */
export class DrawnNowhere extends EventEmitter {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  writes = 0;
  bytes = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.writes++;
    this.bytes += text.length;
    return true;
  }

  setRawMode(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  pause(): this {
    return this;
  }
}
