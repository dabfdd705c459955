/**
 * Texts that were damaged on their way give the events of the text itself. The texts are recorded
 * ones; the damage is made here, as mailers, terminals, logs and editors do it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordedText } from '../../helpers/recorded-text.js';
import { type ReadText, readText } from '../../helpers/text-import.js';

const TEXTS: [string, string][] = [
  ['perf-script', head('perf-script/6.1-leak_kmalloc/perf-script.txt.gz')],
  ['ftrace', head('ftrace/6.18-hold-pipes-released/trace.txt.gz')],
  ['trace-cmd', head('trace-cmd/6.18-hold-pipes/report.txt.gz')],
];

/** The first 12 KB, up to the end of a line. */
function head(path: string): string {
  const text = new TextDecoder().decode(recordedText(path).subarray(0, 12_000));
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function lines(text: string, change: (line: string, index: number) => string): string {
  return text
    .slice(0, -1)
    .split('\n')
    .map(change)
    .map((line) => `${line}\n`)
    .join('');
}

function utf16(text: string, isBig: boolean, hasMark: boolean): Uint8Array {
  const units = (hasMark ? `\ufeff${text}` : text).split('');
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [i, unit] of units.entries()) view.setUint16(i * 2, unit.charCodeAt(0), !isBig);
  return bytes;
}

/** As a mailer does it (RFC 2045): lines of at most 76 characters. */
function quotedPrintable(text: string): string {
  return lines(text, (line) => {
    const rows: string[] = [];
    let row = '';
    for (const character of line.replaceAll('=', '\0')) {
      const coded = character === '\0' ? '=3D' : character;
      if (row.length + coded.length > 75) {
        rows.push(`${row}=`);
        row = '';
      }
      row += coded;
    }
    return [...rows, row].join('\n');
  });
}

const DAMAGES: [name: string, damaged: (text: string) => string | Uint8Array][] = [
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['UTF-16, little end first, with a mark', (text) => utf16(text, false, true)],
  ['UTF-16, big end first, with a mark', (text) => utf16(text, true, true)],
  ['UTF-16, little end first', (text) => utf16(text, false, false)],
  ['UTF-16, big end first', (text) => utf16(text, true, false)],
  ['UTF-16 with \\r\\n', (text) => utf16(text.replaceAll('\n', '\r\n'), false, true)],
  ['\\r\\n', (text) => text.replaceAll('\n', '\r\n')],
  ['\\r in the place of \\n', (text) => text.replaceAll('\n', '\r')],
  ['\\r\\r\\n', (text) => text.replaceAll('\n', '\r\r\n')],
  ['mail quotes', (text) => lines(text, (line) => `> ${line}`)],
  ['quotes of a quote', (text) => lines(text, (line) => `> > ${line}`)],
  ['quotes without a space', (text) => lines(text, (line) => `>${line}`)],
  [
    'quotes with words of a mail around them',
    (text) => `On Monday, A wrote:\n\n${lines(text, (line) => `> ${line}`)}\nSee above.\n`,
  ],
  ['syslog stamps', (text) => lines(text, (line) => `Jan  1 12:00:01 host kernel: ${line}`)],
  ['journal and printk stamps', (text) => lines(text, (line) => `Jan 01 12:00:01 host kernel: [   12.345678] ${line}`)],
  ['printk stamps', (text) => lines(text, (line) => `[   12.345678] ${line}`)],
  ['printk stamps with the caller', (text) => lines(text, (line) => `[   12.345678][  T123] ${line}`)],
  ['dmesg -T', (text) => lines(text, (line) => `[Thu Jan  1 12:00:01 2026] ${line}`)],
  ['dmesg -x', (text) => lines(text, (line) => `kern  :info  : [   12.345678] ${line}`)],
  [
    'a journal with ISO times',
    (text) => lines(text, (line) => `2026-01-01T12:00:01.123456+00:00 host kernel: ${line}`),
  ],
  ['a quoted log', (text) => lines(text, (line) => `> Jan 01 12:00:01 host kernel: ${line}`)],
  ['colours', (text) => lines(text, (line) => line.replace(/k\w+/, '\x1b[01;31m\x1b[K$&\x1b[m\x1b[K'))],
  [
    'the output of script(1)',
    (text) =>
      `Script started on 2026-01-01\r\n\x1b[?2004h$ cat trace\r\n${text.replaceAll('\n', '\r\n')}\x1b]0;host\x07$ exit\r\n`,
  ],
  ['a title in each line', (text) => lines(text, (line) => `\x1b]0;a title\x07${line}\x1b(B`)],
  ['text that was overwritten', (text) => lines(text, (line) => (line === '' ? line : `reading...\r${line}`))],
  ['form feeds', (text) => lines(text, (line, i) => (i % 30 === 0 ? `\f${line}` : line))],
  ['trailing blanks', (text) => lines(text, (line) => `${line}  \t`)],
  ['no-break spaces', (text) => text.replaceAll('  ', '\u00a0 ')],
  ['quoted-printable', quotedPrintable],
  ['the numbers of grep -n', (text) => lines(text, (line, i) => `${i + 1}:${line}`)],
  ['the names and numbers of grep -Hn', (text) => lines(text, (line, i) => `trace-1.txt:${i + 1}:${line}`)],
  ['the numbers of cat -n', (text) => lines(text, (line, i) => `${String(i + 1).padStart(6)}\t${line}`)],
  [
    'the numbers of nl',
    (text) => lines(text, (line, i) => (line === '' ? ' '.repeat(7) : `${String(i + 1).padStart(6)}\t${line}`)),
  ],
  [
    'tabs for eight blanks (unexpand)',
    (text) => lines(text, (line) => line.replace(/^ {8}/, '\t').replaceAll(/(?<=\S) {8}/g, '\t')),
  ],
  ['an indentation by four blanks', (text) => `    # a comment\n${lines(text, (line) => `    ${line}`)}`],
  ['an indentation by a tab', (text) => lines(text, (line) => `\t${line}`)],
];

describe.each(TEXTS)('%s, damaged on its way', (format, text) => {
  const whole = readText(text);

  it('is read without a look at its lines where it is not damaged', () => {
    expect(whole.recognised).toMatchObject({ format, damage: null });
    expect(whole.events.length).toBeGreaterThan(10);
  });

  it.each(DAMAGES)('by %s, gives the same events', (_, damaged) => {
    const given = damaged(text);
    for (const chunkBytes of [1 << 18, 1000, 7]) expectSame(readText(given, chunkBytes), whole, format);
  });

  it('by a mailer that wraps lines, gives the same events, whatever the width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 150 }), (width) => {
        expectSame(readText(wrapped(text, width)), whole, format);
      }),
      { numRuns: 40 },
    );
  });

  it('by a terminal that cuts lines in the middle of a word, gives the same events', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 150 }), (columns) => {
        const cut = lines(text, (line) => line.match(new RegExp(`.{1,${columns}}`, 'gs'))?.join('\n') ?? '');
        const read = readText(cut);
        // A piece may look like a line of its own; then the line is not understood, and never misread.
        const known = new Set(whole.events);
        expect(read.events.filter((event) => !known.has(event))).toEqual([]);
        if (read.events.length < whole.events.length * 0.9) expect(read.summary?.problems).not.toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('from its middle on, loses no more than a part of a chunk', () => {
    const marked = lines(text.repeat(1), (line) => `\x1b[1m${line}\x1b[0m`);
    const read = readText(text.repeat(8) + marked.repeat(8), 4096);
    expect(read.summary?.notes.join()).toContain('escape codes');
  });
});

/** Wraps lines between words, as a mailer does. */
function wrapped(text: string, width: number): string {
  return lines(text, (line) => {
    const rows: string[] = [];
    let row = '';
    for (const word of line.split(/(?<=\S)(?= )/)) {
      if (row.trim() !== '' && row.length + word.length > width) {
        rows.push(row);
        row = word.trimStart();
      } else row += word;
    }
    return [...rows, row].join('\n');
  });
}

describe('the page of an archive', () => {
  it.each(TEXTS.filter(([, text]) => text.includes('=>')))(
    'with its entities gives the events of %s',
    (format, text) => {
      const page = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      expectSame(readText(page), readText(text), format);
    },
  );
});

describe('a wrapped event', () => {
  const HEAD = '# tracer: nop\n#\n';
  const TASK = '            sh-99      [004] .....  2886.04';
  const FREE = `${TASK}0900: kfree: call_site=b+0x20/0x40 ptr=00000000d798700c\n`;

  it('is joined if that makes it whole, and counted in the notes', () => {
    const read = readText(
      `${HEAD}${TASK}0608: kmalloc: call_site=a+0xd8/0x5b4 ptr=000000003e4c3799\n    bytes_req=2312 bytes_alloc=4096\n    node=-1\n${FREE}`,
    );
    expect(read.events[0]).toMatch(/kmalloc 3e4c3799 4096\/2312/);
    expect(read.summary).toMatchObject({
      problems: [],
      notes: expect.arrayContaining(['wrapped lines were joined: 1']) as unknown,
    });
  });

  it('is joined in the middle of a number only if a terminal can have cut it there', () => {
    const cut = `${TASK}0608: kmalloc: call_site=a+0xd8/0x5b4 ptr=000000003e4c3799 bytes_req=23\n12 bytes_alloc=4096 gfp_flags=GFP_KERNEL\n`;
    expect(readText(HEAD + cut + FREE).events[0]).toMatch(/kmalloc 3e4c3799 4096\/2312/);
    const longer = FREE.replace('b+0x20', 'a_function_with_a_long_name_that_no_terminal_has_cut+0x20');
    const read = readText(HEAD + cut + longer);
    expect(read.events).toHaveLength(1);
    expect(read.summary?.problems[0].what).toBe('2 of 3 event lines (67 %) were not understood');
  });

  it('takes no prose for the rest of an event', () => {
    const read = readText(`${HEAD}${FREE}and then ptr=0 was freed twice:\n${FREE}`);
    expect(read.events).toHaveLength(2);
    expect(read.events[0]).toContain('kfree d798700c');
  });
});

function expectSame(read: ReadText, whole: ReadText, format: string): void {
  expect(read.recognised.format).toBe(format);
  expect(read.events).toEqual(whole.events);
  expect(read.summary?.problems).toEqual(whole.summary?.problems);
}
