// Days of the calendar, as the desk counts them: in Vietnamese time.
import { daysBetween } from '../../shared/lib/dates';

const ZONE_SECONDS = 7 * 3600;

/** Days from today to a day (yyyy-mm-dd); negative when it is over. now: Unix seconds of the box. */
export function daysUntil(day: string, now: number): number {
  return daysBetween(now, Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 1000 - ZONE_SECONDS);
}
