/** Lines of Markdown outside fenced blocks. Throws if a block is not closed. */
export function outsideFences(markdown: string): string[] {
  const outside: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const [run = null] = /^`{3,}/.exec(line) ?? [];
    if (fence === null && run === null) outside.push(line);
    else if (fence === null) fence = run;
    // https://github.github.com/gfm/#fenced-code-blocks: the end is at least as long, after up to three spaces.
    else if (/^ {0,3}(`{3,})\s*$/.exec(line)?.[1].startsWith(fence)) fence = null;
  }
  if (fence !== null) throw new Error('a fenced block is not closed');
  return outside;
}
