// Photos are made smaller before they leave the phone: a villager's paper is legible at 1600 pixels, and a stick holds more.
export const PIXELS_MAX = 1600;
const QUALITY = 0.82;

async function decode(file: Blob): Promise<ImageBitmap> {
  // The photo's own orientation is applied, as every viewer does.
  return createImageBitmap(file, { imageOrientation: 'from-image' });
}

/** Draws a file on a canvas; its longer side at most pixelsMax. Rejects what is no picture this browser can read. */
export async function draw(file: Blob, canvas: HTMLCanvasElement, pixelsMax: number): Promise<void> {
  const bitmap = await decode(file);
  const scale = Math.min(1, pixelsMax / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

/** A JPEG of the photo, its longer side at most pixelsMax; the file itself when that is smaller. No place, no model of phone stays in it. */
export async function smaller(file: File, name: string, pixelsMax = PIXELS_MAX): Promise<File> {
  const canvas = document.createElement('canvas');
  await draw(file, canvas, pixelsMax);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!blob) throw new Error('no picture');
  return new File([blob], `${name}.jpg`, { type: 'image/jpeg' });
}
