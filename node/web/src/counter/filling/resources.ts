// Data files beside a form, as the engine takes them. It knows a kind by the type that comes with a file or by the
// ending in small letters, and gives up a whole form when one is empty or an XML begins with a declaration.

const TYPES: Record<string, string> = { csv: 'text/csv', xml: 'text/xml', geojson: 'application/geo+json' };

/** In the encoding that an XML's declaration names; UTF-8 for all else. */
function textOf(octets: ArrayBuffer, kind: string): string {
  const start = new TextDecoder('latin1').decode(octets.slice(0, 200));
  const named = kind === 'xml' ? /^\s*(?:ï»¿)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] : undefined;
  const utf16 = /^(?:ÿþ|þÿ)/.exec(start)?.[0];
  try {
    return new TextDecoder(utf16 ? (utf16 === 'ÿþ' ? 'utf-16le' : 'utf-16be') : (named ?? 'utf-8')).decode(octets);
  } catch {
    return new TextDecoder().decode(octets);
  }
}

/** The file that `name` is, or null when it holds nothing. What is no data file (a picture) stays as it is. */
export async function asTheEngineTakesIt(name: string, response: Response): Promise<Response | null> {
  const kind = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = TYPES[kind];
  if (!type || !response.ok) return response;
  const text = textOf(await response.arrayBuffer(), kind).replace(/^\ufeff/, '');
  const content = kind === 'xml' ? text.replace(/^\s*<\?xml[^>]*\?>/, '') : text;
  if (!content.trim()) return null;
  return new Response(content, { status: 200, headers: { 'content-type': type } });
}
