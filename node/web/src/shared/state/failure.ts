// From an error to the sentence a person reads.
import { ApiError } from '../api/client';
import { bound, t } from '../i18n';

/** A failure that the page itself found, with its sentence for people. */
export class Told extends Error {}

export function sentence(error: unknown): string {
  if (error instanceof Told) return error.message;
  if (error instanceof ApiError) {
    if (error.code === 'offline') return t('app.offline');
    if (error.waitSeconds > 0) return t('app.wait', { seconds: error.waitSeconds });
    if (error.message !== '') return bound(error.message);
  }
  return t('app.failed');
}

export const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof ApiError && codes.includes(error.code);
