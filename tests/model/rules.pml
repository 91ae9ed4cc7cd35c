/* What one node does: each inline does what the function of its name does, in the file that its part names. */

/* ---- sync/log/starts --------------------------------------------------------------------------------------------- */

inline next_sequence(x) { D.seq = D.seq + 1; touched_ = true; assert(D.seq < OPEN - 1) }
inline restate(x) { next_sequence(x); D.my = D.seq }

inline close_last(x) {
  if
  :: D.starts != 0 && D.row_last[D.starts] == OPEN ->
     D.row_last[D.starts] = (m[x].first != 0 && D.starts >= m[x].first -> D.seq : m[x].loaded)
  :: else
  fi
}
inline take_start(x) {
  if
  :: m[x].current != 0
  :: else ->
     close_last(x);
     D.starts = D.starts + 1;
     ids[NODE(x)]++;
     assert(D.starts < ORDINALS && ids[NODE(x)] < STARTS);
     D.row_start[D.starts] = ids[NODE(x)];
     D.row_last[D.starts] = OPEN;
     m[x].first = (m[x].first == 0 || D.starts < m[x].first -> D.starts : m[x].first);
     m[x].current = D.starts
  fi
}
inline begin_life(x) { m[x].current = 0; m[x].first = 0; m[x].loaded = D.seq }

/* A start of mine, proved by my own signature: left_ is whether it was news. */
inline note_own_start(x, ordinal, id) {
  left_ = false;
#ifndef PLANT_PROOFS_IGNORED
  if
  :: ordinal != 0 && ordinal < ORDINALS && D.row_start[ordinal] != id ->
     if
     :: (m[x].current != 0 && m[x].current > ordinal) || (m[x].current == 0 && D.starts > ordinal)
     :: else ->
        close_last(x);
        D.starts = (D.starts > ordinal -> D.starts : ordinal);
        m[x].current = 0;
        left_ = true; touched_ = true
     fi;
     if
     :: ORDINAL(D.stated) > ordinal
     :: else -> D.restored = 1; D.echoed = 0; touched_ = true
     fi
  :: else
  fi
#endif
}

/* ---- sync/peers/echoes ------------------------------------------------------------------------------------------- */

inline is_mine(x, hd) {
  o_ = ORDINAL(hd);
  mine_ = false;
  if
  :: o_ < ORDINALS && !LATER(hd, D.stated) && D.row_start[o_] == START(hd) ->
     mine_ = SEQUENCE(hd) <= (D.row_last[o_] != OPEN -> D.row_last[o_] :
                             (m[x].first != 0 && o_ >= m[x].first -> D.seq : m[x].loaded))
  :: else
  fi
}
inline dispute(x, hd) {
  touched_ = true;
  D.restored = 1;
#ifndef PLANT_NO_SUPERSEDES
  D.aside = hd;
#endif
  D.echoed = 0;
#ifdef PLANT_ECHO_RAISES
  D.starts = (ORDINAL(hd) > D.starts -> ORDINAL(hd) : D.starts);
  m[x].current = 0;
#endif
}
inline note_echo(x, hd) {
  if
  :: hd == D.echoed || (D.restored && D.aside == hd)
  :: else ->
     if
     :: hd == 0 -> D.echoed = 0; touched_ = true
     :: else ->
        is_mine(x, hd);
        if
        :: !mine_ && D.aside != hd -> dispute(x, hd)
        :: !mine_ && D.aside == hd
        :: mine_ ->
           D.echoed = hd; touched_ = true;
           if
           :: hd == D.stated -> D.aside = 0
           :: else
           fi
        fi
     fi
  fi
}
inline first_heard(x, hd) {
  first_ = SEQUENCE(hd) > D.heard[START(hd)];
  if
  :: first_ -> D.heard[START(hd)] = SEQUENCE(hd); touched_ = true
  :: else
  fi
}
inline answer_the_past(x, k) {
#ifdef PLANT_PAST_UNANSWERED
  first_ = false;
#else
  first_heard(x, st[k].head);
#endif
  if
  :: first_ ->
     restate(x);
     if
     :: st[k].echo != 0 -> is_mine(x, st[k].echo)
     :: else -> mine_ = true
     fi;
     if
     :: !mine_ -> dispute(x, st[k].echo)
     :: else -> D.echoed = 0
     fi
  :: else
  fi
}

/* ---- sync/peers/receipts: making --------------------------------------------------------------------------------- */

inline head_stands(x) { stands = D.stated != 0 && SEQUENCE(D.stated) == D.my && !D.restored }
inline take_head(x) {
  head_stands(x);
  if
  :: stands
  :: else ->
     touched_ = true;
     take_start(x);
     if
     :: D.restored -> restate(x)
     :: else
     fi;
     out_head = HEAD(m[x].current, D.my, D.row_start[m[x].current]);
     if
     :: D.restored && LATER(out_head, D.aside) && ORDINAL(out_head) != ORDINAL(D.aside) -> D.aside = 0
     :: else
     fi;
     D.restored = 0;
     D.stated = out_head
  fi
}
#ifdef PLANT_NO_WHOLE_WHEN_ASKED
#define WHOLE_OWED(x) false
#else
#define WHOLE_OWED(x) (SEQUENCE(D.echoed) < D.owes)
#endif
inline make(x, k) {
  take_head(x);
  st[k].from = x; st[k].life = m[x].life;
  st[k].head = D.stated; st[k].echo = D.absorbed; st[k].aside = D.aside;
  st[k].say = D.asks; st[k].all = D.held;
  st[k].proof = START(D.echoed) != START(D.stated) || D.echoed == 0;
  st[k].whole = D.echoed == 0 || D.aside != 0 || WHOLE_OWED(x);
  listed_ = 0;
  for (r_ : 0 .. 2) {
    if
    :: D.changed[r_] > SEQUENCE(D.echoed) -> listed_ = listed_ | (1 << r_)
    :: else
    fi
  }
  st[k].lists = (st[k].whole -> D.held : D.held & listed_);
#ifdef PLANT_WANTS_UNTOLD
  st[k].wants = 0
#else
  st[k].wants = D.said & ~D.mine & 7 & (NODE(x) == 0 -> 7 : 0)
#endif
}

/* ---- sync/peers/receipts: taking --------------------------------------------------------------------------------- */

inline note_asks_whole(x) {
  if
  :: D.owes != 0 && D.lately
  :: else -> restate(x); D.owes = D.my; D.lately = 1
  fi
}
inline keep_proof(x, ordinal, id) {
  if
  :: ORDINAL(D.proof) > ordinal
  :: else ->
     better_ = D.proof == 0 || ORDINAL(D.proof) != ordinal ||
               (START(D.proof) != START(D.absorbed) && id == START(D.absorbed));
     if
     :: better_ -> D.proof = HEAD(ordinal, 0, id); D.told = 0; touched_ = true
     :: else
     fi
  fi
}
/* What the peer holds of runs that are not here. */
#define LOST(x) (D.said & ~D.mine & (NODE(x) == 0 -> 7 : 0))

inline apply(x, k) {
  D.said = (st[k].whole -> st[k].lists : (D.said | st[k].lists));
  D.bad = 0; touched_ = true;
  D.asks = 0;
  /* What applied is the signer's full state, and of one life of the signer never an earlier one. */
  assert(D.said == st[k].all);
  assert(D.absorbed == 0 || D.from_life != st[k].life || k >= STATES || k >= D.from_slot);
  D.from_life = st[k].life; D.from_slot = k;
  back_ = D.absorbed;
  D.absorbed = st[k].head;
  D.wants = st[k].wants;
  note_echo(x, st[k].echo);
  if
  :: LOST(x) != D.asked_back -> D.asked_back = LOST(x); restate(x)
  :: else
  fi;
  if
  :: back_ != 0 && START(back_) != START(st[k].head) -> restate(x)
  :: else
  fi
}
/* What was said under the head that applied last is not what its signer says, or holds, under it. */
#ifdef PLANT_EQUAL_HEADS_BELIEVED
#define OTHER_SUM(x, now) false
#else
#define OTHER_SUM(x, now) (D.bad || D.said != (now))
#endif
#define OTHER_PAST(x, k) (ORDINAL(st[k].head) == ORDINAL(D.absorbed) && START(st[k].head) != START(D.absorbed))
inline take(x, k) {
  applied_ = false;
  if
  :: NODE(st[k].from) == NODE(x) -> note_own_start(x, ORDINAL(st[k].head), START(st[k].head))
  :: else ->
     if
     :: st[k].proof && !bare_ -> keep_proof(x, ORDINAL(st[k].head), START(st[k].head))
     :: else
     fi;
     aside_ = st[k].aside != 0 && st[k].aside == D.absorbed;
     old_ = (!LATER(st[k].head, D.absorbed) || OTHER_PAST(x, k)) && !aside_;
#ifdef PLANT_OLDER_APPLIED
     old_ = st[k].head == D.absorbed;
#endif
     if
     :: old_ && st[k].head != D.absorbed -> answer_the_past(x, k)
     :: old_ && st[k].head == D.absorbed && (!OTHER_SUM(x, st[k].all) || D.asks)
     :: old_ && st[k].head == D.absorbed && OTHER_SUM(x, st[k].all) && !D.asks -> D.asks = 1; restate(x)
     :: !old_ ->
        adds_ = (st[k].whole || (!D.bad && (D.said & ~st[k].all) == 0 && (D.said | st[k].lists) == st[k].all));
#ifdef PLANT_SUM_UNCHECKED
        adds_ = true;
#endif
        first_heard(x, st[k].head);
        if
        :: st[k].say && first_ -> note_asks_whole(x)
        :: else
        fi;
        if
        :: adds_ -> apply(x, k); applied_ = true
        :: !adds_ && !D.asks ->
#ifndef PLANT_NEVER_ASKS
           D.asks = 1;
#endif
           restate(x)
        :: !adds_ && D.asks
        fi
     fi
  fi
}
