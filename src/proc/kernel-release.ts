/**
 * major * 1000 + minor of a release such as '6.12.117+deb12-amd64'; greater than any kernel's if
 * the text is not a release.
 */
export function kernelNumber(release: string): number {
  const match = /^(\d{1,3})\.(\d{1,3})/.exec(release);
  return match === null ? 999_999 : Number(match[1]) * 1000 + Number(match[2]);
}
