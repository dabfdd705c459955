/** A chain of referrers as one line of text. */
import type { ChainLink } from './census.js';

/** 'kmalloc-1k < kmalloc-2k{sock_def_readable}': nearest referrer first, each with the symbol found in it. */
export function chainText(chain: readonly ChainLink[]): string {
  return chain.map(linkText).join(' < ');
}

function linkText({ kind, name, hint, hintKind }: ChainLink): string {
  const symbol = hint === '' ? '' : `{${hintKind === 'ops' ? `ops ${hint}` : hint}}`;
  if (kind === 'slab' || kind === '') return `${name}${symbol}`;
  if (kind === 'area') return `vmalloc(${name})${symbol}`;
  return `${kind.replace('-', ' ')}${name === '' ? '' : ` ${name}`}${symbol}`;
}

/** The module of the nearest link that has one; '' = the kernel itself, or not known. */
export function chainModule(chain: readonly ChainLink[]): string {
  return chain.find(({ module }) => module !== '')?.module ?? '';
}

/** The nearest symbol that was found on the way; '' = none. */
export function chainHint(chain: readonly ChainLink[]): string {
  return chain.find(({ hint }) => hint !== '')?.hint ?? '';
}
