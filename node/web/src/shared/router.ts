// Addresses live behind "#": the box serves one page, and a reload stays where it was.
import { computed, ref } from 'vue';

export interface Route { name: string; parts: string[]; query: URLSearchParams }

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part; // a stray % that somebody typed
    }
  });
  return { name: parts[0] ?? '', parts: parts.slice(1), query: new URLSearchParams(query) };
}

const hash = ref(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
  scrollTo(0, 0);
});

export const route = computed(() => parse(hash.value));

/** An address of this application: link('dossiers', id). */
export function link(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function go(address: string): void {
  location.hash = address;
}

/** Goes on without leaving the old address behind the back button. */
export function replace(address: string): void {
  history.replaceState(null, '', address);
  hash.value = location.hash;
  scrollTo(0, 0);
}
