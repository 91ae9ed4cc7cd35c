// Every sentence of the pages goes through t(). A switch of the language changes what is on the screen at once.
import { shallowRef } from 'vue';
import { vi } from './vi';

/** All words there are: each entry point declares its own besides (counter/i18n, desk/i18n), and adds them first. */
export interface Words extends Record<keyof typeof vi, string> {}
export type Key = keyof Words;
export type Language = 'vi' | 'en';
type Part = Readonly<Record<string, string>>;

const vietnamese: Record<string, string> = { ...vi };
const inEnglish: (() => Promise<Part>)[] = [async () => (await import('./en')).en];
let english: Part | null = null;
const table = shallowRef<Part>(vietnamese);

/** English is fetched when it is asked for, so that it costs nothing to those who do not. */
export function addWords(part: Part, itsEnglish: () => Promise<Part>): void {
  Object.assign(vietnamese, part);
  inEnglish.push(itsEnglish);
}
export const language = shallowRef<Language>('vi');
const KEPT = 'khuoi.language';

/** "hồ sơ" is one word, and stays on one line: with a no-break space. */
export const bound = (text: string): string => text.replace(/(hồ) (sơ)/gi, '$1\u00a0$2');

/** The sentence of a key in the language in use; {name} takes values.name. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return bound(table.value[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A key made of a prefix and a word of the server; null when the server says a word this page does not know. */
export function known(prefix: string, word: string): Key | null {
  const key = `${prefix}.${word}`;
  return Object.prototype.hasOwnProperty.call(vietnamese, key) ? (key as Key) : null;
}

export async function useLanguage(next: Language): Promise<void> {
  if (next === 'en') english ??= Object.assign({}, ...(await Promise.all(inEnglish.map((part) => part())))) as Part;
  table.value = next === 'en' && english ? english : vietnamese;
  language.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // A browser that keeps nothing: the language is chosen anew after a reload.
  }
}

/** The language this browser used last. */
export async function useKeptLanguage(): Promise<void> {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // As above.
  }
  if (kept === 'en') await useLanguage('en').catch(() => undefined);
}
