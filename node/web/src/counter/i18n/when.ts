// Moments as people say them.
import { clockText, dateText, daysBetween } from '../lib/dates';
import { t } from '../../shared/i18n';

/** "hôm nay lúc 10:32", "hôm qua lúc …", else dd/mm/yyyy hh:mm. now is the box's time, not the phone's. */
export function whenText(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0) return t('time.today', { clock: clockText(at) });
  if (days === 1) return t('time.yesterday', { clock: clockText(at) });
  return `${dateText(at)} ${clockText(at)}`;
}

/** The loudspeaker's next slot: "trưa mai, 11:30", or its day when that is further off. */
export function slotText(at: number, now: number): string {
  const days = daysBetween(now, at);
  const clock = clockText(at);
  if (days < 0 || days > 1) return t('time.slot.later', { clock, date: dateText(at) });
  const part = clock < '14:00' ? 'noon' : 'afternoon';
  return t(`time.slot.${part}.${days === 0 ? 'today' : 'tomorrow'}`, { clock });
}
