/* Bounds, each to be set with -D, and what there is. */
#ifndef EARLY
#define EARLY 2         /* runs that the hamlet wrote before the history begins, and after its first backup */
#endif
#ifndef WRITES
#define WRITES 0        /* runs that it writes later; 3 in all */
#endif
#ifndef STATES
#define STATES 3        /* statements made; each stays on some stick for good */
#endif
#ifndef HELLOS
#define HELLOS 0        /* halves of a session: one's hello, and what the other answers at once */
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#ifndef BACKUPS
#define BACKUPS 0       /* besides the one of each node from before they met */
#endif
#ifndef CLONES
#define CLONES 0
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#ifndef HOURS
#define HOURS 0         /* times that an hour passes: who asks for a whole statement is heard once an hour */
#endif
#ifndef LIES
#define LIES 0          /* heads that nobody gave, echoed by somebody */
#endif
#ifndef FAULTS
#define FAULTS 0        /* a tally that is wrong here for a reason that nothing else shows */
#endif
#ifndef REPLAYS
#define REPLAYS 1       /* times that a head does something though a later one of its start was heard, or itself */
#endif
#ifndef PROOFS_LOST
#define PROOFS_LOST 0   /* statements that come without the start proof which went beside them */
#endif
#ifndef GIFTS
#define GIFTS 0         /* runs given back to a hamlet that lost them, before all is undisturbed */
#endif
#ifndef ROUNDS
#define ROUNDS 4        /* of undisturbed contact, after which nothing may move any more */
#endif

#ifndef STICK_ROUNDS
#define STICK_ROUNDS 5  /* the same of a stick that goes there and back */
#endif

#define HEAD(o, s, i) (((o) << 10) | ((s) << 4) | (i))
#define ORDINAL(h) ((h) >> 10)
#define SEQUENCE(h) (((h) >> 4) & 63)
#define START(h) ((h) & 15)
#define LATER(a, b) (((a) >> 4) > ((b) >> 4))
#define OPEN 63
#ifndef ORDINALS
#define ORDINALS 6      /* rows of starts: 1 .. 5 */
#endif
#ifndef STARTS
#define STARTS 8        /* ids of starts of one node: 1 .. 7 */
#endif
#define LIE HEAD(15, 1, 15)
#define FORM 8          /* the commune's own run, which the hamlet holds from the beginning */
#define NODE(x) ((x) % 2)
#define SCRATCH(x) (STATES + NODE(x))  /* the statement of an undisturbed contact, which nobody copies */
#define BIT(x) (1 << NODE(x))

typedef Disk {
  unsigned starts : 4; unsigned seq : 6; unsigned my : 6;   /* counts; the sequence of what the peer should hear */
  unsigned mine : 3; unsigned held : 4;                     /* own runs; the peer's */
  unsigned said : 4; unsigned wants : 3; unsigned asked_back : 3;
  bit restored; bit asks; bit lately; bit bad;
  unsigned owes : 6;
  unsigned told : 4;                                        /* the start that the peer went by when told of `proof` */
  unsigned from_life : 3; unsigned from_slot : 4;           /* ghosts: of the statement in force */
  short absorbed; short echoed; short stated; short aside; short proof;
  byte changed[3];                                          /* by run of the hamlet */
  byte row_start[ORDINALS]; byte row_last[ORDINALS];
  byte heard[STARTS];                                       /* by start of the peer: the last sequence heard */
}
typedef Machine {
  unsigned current : 4; unsigned first : 4; unsigned loaded : 6;  /* the start in memory; starts made here; seq then */
  unsigned life : 3;                                              /* ghost: another one after each restore */
  Disk d;
}
typedef Statement {
  short head; short echo; short aside;
  unsigned from : 2; unsigned life : 3;
  bit whole; bit say; bit proof;
  unsigned lists : 4; unsigned all : 4; unsigned wants : 3;
}
#if CLONES > 0
Machine m[3];
#else
Machine m[2];
#endif
Disk backup[2];
Statement st[STATES + 2];
byte made, written, lives, lost;      /* `lost`: held by the commune once, and lost with a restore */
byte ids[2];
byte hellos, restores, backups[2], clones, restarts, hours, lies, faults, replays, gifts, proofs_lost;
/* Of the undisturbed end. By stick: who has something to read on it (a bit a node), who last stated over a week ago, and
 * which runs stand on it, either way. */
byte phase, rounds, moved;
bit by_stick;
unsigned unread : 2;
unsigned stale : 2;
unsigned carried : 3;
unsigned gifted : 3;

/* Of one step: the search does not take these back, so a choice of another step must not hang on them. */
#ifdef TRACE
short events;
#endif
hidden short out_head, e_, back_;
hidden byte n_, a_, b_, o_, k_, r_, listed_;
hidden byte touched_, bare_, again_, stands, same_, worth_, mine_, adds_, old_, aside_, applied_, first_, left_, better_;
hidden Disk none;

#define D m[x].d

inline copy_disk(to, src) {
  to.starts = src.starts; to.seq = src.seq; to.my = src.my; to.mine = src.mine; to.held = src.held; to.said = src.said;
  to.wants = src.wants; to.asked_back = src.asked_back; to.restored = src.restored; to.asks = src.asks;
  to.lately = src.lately; to.bad = src.bad; to.owes = src.owes; to.told = src.told;
  to.from_life = src.from_life; to.from_slot = src.from_slot; to.absorbed = src.absorbed; to.echoed = src.echoed;
  to.stated = src.stated; to.aside = src.aside; to.proof = src.proof;
  for (r_ : 0 .. 2) { to.changed[r_] = src.changed[r_]; }
  for (r_ : 0 .. ORDINALS - 1) { to.row_start[r_] = src.row_start[r_]; to.row_last[r_] = src.row_last[r_]; }
  for (r_ : 0 .. STARTS - 1) { to.heard[r_] = src.heard[r_]; }
}
