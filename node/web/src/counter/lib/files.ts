/** Hands a file to the person's download folder. The policy allows no blob: in the page, but a download is no resource of it. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser reads it after the click has returned
}

/** A file name that every system can keep: letters and digits, the ending kept, at most 60 characters. */
export function tidyName(name: string): string {
  const clean = name.normalize('NFC').replace(/[^\p{L}\p{N}._ -]+/gu, '_').replace(/^[.\s]+/, '').trim();
  const dot = clean.lastIndexOf('.');
  const ending = dot > 0 ? clean.slice(dot).slice(0, 10) : '';
  return `${[...(dot > 0 ? clean.slice(0, dot) : clean)].slice(0, 50).join('') || 'tep'}${ending}`;
}
