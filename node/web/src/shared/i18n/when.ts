// Moments as people say them.
import { clockText, dateText, daysBetween } from '../lib/dates';
import { t } from '.';

/** "hôm nay lúc 10:32", "hôm qua lúc …", else dd/mm/yyyy hh:mm. now is the box's time, not the phone's. */
export function whenText(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0) return t('time.today', { clock: clockText(at) });
  if (days === 1) return t('time.yesterday', { clock: clockText(at) });
  return `${dateText(at)} ${clockText(at)}`;
}
