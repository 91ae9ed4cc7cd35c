// A form's key, "id~version" as the box gives it: an id may hold a '~', in the version '~' and '%' are escaped.

export const formKey = (form: string, version: string): string => `${form}~${version.replace(/[%~]/g, (one) => (one === '~' ? '%7E' : '%25'))}`;

export function splitKey(key: string): { form: string; version: string } {
  const at = key.lastIndexOf('~');
  if (at < 0) return { form: key, version: '' };
  const version = key.slice(at + 1);
  try {
    return { form: key.slice(0, at), version: decodeURIComponent(version) };
  } catch {
    return { form: key.slice(0, at), version };
  }
}
