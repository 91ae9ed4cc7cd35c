// What XML 1.0 can hold (section 2.2, production 2). Text pasted from Word, PDF files and scanners brings what it cannot, and
// one such character makes a whole document unreadable: every parser stops there.

// With the u flag a pair of surrogates is one letter: the range finds those without their other half.
const OUTSIDE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/gu;
const IS_OUTSIDE = new RegExp(OUTSIDE.source, 'u');
const REFERENCES = /(?:&#(?:x[0-9a-f]+|[0-9]+);)+/gi;
const STORED_ERROR = /<(?:\w+:)?parsererror\b[^>]*>[\s\S]*?<\/(?:\w+:)?parsererror>/g;

/** Word's soft line break and a page break of a PDF part words; Word's hyphen that keeps words together is seen; the rest is not. */
const instead = (character: string): string =>
  character === '\u000B' || character === '\u000C' ? ' ' : character === '\u001E' ? '-' : '';

/** The text without what XML cannot hold. All else stays as it is. */
export const xmlText = (text: string): string => (IS_OUTSIDE.test(text) ? text.replace(OUTSIDE, instead) : text);

/**
 * What stands in a field now, cleaned there too with the cursor kept: what a person sees is what is kept. For the handler of
 * `input`.
 */
export function typedText(event: Event): string {
  const field = event.target as HTMLInputElement | HTMLTextAreaElement;
  const clean = xmlText(field.value);
  if (clean === field.value) return clean;
  const cursor = field.selectionStart === null ? null : xmlText(field.value.slice(0, field.selectionStart)).length;
  field.value = clean;
  if (cursor !== null) field.setSelectionRange(cursor, cursor);
  return clean;
}

/** References to letters: pairs of surrogates are joined (old phones write them so), those to nothing XML knows go. */
function joinedReferences(run: string): string {
  const codes = [...run.matchAll(/&#(x?)([0-9a-f]+);/gi)].map(([, hex, digits]) => parseInt(digits!, hex ? 16 : 10));
  if (codes.every((code) => code <= 0xffff ? !IS_OUTSIDE.test(String.fromCharCode(code)) : code <= 0x10ffff)) return run;
  const text = xmlText(codes.map((code) => (code <= 0xffff ? String.fromCharCode(code) : code <= 0x10ffff ? String.fromCodePoint(code) : '')).join(''));
  return text.replace(/[&<>"'\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A document as text, without what keeps it from being read. */
export const cleanXml = (xml: string): string => xmlText(xml).replace(REFERENCES, joinedReferences);

/** Null when it is no XML document. Browsers do not throw: they give another document, which tells of the error. */
export function parseXml(xml: string): Document | null {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  return document.getElementsByTagNameNS('*', 'parsererror').length > 0 ? null : document;
}

/**
 * A kept document that can be read again, as far as it can be: cleaned, and without a browser's own error that an earlier
 * version of these pages kept in it. Null when nothing helps.
 */
export function repairedXml(xml: string): string | null {
  const clean = cleanXml(xml).replace(STORED_ERROR, '');
  return parseXml(clean) ? clean : null;
}

const plainText = (text: string): string => xmlText(text).replace(/\r\n?/g, '\n').replace(/\uFFFD/g, '').normalize('NFC').trim();

/** Which of these answers stand nowhere in the document, as an element's or attribute's text. */
export function answersMissing(document: Document, answers: readonly string[]): string[] {
  const there = new Set<string>();
  for (const element of document.getElementsByTagName('*')) {
    if (element.childElementCount === 0) there.add(plainText(element.textContent ?? ''));
    for (const attribute of element.attributes) there.add(plainText(attribute.value));
  }
  return answers.filter((answer) => plainText(answer) !== '' && !there.has(plainText(answer)));
}

/** The same answers under the same names, in the same order; how a document is written down, and its meta, do not count. */
export function sameAnswers(one: Document, other: Document): boolean {
  const lines = (document: Document): string =>
    [...document.getElementsByTagName('*')]
      .filter((element) => element.childElementCount === 0 && element.localName !== 'meta' && element.parentElement?.localName !== 'meta')
      .map((element) => JSON.stringify([element.localName, plainText(element.textContent ?? '')])).join('\n');
  return lines(one) === lines(other);
}
