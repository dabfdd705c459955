import { describe, expect, it } from 'vitest';
import { lookOf } from '../../../src/cli/options/look.js';

const UTF8 = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' };

const plain = (env: Record<string, string>, isTerminal = true): boolean => lookOf(isTerminal, env, false).plain;

describe('colour', () => {
  it('is for a terminal, not for a pipe, NO_COLOR or TERM=dumb', () => {
    expect(lookOf(true, UTF8, false).colour).toBe(true);
    expect(lookOf(false, UTF8, false).colour).toBe(false);
    expect(lookOf(true, { ...UTF8, NO_COLOR: '1' }, false).colour).toBe(false);
    expect(lookOf(true, { ...UTF8, NO_COLOR: '' }, false).colour).toBe(true);
    expect(lookOf(true, { ...UTF8, TERM: 'dumb' }, false).colour).toBe(false);
  });
});

describe('plain characters', () => {
  it('are for --ascii, and for terminals without others', () => {
    expect(lookOf(true, UTF8, true).plain).toBe(true);
    expect(lookOf(false, UTF8, true).plain).toBe(true);
    expect(plain(UTF8)).toBe(false);
    for (const TERM of ['dumb', 'linux', 'vt100', 'vt220']) expect(plain({ ...UTF8, TERM })).toBe(true);
    // A pipe is no terminal, whatever TERM says.
    expect(plain({ ...UTF8, TERM: 'dumb' }, false)).toBe(false);
  });

  it('are for a locale without UTF-8, by the variable that holds; one that is not set says nothing', () => {
    expect(plain({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toBe(true);
    expect(plain({ LC_ALL: 'C' }, false)).toBe(true);
    expect(plain({ LANG: 'POSIX' })).toBe(true);
    expect(plain({ LANG: 'de_DE.ISO-8859-1' })).toBe(true);
    expect(plain({ LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' })).toBe(false);
    expect(plain({ LANG: 'C.UTF-8' })).toBe(false);
    expect(plain({})).toBe(false);
  });
});
