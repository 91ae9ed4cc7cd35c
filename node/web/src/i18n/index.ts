// Every sentence of the pages goes through t(). A switch of the language changes what is on the screen at once.
import { shallowRef } from 'vue';
import { vi } from './vi';

export type Key = keyof typeof vi;
export type Language = 'vi' | 'en';

const tables: { vi: Record<Key, string>; en?: Record<Key, string> } = { vi };
const table = shallowRef<Record<Key, string>>(vi);
export const language = shallowRef<Language>('vi');
const KEPT = 'khuoi.language';

/** "hồ sơ" is one word, and stays on one line: with a no-break space. */
export const bound = (text: string): string => text.replace(/(hồ) (sơ)/gi, '$1\u00a0$2');

/** The sentence of a key in the language in use; {name} takes values.name. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return bound(table.value[key]).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A key made of a prefix and a word of the server; null when the server says a word this page does not know. */
export function known(prefix: string, word: string): Key | null {
  const key = `${prefix}.${word}`;
  return Object.prototype.hasOwnProperty.call(vi, key) ? (key as Key) : null;
}

/** English is fetched when it is asked for, so that it costs nothing to those who do not. */
export async function useLanguage(next: Language): Promise<void> {
  if (next === 'en' && !tables.en) tables.en = (await import('./en')).en;
  table.value = next === 'en' && tables.en ? tables.en : tables.vi;
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
