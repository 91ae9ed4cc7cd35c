/* What happens between nodes, how a history ends, what is looked at in every state and what is printed. */

/* ---- a session --------------------------------------------------------------------------------------------------- */

/* The hello of me reaches you, and you's reminder of a start that me seems to have forgotten comes back. */
inline hello(me, you) {
  if
  :: m[me].d.my != 0 || m[me].d.restored -> take_head(me); e_ = m[me].d.stated
  :: else -> e_ = 0
  fi;
  note_echo(you, m[me].d.absorbed);
  if
  :: m[me].d.asks -> note_asks_whole(you)
  :: else
  fi;
  head_stands(you);
  if
  :: stands && m[you].d.stated == m[me].d.absorbed && OTHER_SUM(me, m[you].d.held) -> note_asks_whole(you)
  :: else
  fi;
  if
  :: m[you].d.proof != 0 && ORDINAL(e_) <= ORDINAL(m[you].d.proof) && START(e_) != START(m[you].d.proof) &&
     (e_ == 0 || START(e_) != m[you].d.told) ->
     m[you].d.told = START(e_); touched_ = true;
     note_own_start(me, ORDINAL(m[you].d.proof), START(m[you].d.proof))
  :: else
  fi
}

inline write(x) {
  printf("> write %d %d\n", x, written);
  take_start(x);
  D.mine = D.mine | (1 << written);
  written++
}
inline let_an_hour_pass() {
  m[0].d.lately = 0; m[1].d.lately = 0; backup[0].lately = 0; backup[1].lately = 0;
#if CLONES > 0
  m[2].d.lately = 0;
#endif
  skip
}
inline arrive(r) {
  m[1].d.held = m[1].d.held | (1 << (r));
  restate(1);
  m[1].d.changed[r] = m[1].d.seq
}
inline give_back(x, r) { D.mine = D.mine | (1 << (r)); restate(x) }

inline restore(x) {
  if
  :: x == 1 -> lost = lost | (m[1].d.held & ~backup[1].held)
  :: else
  fi;
  copy_disk(m[x].d, backup[NODE(x)]);
  lives++;
  m[x].life = lives;
  begin_life(x)
}

/* ---- the end of every history: the two speak undisturbed --------------------------------------------------------- */

inline states_if_owed(me, you) {
  head_stands(me);
  if
  :: (m[me].d.my != 0 || m[me].d.restored) && (!stands || m[me].d.stated != m[you].d.absorbed) ->
     make(me, SCRATCH(me)); take(you, SCRATCH(me)); moved = true
  :: else
  fi
}
/* `n_` counts, a_ and b_ take turns. */
inline meet(x) {
  moved = false;
  for (n_ : 0 .. 1) {
    a_ = (n_ == 0 -> x : 1); b_ = (n_ == 0 -> 1 : x);
    hello(a_, b_)
  }
  for (n_ : 0 .. 3) {
    a_ = (n_ % 2 == 0 -> 1 : x); b_ = (n_ % 2 == 0 -> x : 1);
    if
    :: n_ == 2 -> exchange(x)
    :: else
    fi;
    states_if_owed(a_, b_)
  }
}
inline exchange(x) {
  for (k_ : 0 .. 2) {
    if
    :: (D.mine & ~D.said) & (1 << k_) ->
       moved = true;
       if
       :: m[1].d.held & (1 << k_)
       :: else -> arrive(k_)
       fi
    :: else
    fi;
    if
    :: (m[1].d.wants & m[1].d.held) & (1 << k_) ->
       moved = true;
       if
       :: D.mine & (1 << k_)
       :: else -> give_back(x, k_)
       fi
    :: else
    fi
  }
}
inline clear_statement(k) {
  st[k].head = 0; st[k].echo = 0; st[k].aside = 0; st[k].from = 0; st[k].life = 0; st[k].whole = 0;
  st[k].say = 0; st[k].proof = 0; st[k].lists = 0; st[k].all = 0; st[k].wants = 0
}
#define HAS_A_SAY(x) (m[x].d.my != 0 || m[x].d.restored)
/* sync/contact/packer and courier, of one stick that is new and only these two read. */
inline read_stick(me, you) {
  if
  :: unread & BIT(me) ->
     unread = unread & ~BIT(me);
     if
     :: st[SCRATCH(you)].head != 0 -> take(me, SCRATCH(you))
     :: else
     fi;
     note_own_start(me, ORDINAL(m[you].d.proof), START(m[you].d.proof));
     for (k_ : 0 .. 2) {
       if
       :: NODE(me) == 1 && (carried & ~m[1].d.held & (1 << k_)) -> arrive(k_)
       :: NODE(me) == 0 && (gifted & ~m[me].d.mine & (1 << k_)) -> give_back(me, k_)
       :: else
       fi
     }
  :: else
  fi
}
#define NEWS(x) (NODE(x) == 0 -> m[x].d.mine & ~m[x].d.said : 0)
inline write_stick(me, you) {
  head_stands(me);
  worth_ = HAS_A_SAY(me) && !(stands && m[me].d.stated == m[me].d.echoed) &&
           !(stands && m[me].d.stated == st[SCRATCH(me)].head) &&
           (NODE(me) == 1 || m[me].d.asks || (m[me].d.echoed == 0 && m[me].d.stated != 0) || NEWS(me) != 0 ||
            m[me].d.said & ~m[me].d.mine || m[me].d.restored || m[me].d.aside != 0);
  if
  :: stale & BIT(me) -> stale = stale & ~BIT(me); restate(me); worth_ = true
  :: else
  fi;
  if
  :: worth_ -> make(me, SCRATCH(me)); unread = unread | BIT(you); moved = true
  :: else
  fi;
  if
  :: NODE(me) == 0 && (NEWS(me) & ~carried) != 0 -> carried = carried | NEWS(me); unread = unread | BIT(you); moved = true
  :: NODE(me) == 1 && (m[1].d.wants & m[1].d.held & ~gifted) != 0 ->
     gifted = gifted | (m[1].d.wants & m[1].d.held); unread = unread | BIT(you); moved = true
  :: else
  fi
}
/* To the hamlet, to the commune and back. */
inline pass_stick(x) {
  moved = false;
  for (n_ : 0 .. 2) {
    a_ = (n_ == 1 -> 1 : x); b_ = (n_ == 1 -> x : 1);
    read_stick(a_, b_);
    write_stick(a_, b_)
  }
}
/* A week later, with a new stick. */
inline begin_rest() {
  rounds = 0; moved = true; unread = 0; stale = 3; carried = 0; gifted = 0;
  clear_statement(STATES); clear_statement(STATES + 1)
}
/* Everything that was ever stated comes once more. */
inline replay_all(x) {
  for (n_ : 0 .. 2 * STATES - 1) {
    if
    :: n_ / 2 < made -> a_ = (n_ % 2 == 0 -> x : 1); k_ = n_ / 2; take(a_, k_); assert(phase == 0 || !applied_)
    :: else
    fi;
    assert((D.said & ~(m[1].d.held | (phase == 0 -> lost : 0))) == 0)
  }
}

/* ---- what is printed for the replay: sync/statement_model_test.cpp reads it -------------------------------------- */

inline tell(x) {
  printf("= %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n",
         x, D.absorbed, D.echoed, D.stated, D.aside, D.restored, D.asks,
         SEQUENCE(D.echoed) < D.owes, SEQUENCE(D.stated) == D.my, D.said, D.mine, D.held, D.wants, D.proof)
}
inline tell_all() {
  tell(0); tell(1);
#if CLONES > 0
  if
  :: clones != 0 -> tell(2)
  :: else
  fi
#endif
}
#define REPLAYED(x, k) (NODE(st[k].from) != NODE(x) && SEQUENCE(st[k].head) <= m[x].d.heard[START(st[k].head)])
#define MAY_TAKE(x, k) (replays < REPLAYS || !REPLAYED(x, k))
#define WIRE ((1 << written) - 1)  /* runs that are on some stick */

inline check() {
  /* No receipt lies: what a hamlet believes is held was held, and is gone at most by a restore. */
  assert((m[0].d.said & ~(m[1].d.held | lost)) == 0);
#if CLONES > 0
  assert((m[2].d.said & ~(m[1].d.held | lost)) == 0);
#endif
  /* Nobody's word but its own signature takes a node past the starts that it made. */
  assert(m[0].d.starts <= ids[0] && m[1].d.starts <= ids[1]);
  tell_all();
#ifdef TRACE
  events++
#endif
}

/* A backup that nobody can restore any more is nothing. */
inline drop_backups() {
  if
  :: restores == RESTORES -> copy_disk(backup[0], none); copy_disk(backup[1], none); backups[0] = 0; backups[1] = 0
  :: else
  fi
}
/* The same statement once more is no other one. */
inline keep_statement() {
  same_ = false;
  for (k_ : 0 .. made - 1) {
    /* One head, one sum: who has applied a head need not look at it again. */
    assert(k_ >= made || st[k_].head != st[made].head || NODE(st[k_].from) != NODE(st[made].from) ||
           st[k_].all == st[made].all);
    same_ = same_ || (k_ < made && st[k_].head == st[made].head && st[k_].echo == st[made].echo &&
                      st[k_].aside == st[made].aside && st[k_].from == st[made].from && st[k_].life == st[made].life &&
                      st[k_].whole == st[made].whole && st[k_].say == st[made].say && st[k_].proof == st[made].proof &&
                      st[k_].lists == st[made].lists && st[k_].all == st[made].all && st[k_].wants == st[made].wants)
  }
  if
  :: same_ -> clear_statement(made)
  :: else -> made++
  fi
}
/* All ends are one state. */
inline forget_all() {
#if CLONES > 0
  copy_disk(m[2].d, none); m[2].life = 0; begin_life(2);
#endif
  copy_disk(m[0].d, none); copy_disk(m[1].d, none);
  copy_disk(backup[0], none); copy_disk(backup[1], none);
  for (k_ : 0 .. 1) { begin_life(k_); m[k_].life = 0 }
  for (k_ : 0 .. STATES + 1) { clear_statement(k_) }
  x = 0; k = 0; made = 0; written = 0; lives = 0; lost = 0; ids[0] = 0; ids[1] = 0; hellos = 0;
  restores = 0; backups[0] = 0; backups[1] = 0; clones = 0; restarts = 0; hours = 0; lies = 0; faults = 0; replays = 0;
  gifts = 0; proofs_lost = 0; phase = 0; rounds = 0; moved = 0;
  by_stick = 0; unread = 0; stale = 0; carried = 0; gifted = 0
}
inline some_machine(x) {
  if
  :: x = 0
  :: x = 1
#if CLONES > 0
  :: clones != 0 -> x = 2
#endif
  fi
}
