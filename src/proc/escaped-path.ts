/** Returns a path with \040, \011, \012 and \134 of the kernel's mangled paths as the characters that they stand for. */
export function unescapePath(path: string): string {
  return path.replace(/\\(\d{3})/g, (whole, octal: string) => {
    const code = Number.parseInt(octal, 8);
    return Number.isNaN(code) || code === 0 || code > 127 ? whole : String.fromCharCode(code);
  });
}
