/**
 * Numbers as people read them: binary units, thousands separators, the same in every locale. A
 * value other than zero is never printed as zero, and a share below the whole is never printed as
 * 100 %. Numbers that are not finite become '?'.
 */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/**
 * '0 B', '512 B', '1.00 KiB', '12.3 MiB', '412 GiB': three digits, at most 8 columns unless
 * negative.
 */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?';
  const size = Math.abs(bytes);
  const sign = bytes < 0 ? '-' : '';
  if (size > 0 && size < 0.5) return `${sign}<1 B`;
  let unit = 0;
  let value = size;
  // 1023.5 would be printed as 1024 of the smaller unit.
  while (value >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${sign}${unit === 0 ? Math.round(value).toString() : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** Like formatBytes(), always with a sign: '+1.08 GiB', '-4.00 KiB', '±0 B'. */
export function formatSignedBytes(bytes: number): string {
  if (bytes === 0) return '±0 B';
  return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes);
}

/** A change since a start: '+22.1 MiB'; '±0' below 1 KiB. */
export function formatChange(bytes: number): string {
  return Math.abs(bytes) < 1024 ? '±0' : formatSignedBytes(bytes);
}

/** '1,204,553'. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '?';
  const digits = Math.abs(Math.round(count)).toString();
  const sign = count < 0 && digits !== '0' ? '-' : '';
  return sign + digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

const COUNT_UNITS = ['', 'k', 'M', 'G', 'T'];

/** '999', '12.3k', '1.20M': at most 5 columns unless negative. */
export function formatShortCount(count: number): string {
  if (!Number.isFinite(count)) return '?';
  const sign = count < 0 ? '-' : '';
  let value = Math.abs(count);
  let unit = 0;
  while (value >= 999.5 && unit < COUNT_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit > 0) return `${sign}${threeDigits(value)}${COUNT_UNITS[unit]}`;
  return `${sign}${value > 0 && value < 0.5 ? '<1' : Math.round(value).toString()}`;
}

/** The full number if it fits in `width` columns, else the short form. */
export function formatCountWithin(count: number, width: number): string {
  const full = formatCount(count);
  return full.length <= width ? full : formatShortCount(count);
}

const NS_UNITS: readonly (readonly [limitNs: number, divisor: number, suffix: string])[] = [
  [999.5, 1, 'ns'],
  [999.5e3, 1e3, 'µs'],
  [999.5e6, 1e6, 'ms'],
  [59.95e9, 1e9, 's'],
];

/** '830ns', '12.3µs', '45.0ms', '8.30s', '14m 05s', '2h 13m', '3d 04h': at most 7 columns below 100 days. */
export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return '?';
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns === 0) return '0s';
  for (const [limit, divisor, suffix] of NS_UNITS) {
    if (ns >= limit) continue;
    return divisor === 1 ? `${Math.max(1, Math.round(ns))}ns` : threeDigits(ns / divisor) + suffix;
  }
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** A duration in one unit, at most 5 columns below 1000 days: '12ms', '8.3s', '14m', '2.2h', '3.4d'. */
export function formatAge(ns: number): string {
  if (!Number.isFinite(ns)) return '?';
  if (ns <= 0) return '0s';
  if (ns < 999.5e3) return '<1ms';
  if (ns < 999.5e6) return `${Math.round(ns / 1e6)}ms`;
  const seconds = ns / 1e9;
  if (seconds < 59.5) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds).toString()}s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)}m`;
  const hours = seconds / 3600;
  if (hours < 23.95) return `${hours < 9.95 ? hours.toFixed(1) : Math.round(hours).toString()}h`;
  const days = hours / 24;
  return `${days < 9.95 ? days.toFixed(1) : Math.round(days).toString()}d`;
}

/** A time as a clock shows it: '00:12:34', '26:03:00' (hours are not folded into days). */
export function formatClock(ns: number): string {
  const seconds = Math.max(0, Math.floor(ns / 1e9));
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** The time of a rate. */
export interface RateUnit {
  /** As in '1.20 MiB/min'. */
  name: 's' | 'min' | 'h' | 'day';
  hours: number;
}

const RATE_UNITS: readonly (readonly [longestNs: number, unit: RateUnit])[] = [
  [12e9, { name: 's', hours: 1 / 3600 }],
  [720e9, { name: 'min', hours: 1 / 60 }],
  [43_200e9, { name: 'h', hours: 1 }],
  [Number.POSITIVE_INFINITY, { name: 'day', hours: 24 }],
];

/**
 * The unit of all rates of a trace: a second up to 12 s, a minute up to 12 minutes, an hour up to 12
 * hours, then a day. One unit for all rows, so that they can be compared; and none that is far longer
 * than what was seen.
 */
export function rateUnitOf(durationNs: number): RateUnit {
  return (RATE_UNITS.find(([longestNs]) => durationNs <= longestNs) ?? RATE_UNITS[RATE_UNITS.length - 1])[1];
}

/** '512k/s', '0/s'. */
export function formatEventRate(perSecond: number): string {
  return `${formatShortCount(perSecond)}/s`;
}

/** '42%', '3.1%', '<0.01%', '>99.9%', '0%'; '-' when the whole is 0. */
export function formatShare(part: number, whole: number): string {
  if (!(whole > 0)) return '-';
  const percent = (100 * part) / whole;
  if (percent === 0) return '0%';
  if (percent === 100) return '100%';
  if (percent < 0.01) return '<0.01%';
  if (percent < 0.0995) return `${percent.toFixed(2)}%`;
  if (percent < 9.95) return `${percent.toFixed(1)}%`;
  if (percent > 99 && percent < 100) return percent >= 99.95 ? '>99.9%' : `${percent.toFixed(1)}%`;
  return `${Math.round(percent)}%`;
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * The newest `width` values as blocks, one column each, the highest a full block. The line is
 * shorter than `width` when there are fewer values.
 */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const top = Math.max(0, ...shown);
  let line = '';
  for (const value of shown) {
    line += top > 0 && value > 0 ? BLOCKS[Math.min(7, Math.round((value / top) * 7))] : BLOCKS[0];
  }
  return line;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A bar of `share` (0..1) of `width` columns, in eighths of a column. A share above 0 shows at
 * least one eighth. The bar is not padded.
 */
export function bar(share: number, width: number): string {
  const exact = Math.min(1, Math.max(0, share)) * width * 8;
  const eighths = exact > 0 ? Math.max(1, Math.round(exact)) : 0;
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : Math.round(value).toString();
}

function two(value: number): string {
  return value.toString().padStart(2, '0');
}
