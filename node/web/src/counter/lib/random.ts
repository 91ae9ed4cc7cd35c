/** Random lower-case hex digits, two an octet; the form of a draft's id. */
export function randomHex(octets: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(octets)), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
