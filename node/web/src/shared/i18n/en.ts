import { enDossiers } from './en_dossiers';
import { enPeople } from './en_people';
import type { vi } from './vi';

const enShell = {
  'app.loading': 'Opening…',
  'app.home': 'Home',
  'app.language': 'Tiếng Việt',
  'app.retry': 'Try again',
  'app.offline': 'The hamlet’s box does not answer. Is this phone still on the hamlet’s Wi-Fi?',
  'app.failed': 'Something went wrong and nothing was done. Please try again.',
  'app.wait': 'Wait {seconds} seconds, then try again.',
  'app.skip': 'Skip to the content',
  'sync.stick.working': 'USB: {percent} %, do not pull it',
  'sync.stick.safe': 'USB: safe to pull',
  'sync.stick.failed': 'USB not finished. You may pull it out.',
  'sync.stick.failed.pulled': 'USB not finished. Plug it in again.',
  'sync.stick.foreign.pull': 'A strange USB stick. You may pull it out.',
  'sync.stick.foreign.any': 'This USB stick is of another place; it is of no use here',
  'sync.stick.why.other': 'Plug it in again, or use another one. Nothing is lost',
  'sync.stick.foreign': 'This USB stick is not of the commune {commune}; it is of no use here',
  'sync.stick.for': 'USB stick of {commune}',
  'sync.stick.why.read_only': 'the stick is write-protected, or does not let this box write: what it brought was taken in, nothing could be written. Unprotect it, or use another one',
  'sync.stick.why.disk_full': 'the stick is full: make room on it, or use another one. Nothing is lost',
  'sync.stick.why.box_full': 'this box\'s own disk is full: what the stick brought was not taken in, what the hamlet wrote is on the stick. The stick is sound. Call the technician',
  'sync.stick.why.box_read_only': 'this box\'s own disk can no longer be written: what the stick brought was not taken in, what the hamlet wrote is on the stick. The stick is sound. Call the technician now',
  'sync.stick.why.box_io': 'this box\'s own disk fails: what the stick brought was not taken in. The stick is sound. Call the technician now',
  'sync.stick.why.damaged': 'a part of the stick is damaged: what is whole was taken in, the rest will be sent again',
  'sync.stick.why.io': 'the stick could not be read or written: plug it in again, or use another one. Nothing is lost',
  'sync.stick.why.pulled': 'the stick was pulled too early: plug it in again. Nothing is lost',
  'sync.stick.why.file_system': 'the stick has a format that is not used here: format it as FAT32 or exFAT, or use another one',
  'sync.stick.why.unsafe_mount': 'the stick is opened in a way that is not safe: pull it and plug it in again, or ask the technician',
  'sync.stick.why.mount_denied': 'this box may not open sticks: ask the technician',
  'sync.stick.why.mount_failed': 'the stick cannot be opened: have it checked on a computer, or use another one',
  'version.line': 'khuoi, version {version}',
} as const;

export const en: Record<keyof typeof vi, string> = { ...enShell, ...enPeople, ...enDossiers };
