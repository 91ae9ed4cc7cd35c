// Which files of a dossier are pictures that a browser shows.
import type { Attachment } from '../../shared/api/types';

export const isPhoto = (file: Attachment): boolean => /^image\/(jpeg|png|webp|gif)$/.test(file.type) || (file.type === '' && /\.(jpe?g|png|webp)$/i.test(file.name));
