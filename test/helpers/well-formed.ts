/**
 * Names of an XML document's elements in order. Throws if tags do not nest, or a '<', '>' or '&' is
 * not escaped.
 */
export function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const tag = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
  let at = 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    const text = xml.slice(at, next < 0 ? undefined : next);
    if (/[>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`bare character in "${text.slice(0, 80)}"`);
    if (open.length === 0 && text.trim() !== '') throw new Error(`text outside the root: "${text.slice(0, 80)}"`);
    if (next < 0) break;
    tag.lastIndex = next;
    const match = tag.exec(xml);
    if (match === null) throw new Error(`no tag: ${xml.slice(next, next + 80)}`);
    const [, closing, name, attributes, empty] = match;
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(attributes)) throw new Error(`bare & in ${match[0]}`);
    if (closing !== '') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing at ${next}`);
    } else {
      names.push(name);
      if (empty === '') open.push(name);
    }
    at = tag.lastIndex;
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return names;
}
