/** Lines of Markdown that are in no fenced block. Throws where a block is not closed. */
export function outsideFences(markdown: string): string[] {
  const outside: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const [run = null] = /^`{3,}/.exec(line) ?? [];
    if (fence === null && run === null) outside.push(line);
    else if (fence === null) fence = run;
    // https://github.github.com/gfm/#fenced-code-blocks: at least as long, and up to three blanks before it.
    else if (/^ {0,3}(`{3,})\s*$/.exec(line)?.[1].startsWith(fence)) fence = null;
  }
  if (fence !== null) throw new Error('a fenced block is not closed');
  return outside;
}
