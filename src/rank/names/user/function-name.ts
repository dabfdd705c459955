/**
 * Names of functions of processes, as the collector demangles them: without what stands around the name itself, so that
 * tables can hold it. A name that begins with a bracket (Rust: '<T as Trait>::f') keeps it.
 */

/** Names longer than this are looked up by their start: templates nest without end. */
const LONGEST = 512;

/**
 * 'operator new' for 'operator new(unsigned long)', 'std::vector::_M_realloc_insert' for 'void std::vector<int,
 * std::allocator<int> >::_M_realloc_insert<int const&>(...)', 'malloc' for '__GI_malloc@@GLIBC_2.2.5'.
 */
export function plainName(symbol: string): string {
  const short = symbol.slice(0, LONGEST).replaceAll('(anonymous namespace)::', '');
  if (short.startsWith('<')) return short.replace(HASH, '');
  const name = withoutArguments(short);
  const operator = name.indexOf('operator ');
  const last = operator >= 0 ? name.slice(name.lastIndexOf(' ', operator - 1) + 1) : lastWord(name);
  return last
    .replace(/@.*$/, '')
    .replace(/^__GI_/, '')
    .replace(/\.(?:isra|constprop|part|cold|llvm|lto_priv)\b.*$/, '')
    .replace(HASH, '')
    .trim();
}

/** Rust's hash of what a name stands for. */
const HASH = /::h[0-9a-f]{16}$/;

/** A return type stands before the name, but for constructors and plain functions. */
function lastWord(name: string): string {
  const trimmed = name.trimEnd();
  const [word = ''] = /[^\s*&]*$/.exec(trimmed) ?? [];
  return word === '' ? trimmed : word;
}

/** Leaves out what stands in round and angle brackets. */
function withoutArguments(symbol: string): string {
  let name = '';
  let depth = 0;
  for (let i = 0; i < symbol.length; i++) {
    const letter = symbol[i];
    // Names with a bracket of their own: operator<, operator->, operator().
    if (depth === 0 && name.endsWith('operator') && '<>()-'.includes(letter)) {
      const [sign] = /^(?:\(\)|<<=?|>>=?|<=>?|>=?|<|->\*?|-=?|-?)/.exec(symbol.slice(i)) ?? [''];
      name += sign;
      i += Math.max(0, sign.length - 1);
    } else if (letter === '(' || letter === '<') {
      // 'foo(int)::{lambda()#1}::operator()': the name goes on behind the arguments.
      depth++;
    } else if (letter === ')' || letter === '>') depth = Math.max(0, depth - 1);
    else if (depth === 0) name += letter;
  }
  return name.replace(/ (?:const|volatile|&&?)$/, '').replace(/ \[clone .*$/, '');
}
