// The one place that talks to the box. See node/counter/API.md for what is asked and answered.
import { xmlText } from '../lib/xmlText';
import type { ErrorCode } from './types';

/** What the box, or the way to it, said no with. message is a sentence for people when the box sent one. */
export class ApiError extends Error {
  constructor(
    readonly code: ErrorCode | 'offline' | 'unknown',
    message: string,
    readonly status: number,
    /** Seconds until it is worth trying again; 0 when nothing was said. */
    readonly waitSeconds = 0,
  ) {
    super(message);
  }
}

let token = '';
let onRefused: (error: ApiError) => void = () => undefined;

/** The session's token against forged requests; GET /api/session brings it. */
export function setToken(next: string): void {
  token = next;
}

/** Told of every "locked", "denied" and "own_phrase", so that the application can ask people to unlock, or for a phrase of their own. */
export function whenRefused(handler: (error: ApiError) => void): void {
  onRefused = handler;
}

/** Names, reasons, notes and labels end in XML one day, and the box takes no half letters. A phrase goes as it was typed. */
const cleaned = (key: string, value: unknown): unknown => (typeof value === 'string' && key !== 'phrase' ? xmlText(value) : value);

type Body = FormData | Blob | object | undefined;

async function refusal(response: Response): Promise<ApiError> {
  let said: { error?: ErrorCode; message?: string; wait?: number } = {};
  try {
    said = (await response.json()) as typeof said;
  } catch {
    // Not JSON: a proxy, or a box that is being replaced. The status has to do.
  }
  return new ApiError(said.error ?? 'unknown', said.message ?? '', response.status, said.wait ?? 0);
}

async function send(method: string, path: string, body?: Body, keepalive = false): Promise<Response> {
  const headers: Record<string, string> = {};
  if (method !== 'GET') headers['X-Khuoi'] = token;
  let payload: BodyInit | undefined;
  if (body instanceof FormData || body instanceof Blob) payload = body;
  else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    payload = JSON.stringify(body, cleaned);
  }
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: payload, credentials: 'same-origin', cache: 'no-store', keepalive });
  } catch {
    throw new ApiError('offline', '', 0);
  }
  if (response.ok) return response;
  const error = await refusal(response);
  if (error.code === 'locked' || error.code === 'denied' || error.code === 'own_phrase') onRefused(error);
  throw error;
}

async function json<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const get = async <T>(path: string): Promise<T> => json<T>(await send('GET', path));
export const getText = async (path: string): Promise<string> => (await send('GET', path)).text();
export const getBlob = async (path: string): Promise<Blob> => (await send('GET', path)).blob();
export const getResponse = (path: string): Promise<Response> => send('GET', path);
export const post = async <T>(path: string, body?: Body): Promise<T> => json<T>(await send('POST', path, body ?? {}));
export const put = async <T>(path: string, body?: Body, keepalive = false): Promise<T> =>
  json<T>(await send('PUT', path, body ?? {}, keepalive));
export const remove = async (path: string): Promise<void> => void (await send('DELETE', path));

/** One path segment. */
export const segment = (text: string): string => encodeURIComponent(xmlText(text));

/** A form's key as a path segment. Some ids are addresses, and the box takes no encoded slash: such signs are escaped twice. */
export const keySegment = (key: string): string => segment(key.replace(/[%/\\]/g, encodeURIComponent));
