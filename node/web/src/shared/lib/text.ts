/** Lower case without diacritics, so that "dang ky" finds "Đăng ký". đ has no decomposition in Unicode. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Mn}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'd').toLowerCase();
}

/** Sizes as people say them: decimal units, a comma for the fraction. */
export function sizeText(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = octets;
  let unit = 'B';
  for (const next of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 10 ? value.toFixed(1).replace('.', ',') : Math.round(value)} ${unit}`;
}

/** A fee as it is written on a receipt: 50.000 đ. */
export function moneyText(dong: number): string {
  return `${String(Math.round(dong)).replace(/\B(?=(\d{3})+(?!\d))/g, '.')} đ`;
}

/** Digits in groups, so that they can be read aloud and compared. */
export function grouped(digits: string, size = 5): string {
  return digits.replace(/\s+/g, '').replace(new RegExp(`(.{${size}})(?=.)`, 'g'), '$1 ');
}
