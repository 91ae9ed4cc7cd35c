// One voice at a time, as at a counter.
import { shallowRef } from 'vue';

export const playing = shallowRef<symbol | null>(null);
let audio: HTMLAudioElement | null = null;

export function stopSpeaking(): void {
  audio?.pause();
  audio = null;
  playing.value = null;
}

/** False when nothing could be heard: no voice on the box, or a recording that did not come with the form. */
export async function speak(who: symbol, url: string): Promise<boolean> {
  stopSpeaking();
  const next = new Audio(url);
  audio = next;
  playing.value = who;
  const over = (): void => {
    if (audio === next) stopSpeaking();
  };
  next.addEventListener('ended', over);
  next.addEventListener('error', over);
  try {
    await next.play();
    return true;
  } catch {
    const wasStopped = audio !== next;
    over();
    return wasStopped && next.error === null;
  }
}
