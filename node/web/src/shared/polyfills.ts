// Pages served over plain http on a LAN are not a "secure context": the browser then hides crypto.randomUUID, which the
// form engine needs. getRandomValues is there in every context.
if (typeof crypto.randomUUID !== 'function') {
  crypto.randomUUID = () => {
    const octets = crypto.getRandomValues(new Uint8Array(16));
    octets[6] = (octets[6]! & 0x0f) | 0x40; // version 4, RFC 9562 section 5.4
    octets[8] = (octets[8]! & 0x3f) | 0x80; // variant 10
    const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}
export {};
