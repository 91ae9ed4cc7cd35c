// What becomes of what waits for the radio, as people say it.
import type { Outlook } from '../../shared/api/types';
import { known, t } from '../../shared/i18n';
import { clockText } from '../../shared/lib/dates';

const HOURS_FROM_MINUTES = 90;

function spanText(minutes: number): string {
  return minutes < HOURS_FROM_MINUTES ? t('radio.minutes', { n: Math.max(minutes, 1) }) : t('radio.hours', { n: Math.round(minutes / 60) });
}

/** One sentence; empty for a word that this page does not know. */
export function outlookText(of: 'link' | 'dossier', outlook: Outlook): string {
  const clock = clockText((outlook.why === 'duty' ? outlook.until : outlook.fiber_at) ?? 0);
  const span = outlook.why === 'unheard' ? outlook.heard_minutes_ago : outlook.minutes;
  const timed = span === null ? null : known(`radio.${of}.${outlook.why}`, 'time');
  const key = timed ?? known(`radio.${of}`, outlook.why);
  return key ? t(key, { clock, time: spanText(span ?? 0) }) : '';
}
