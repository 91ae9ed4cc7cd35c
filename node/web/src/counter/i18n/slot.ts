// The loudspeaker's times as people say them.
import { t } from '../../shared/i18n';
import { clockText, dateText, daysBetween } from '../../shared/lib/dates';

/** The loudspeaker's next slot: "trưa mai, 11:30", or its day when that is further off. */
export function slotText(at: number, now: number): string {
  const days = daysBetween(now, at);
  const clock = clockText(at);
  if (days < 0 || days > 1) return t('time.slot.later', { clock, date: dateText(at) });
  const part = clock < '14:00' ? 'noon' : 'afternoon';
  return t(`time.slot.${part}.${days === 0 ? 'today' : 'tomorrow'}`, { clock });
}
