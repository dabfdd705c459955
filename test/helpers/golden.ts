import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const GOLDEN = join(import.meta.dirname, '../golden');

/**
 * Compares with test/golden/NAME, byte for byte. `npm run golden` rewrites it instead: review the
 * difference as code.
 */
export function expectGolden(name: string, content: string | Uint8Array): void {
  const path = join(GOLDEN, name);
  const bytes = Buffer.from(content);
  if (process.env.GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return;
  }
  expect(existsSync(path), `${name} is missing: npm run golden writes it`).toBe(true);
  const wanted = readFileSync(path);
  // Compared as text first: a difference of characters is readable.
  if (typeof content === 'string') expect(content).toBe(wanted.toString('utf8'));
  expect(bytes.equals(wanted), `${name} differs; npm run golden rewrites it`).toBe(true);
}

/**
 * The text that expectGolden() will want, so that a test can wait for it; null when goldens are
 * being rewritten.
 */
export function wantedGolden(name: string): string | null {
  const path = join(GOLDEN, name);
  return process.env.GOLDEN === '1' || !existsSync(path) ? null : readFileSync(path, 'utf8');
}
