/** Comments and documents must not name files that are gone: a name that leads nowhere costs its reader the most. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../src/cli/program.js';

const ROOT = join(import.meta.dirname, '..');

describe('comments and documents', () => {
  const tracked = ['src', 'bpf', 'scripts', 'test', 'recordings', '.'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((name) => !/(?:^|\/)build(?:\/|$)/.test(name)),
  );
  // COPYING.md holds the notices of others, which name their files.
  const texts = tracked.filter(
    (file) =>
      /\.(?:[cm]?[jt]sx?|[ch]|sh|md)$/.test(file) &&
      !/generated|golden|RESULTS\.md|COPYING\.md|^test\/documents/.test(file),
  );

  it('would find a name that is gone', () => {
    const text = '/** As pairing.ts and file-input.ts do; see rank/rank.ts. */\nconst x = "gone.ts"; // also bpf/say.c';
    expect(namesIn(commentsOf(text), 'src/x.ts')).toEqual(['pairing.ts', 'file-input.ts', 'rank/rank.ts', 'bpf/say.c']);
  });

  it.each(texts)('%s names only files that there are', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const names = namesIn(file.endsWith('.md') ? text : commentsOf(text), file);
    expect(names.filter((name) => !tracked.some((path) => path === name || path.endsWith(`/${name}`)))).toEqual([]);
  });
});

/** Names of our files in a text. Outside of bpf/, files of C are the kernel's or a library's unless they say bpf/. */
function namesIn(text: string, file: string): string[] {
  const names = text.matchAll(/(?<![\w.*/<-])([a-z][\w-]*(?:\/[\w.-]+)*\.(?:tsx?|[ch]|md))(?![\w-])/g);
  const isOurC = (name: string): boolean => name.startsWith('bpf/') || (file.startsWith('bpf/') && !FOREIGN.test(name));
  return [...names]
    .map((match) => match[1])
    .filter((name) => {
      if (name.endsWith('.d.ts') || name === 'x.md') return false;
      return /\.[ch]$/.test(name) ? isOurC(name) : true;
    });
}

/** Files of the kernel and of libraries. */
const FOREIGN = /^(?:mm|kernel|arch|include|fs|drivers|net|lib|tools|linux|bpf|asm|uapi)\/|^(?:vmlinux|stdio)\.h$/;

/** Comments of a program in TypeScript, C or a shell. */
function commentsOf(text: string): string {
  const comments = text.matchAll(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$|^\s*#(?!include|define).*$/gm);
  return [...comments].map((match) => match[0]).join('\n');
}

describe('README.md', () => {
  const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');

  it('is read in some minutes: at most 150 lines of 100 columns', () => {
    expect(lines.length).toBeLessThanOrEqual(150);
    expect(lines.filter((line) => Array.from(line).length > 100)).toEqual([]);
  });

  it('leads only to files that there are', () => {
    const links = [...lines.join('\n').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(5);
    for (const path of links) expect(() => readFileSync(join(ROOT, path)), path).not.toThrow();
  });

  it('names only commands and options that there are', () => {
    const commands = lines
      .join('\n')
      .matchAll(/\bunfreed (live|record|replay|top|export|diff|anonymize|[a-z]+)\b([^`\n]*)/g);
    const program = buildProgram('1.0.0');
    for (const [text, name, rest] of commands) {
      const command = program.commands.find((each) => each.name() === name);
      if (command === undefined) continue;
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        const known = command.options.some((each) => each.long === option);
        expect(known, text).toBe(true);
      }
    }
  });
});
