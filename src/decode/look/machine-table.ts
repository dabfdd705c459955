/** Which machine a bundle is of, and when it was made: uname, hostname, date, uptime, os-release, the head of sar. */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';
import { type SarHead, sarHead } from './tools/sar-rows.js';

export interface BundleMachine {
  kernel: string;
  arch: string;
  /** 0 = unknown. */
  pageSize: number;
  /** ms since 1970; null = unknown. */
  timeMs: number | null;
  /** What local time is ahead of UTC, ms; 0 if it is not known. */
  localOffsetMs: number;
  /** Text of table/machine. `meminfoBy`: the tool whose output stands for /proc/meminfo; '' = the kernel's own text. */
  table: (meminfoBy: string) => string;
}

const ARCHITECTURE = /\b(x86_64|aarch64|armv\w+|ppc64(?:le)?|s390x|i[3-6]86|riscv64|mips\w*|loongarch64)\b/;

export function machineTable(texts: NamedTexts): BundleMachine {
  const uname = first(texts, 'uname');
  // "Linux db-17 5.14.0-570.el9.x86_64 #1 SMP ... x86_64 x86_64 x86_64 GNU/Linux"
  const words = /^Linux (\S{1,255}) (\d\S{0,127}) (.*)$/m.exec(uname);
  const log = texts.get('log/kernel') ?? first(texts, 'dmesg') ?? '';
  const version = /Linux version (\S{1,128}) /.exec(`${texts.get('proc/version') ?? ''}\n${log}`)?.[1] ?? '';
  const sar = firstSarHead(texts);
  const kernel = words?.[2] ?? (texts.get('proc/sys/kernel/osrelease')?.trim() || version || (sar?.kernel ?? ''));
  const arch = ARCHITECTURE.exec(words?.[3] ?? '')?.[1] ?? ARCHITECTURE.exec(kernel)?.[1] ?? sar?.arch ?? '';
  const named = (first(texts, 'hostname') || texts.get('etc/hostname') || '').trim().split('\n')[0];
  const hostname = words?.[1] ?? (named || (sar?.hostname ?? ''));
  const distribution = /^PRETTY_NAME="?([^"\n]{1,128})/m.exec(texts.get('etc/os-release') ?? '')?.[1];
  const pageSize = Number(/^PAGE_?SIZE\s+(\d{4,6})$/m.exec(first(texts, 'getconf'))?.[1] ?? 0);
  const dates = datesOf(texts);
  return {
    kernel,
    arch,
    pageSize,
    ...dates,
    table: (meminfoBy) =>
      tableText('table/machine', [
        [
          hostname,
          kernel,
          arch,
          distribution ?? (texts.get('etc/redhat-release') ?? '').trim().split('\n')[0],
          pageSize || null,
          sar?.cpus ?? null,
          uptimeSeconds(texts),
          null,
          balloonInTotal(texts),
          meminfoBy === '' ? null : meminfoBy,
          // Blocks that are offline are in no file of a bundle.
          null,
        ],
      ]),
  };
}

function firstSarHead(texts: NamedTexts): SarHead | null {
  const [text] = [...texts.startingWith('sar/'), ...texts.command('sar')];
  return text === undefined ? null : sarHead(text.text);
}

function first(texts: NamedTexts, program: string): string {
  return texts.command(program).at(0)?.text ?? '';
}

/** A balloon of VMware leaves its pages in MemTotal (drivers/misc/vmw_balloon.c); those of others do not. */
function balloonInTotal(texts: NamedTexts): number {
  const guest = texts.get('sys/kernel/debug/vmmemctl') !== undefined;
  return guest || texts.command('vmware-toolbox-cmd').length > 0 ? 1 : 0;
}

/** " 10:12:13 up 41 days,  3:02,  2 users, ..." if there is no /proc/uptime. */
function uptimeSeconds(texts: NamedTexts): number | null {
  const own = /^(\d{1,12})\.\d+ /.exec(texts.get('proc/uptime') ?? '');
  if (own !== null) return Number(own[1]);
  const up = / up (?:(\d{1,6}) days?, *)?(?:(\d{1,2}):(\d{2})|(\d{1,3}) min)/.exec(first(texts, 'uptime'));
  if (up === null) return null;
  return Number(up[1] ?? 0) * 86_400 + Number(up[2] ?? 0) * 3600 + Number(up[3] ?? up[4]) * 60;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  CET: 1,
  CEST: 2,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/** `date` and `date --utc` of one bundle are seconds apart: their difference is the offset of local time. */
function datesOf(texts: NamedTexts): { timeMs: number | null; localOffsetMs: number } {
  const outputs = texts.command('date');
  const utc = outputs.map(({ text }) => dateOf(text)).find((date) => date?.zone === 'UTC');
  const local = outputs.map(({ text }) => dateOf(text)).find((date) => date !== null && date !== utc);
  if (local === null || local === undefined) return { timeMs: utc?.clockMs ?? null, localOffsetMs: 0 };
  if (utc !== null && utc !== undefined) {
    return { timeMs: utc.clockMs, localOffsetMs: Math.round((local.clockMs - utc.clockMs) / 900_000) * 900_000 };
  }
  const hours = /^[+-]\d{4}$/.test(local.zone) ? Number(local.zone) / 100 : ZONES[local.zone];
  // A zone whose abbreviation says nothing: the time is right to hours.
  const localOffsetMs = Math.trunc(hours ?? 0) * 3_600_000;
  return { timeMs: local.clockMs - localOffsetMs, localOffsetMs };
}

/** "Mon Mar  2 10:12:13 UTC 2026", "Mon 02 Mar 2026 10:12:13 AM CET", ISO 8601. */
function dateOf(text: string): { clockMs: number; zone: string } | null {
  const line = text.slice(0, 200);
  const iso = /(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:?\d{2})?/.exec(line);
  if (iso !== null) {
    const [year, month, day, hour, minute, second] = iso.slice(1, 7).map(Number);
    const zone = iso[7] === undefined || iso[7] === 'Z' ? 'UTC' : iso[7].replace(':', '');
    return { clockMs: Date.UTC(year, month - 1, day, hour, minute, second), zone };
  }
  const month = MONTHS.findIndex((name) => new RegExp(`\\b${name}\\b`).test(line));
  const clock = /(\d{1,2}):(\d{2}):(\d{2})(?: ([AP])M)?(?: ([A-Z]{3,5}|[+-]\d{4}))?/.exec(line);
  const year = /\b(20\d{2})\b/.exec(line);
  const day = /(?:[A-Z][a-z]{2} +|\b)(\d{1,2})(?= [A-Z][a-z]{2} 20| \d{1,2}:|, 20| 20)/.exec(line);
  if (month < 0 || clock === null || year === null || day === null) return null;
  const hour = clock[4] === undefined ? Number(clock[1]) : (Number(clock[1]) % 12) + (clock[4] === 'P' ? 12 : 0);
  const clockMs = Date.UTC(Number(year[1]), month, Number(day[1]), hour, Number(clock[2]), Number(clock[3]));
  return { clockMs, zone: clock[5] ?? '' };
}
