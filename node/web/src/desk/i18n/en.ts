// English, fetched only when somebody switches to it. The type makes a missing or additional key an error.
import { enDossier } from './en_dossier';
import { enInbox } from './en_inbox';
import { enOffice } from './en_office';
import type { vi } from './vi';

const enDesk = {
  'app.offline': 'The commune’s box does not answer. Is this computer still on the commune’s network?',
  'app.login': 'Log in',
  'login.title': 'Log in',
  'login.who': 'Choose your name',
  'login.lost': 'Lost your phrase? Ask an administrator to set a new one on the page Accounts.',
  'lock.title': 'Lock the commune’s box?',

  'rail.label': 'Pages',
  'rail.today': 'Today',
  'rail.today.short': 'Today',
  'rail.dossiers': 'Dossiers',
  'rail.accounts': 'Accounts',
  'rail.audit': 'Audit log',

  'role.clerk': 'clerk',
  'role.health': 'health',
  'role.broadcaster': 'broadcaster',
  'role.administrator': 'administrator',
  'role.none_reads': 'This account may not read dossiers. An administrator gives that role on the page Accounts.',
  'role.administrators_only': 'This page is for administrators.',

  'weekday.0': 'Sunday',
  'weekday.1': 'Monday',
  'weekday.2': 'Tuesday',
  'weekday.3': 'Wednesday',
  'weekday.4': 'Thursday',
  'weekday.5': 'Friday',
  'weekday.6': 'Saturday',
  'day.form': 'dd/mm/yyyy',
  'day.wrong': 'There is no such day. Write it as 31/12/2026.',

  'today.calm': 'No dossier waits for anything: none is new, none is due.',
  'today.pin': 'You have no PIN, so each login asks for the whole phrase.',
  'today.silent': 'Silent hamlets',
  'today.silent.days': '{hamlet} has sent nothing for {n} days',
  'today.silent.never': '{hamlet} has never sent anything',
  'today.silent.none': 'Every hamlet was heard of lately.',
  'today.box': 'The commune’s box',
  'today.backup': 'Latest backup: {when}',
  'today.backup.old': '({n} days ago: make another)',
  'today.backup.never': 'Never backed up. A broken disk would lose the dossiers.',
  'today.requests': 'Hamlets that ask to be enrolled: {n}',

  'keys.title': 'Keys',
  'keys.everywhere': 'The list',
  'keys.moves': 'The open dossier',
  'keys.rows': 'one dossier down, up',
  'keys.open': 'open the chosen dossier',
  'keys.search': 'to the search box',
  'keys.close': 'close',
  'keys.confirm': 'confirm',
  'keys.letters': 'Use keys of one letter',
  'keys.typing': 'While you type in a field, these keys do nothing.',
} as const;

export const en: Record<keyof typeof vi, string> = { ...enDesk, ...enInbox, ...enDossier, ...enOffice };
