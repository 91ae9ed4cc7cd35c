import type { vi } from './vi';

export const en: Record<keyof typeof vi, string> = {
  'commune.title': 'The box of the commune {name}',
  'commune.what': 'This version has no desk for the commune yet. The box takes in what the hamlets send. The commune’s staff work with commands.',
  'commune.commands': 'Commands used most',
  'commune.list': 'Dossiers from the hamlets',
  'commune.show': 'Look at one dossier',
  'commune.state': 'Answer a dossier',
  'commune.announce': 'An announcement for the loudspeakers',
  'commune.document': 'Send a document',
  'commune.message': 'Write to a hamlet',
  'commune.form': 'Add a form',
  'commune.enrol': 'Let a hamlet in',
  'commune.stick': 'Take in and write a USB stick',
  'commune.status': 'How this box is',
  'commune.help': 'All commands:',
};
