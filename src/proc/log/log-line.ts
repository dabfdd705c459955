/**
 * A line of the kernel's log, without what stands in front of it:
 *
 *    [12345.678901] text                                  dmesg
 *    [12345.678901][ T123] text                           with CONFIG_PRINTK_CALLER
 *    <4>[12345.678901] text                               dmesg -r
 *    [Mon Mar  2 10:00:00 2026] text                      dmesg -T
 *    Mar  2 10:00:00 host kernel: [12345.678901] text     syslog
 *    2026-03-02T10:00:00.123456+00:00 host kernel: text   syslog, journal
 *    kernel: text                                         made anonymous
 */
export interface LogLine {
  /** Seconds since boot; null = not known. */
  atSeconds: number | null;
  text: string;
}

const LINE_LIMIT = 2048;
/** Every part has a bound, and the parts begin with different characters. */
const DAEMON = /^(?:[A-Z][a-z]{2} {1,2}\d{1,2} [\d:.]{8,15}|\d{4}-\d\d-\d\dT[\d:.,+-]{8,24}Z?) \S{1,255} kernel: ?/;
const BARE = /^kernel: ?/;
const TIME = /^(?:<\d{1,3}>)?\[ {0,8}(\d{1,10}\.\d{1,9})\] ?/;
const DATE = /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}\] /;
const CALLER = /^\[ {0,8}[TC]\d{1,10}\] ?/;

export function parseLogLine(line: string): LogLine {
  let text = line.slice(0, LINE_LIMIT).replace(DAEMON, '').replace(BARE, '').replace(DATE, '');
  const time = TIME.exec(text);
  if (time !== null) text = text.slice(time[0].length).replace(CALLER, '');
  return { atSeconds: time === null ? null : Number(time[1]), text };
}
