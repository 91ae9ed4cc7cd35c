// Our own icons on a 24 × 24 grid, drawn with one stroke width. Each is the "d" of one path.
export const icons = {
  home: 'M4 11 12 4l8 7v9h-5v-6H9v6H4z',
  back: 'M14 5l-7 7 7 7',
  next: 'M10 5l7 7-7 7',
  up: 'M5 15l7-7 7 7',
  down: 'M5 9l7 7 7-7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  cross: 'M6 6l12 12M18 6 6 18',
  check: 'M5 13l5 5L20 7',
  pen: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  bin: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 15v2',
  unlock: 'M6 11h12v9H6zM8.5 11V7.5A3.5 3.5 0 0 1 15 6M12 15v2',
  more: 'M4 7h16M4 12h16M4 17h16',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20',
  speak: 'M4 10v4h3l5 4V6l-5 4zM15.5 9.5a4 4 0 0 1 0 5M18 7a8 8 0 0 1 0 10',
  quiet: 'M4 10v4h3l5 4V6l-5 4zM16 9l5 6M21 9l-5 6',
  print: 'M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z',
  // A sheet with a plus: a new dossier.
  newPaper: 'M13 3H6v18h12V9zM13 3v6h5M12 12v6M9 15h6',
  paper: 'M14 3H6v18h12V7zM14 3v4h4M9 12h6M9 16h6',
  // A stack of sheets in a folder.
  folder: 'M3 19V6h6l2 3h10v10zM3 12h18',
  // A book of lines: who did what.
  book: 'M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6M9 11.500h6',
  // A heart with a beat through it.
  heart: 'M12 20C6 16 3.5 12.5 3.5 9A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8.5 2c0 3.5-2.5 7-8.5 11zM5 12h4l1.5-3 2.5 5 1.5-2H19',
  // The horn of a village loudspeaker on its pole.
  horn: 'M4 9v5h3l9 4V5L7 9zM16 8.5a3.5 3.5 0 0 1 0 6M8 14v6M19.5 6.5a7.5 7.5 0 0 1 0 10',
  usb: 'M8 10h8v8a3 3 0 0 1-3 3h-2a3 3 0 0 1-3-3zM9.5 10V4h5v6M11.5 6.5h0M13 6.5h0',
  fiber: 'M3 17c5 0 5-10 10-10h8M3 7c5 0 5 10 10 10h8M12 12h0',
  radio: 'M12 12v9M8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7M6 18A8.5 8.5 0 0 1 6 6M18 6a8.5 8.5 0 0 1 0 12M12 11h0',
  // A stream from two springs into one: what reaches the commune.
  stream: 'M4 4c4 1 5 4 8 8M20 4c-4 1-5 4-8 8M12 12c-2 3 2 5 0 9',
  camera: 'M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
  clip: 'M8 12l6-6a3 3 0 0 1 4.500 4.500l-8 8a5 5 0 0 1-7-7l7-7',
  place: 'M12 21c5-6 7-9 7-12a7 7 0 0 0-14 0c0 3 2 6 7 12zM12 7a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21c0-5 3.500-7 8-7s8 2 8 7',
  people: 'M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM2.500 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 5.500a3.500 3.500 0 0 1 0 6.500M17.500 14.500c2.500.5 4 2.500 4 5.500',
  phone: 'M7 3h10v18H7zM11 18h2',
  letter: 'M3 6h18v12H3zM3 7l9 7 9-7',
  link: 'M3 12h5M16 12h5M8 8h8v8H8zM12 8V4M12 16v4',
  clock: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 8v4.500l3 2',
  warn: 'M12 4 2.500 20h19zM12 10v5M12 17.500h0',
  info: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 11v5M12 8h0',
  coin: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM9 8h6M9 11h6M12 8v8',
  eye: 'M2.500 12c3-5 6-7 9.500-7s6.500 2 9.500 7c-3 5-6 7-9.500 7s-6.500-2-9.500-7zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  // Two changes that were made apart.
  fork: 'M12 21v-6M12 15c0-5-6-4-6-11M12 15c0-5 6-4 6-11M3.500 6.500 6 4l2.500 2.500M15.500 6.500 18 4l2.500 2.500',
  globe: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM3.500 12h17M12 3.500c3 3 3 14 0 17M12 3.500c-3 3-3 14 0 17',
} as const;

export type IconName = keyof typeof icons;
