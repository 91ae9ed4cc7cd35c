// Viet Nam keeps UTC+7 all year: the page shows that time whatever the phone's zone says.
const ZONE_SECONDS = 7 * 3600;

interface Parts { day: number; month: number; year: number; hour: number; minute: number; weekday: number; dayNumber: number }

function parts(unixSeconds: number): Parts {
  const local = new Date((unixSeconds + ZONE_SECONDS) * 1000);
  return {
    day: local.getUTCDate(), month: local.getUTCMonth() + 1, year: local.getUTCFullYear(),
    hour: local.getUTCHours(), minute: local.getUTCMinutes(), weekday: local.getUTCDay(),
    dayNumber: Math.floor((unixSeconds + ZONE_SECONDS) / 86400),
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** dd/mm/yyyy in Vietnamese time. */
export function dateText(unixSeconds: number): string {
  const at = parts(unixSeconds);
  return `${two(at.day)}/${two(at.month)}/${at.year}`;
}

/** hh:mm in Vietnamese time. */
export function clockText(unixSeconds: number): string {
  const at = parts(unixSeconds);
  return `${two(at.hour)}:${two(at.minute)}`;
}

/** Whole days from one moment to another by the Vietnamese calendar; negative when the second is earlier. */
export function daysBetween(from: number, to: number): number {
  return parts(to).dayNumber - parts(from).dayNumber;
}

/** 0 Sunday .. 6 Saturday. */
export function weekday(unixSeconds: number): number {
  return parts(unixSeconds).weekday;
}

/** What a person typed as a day, month, year, to ISO text; null when it is no date of the calendar. */
export function isoFromTyped(typed: string): string | null {
  const found = /^\s*(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4})\s*$/.exec(typed);
  if (!found) return null;
  const [day, month, year] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1800 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return `${year}-${two(month)}-${two(day)}`;
}

/** ISO text (a date, or the date of a date and time) to dd/mm/yyyy; other text as it is. */
export function typedFromIso(iso: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return found ? `${found[3]}/${found[2]}/${found[1]}` : iso;
}

/** Puts the slashes in while eight digits are typed: number pads of phones have none. */
export function withSlashes(typed: string): string {
  if (/[.\-\s]/.test(typed)) return typed;
  const hasOwn = typed.includes('/');
  const digits = typed.replace(/\D/g, '').slice(0, 8);
  if (hasOwn && !/^(\d{2}\/)?(\d{2}\/)?\d*$/.test(typed)) return typed;
  if (digits.length > 4) return `${digits.slice(0, 2)}/${digits.slice(2, 4)}/${digits.slice(4)}`;
  if (digits.length > 2) return `${digits.slice(0, 2)}/${digits.slice(2)}`;
  return digits;
}

/** The weekday of ISO text, 0 Sunday .. 6 Saturday. */
export function isoWeekday(iso: string): number {
  return new Date(`${iso.slice(0, 10)}T00:00:00Z`).getUTCDay();
}
