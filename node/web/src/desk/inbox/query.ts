// What an inbox shows stands in its address: a reload, a link and a saved filter bring the same.
import { link } from '../../shared/router';

export const FILTERS = ['q', 'only', 'hamlet', 'form', 'state', 'domain', 'charge', 'since', 'until'] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = Partial<Record<FilterName, string>>;
export const PAGE_ROWS = 50;

export function filterOf(query: URLSearchParams): Filter {
  const out: Filter = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value) out[name] = value;
  }
  return out;
}

/** The filter as text, which filterOf reads back; empty for everything. */
export function textOf(filter: Filter): string {
  const out = new URLSearchParams();
  for (const name of FILTERS) if (filter[name]) out.set(name, filter[name]);
  return out.toString();
}

/** The address of an inbox, with a dossier open beside it. */
export function inboxAddress(filter: Filter, from = 0, id = ''): string {
  const words = [textOf(filter), from > 0 ? `from=${from}` : ''].filter(Boolean).join('&');
  return (id ? link('dossiers', id) : link('dossiers')) + (words && `?${words}`);
}
