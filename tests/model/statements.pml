/* The rules of statements of holdings (sync/WIRE/FORMATS.md, "Statement of holdings", "Start proof"), as sync/peers and
 * sync/log/starts follow them. README.md beside this tells what a state is, what is checked and what is left out.
 *
 * Machines: 0 a hamlet, 1 its commune, 2 a copy of the hamlet's disk that runs as well. Bounds: state.pml.
 */
#include "state.pml"
#include "rules.pml"
#include "acts.pml"

active proctype history() {
  byte x, k;
  d_step {
    m[0].d.held = FORM; m[0].d.seq = 1; m[0].d.my = 1;
    m[0].loaded = 1;
    /* The commune published its form in a start that is over. */
    m[1].d.starts = 1; m[1].d.row_start[1] = 1; m[1].d.row_last[1] = OPEN; ids[1] = 1;
    m[1].life = 1; lives = 1;
    copy_disk(backup[0], m[0].d); copy_disk(backup[1], m[1].d);
    x = 0;
    do
    :: written < EARLY -> write(x)
    :: else -> break
    od;
    tell_all()
  }
  do
  :: atomic {
       written < EARLY + WRITES ->
       if
       :: x = 0
#if CLONES > 0
       :: clones != 0 -> x = 2
#endif
       fi;
       d_step {
         write(x);
         check(); x = 0
       }
     }
  :: atomic {
       WIRE & ~m[1].d.held ->
       if
       :: (WIRE & ~m[1].d.held) & 1 -> k = 0  /* early runs are alike: the first to arrive is 0 */
       :: (WIRE & ~m[1].d.held) & 2 && (EARLY < 2 || (m[1].d.held | lost) & 1) -> k = 1
       :: (WIRE & ~m[1].d.held) & 4 -> k = 2
       fi;
       d_step { printf("> arrive %d\n", k); arrive(k); check(); k = 0 }
     }
  :: atomic {
       gifts < GIFTS && (m[1].d.held & ~m[0].d.mine) ->
       if
       :: m[1].d.held & ~m[0].d.mine & 1 -> k = 0
       :: m[1].d.held & ~m[0].d.mine & 2 -> k = 1
       :: m[1].d.held & ~m[0].d.mine & 4 -> k = 2
       fi;
       d_step { printf("> back 0 %d\n", k); give_back(0, k); gifts++; check(); k = 0 }
     }
  :: atomic {
       made < STATES && (HAS_A_SAY(0) || HAS_A_SAY(1)) ->
       if
       :: HAS_A_SAY(0) -> x = 0
       :: HAS_A_SAY(1) -> x = 1
#if CLONES > 0
       :: clones != 0 && HAS_A_SAY(2) -> x = 2
#endif
       fi;
       d_step {
         make(x, made);
         printf("> state %d %d %d %d %d %d %d %d %d %d %d\n", x, made, st[made].head, st[made].echo, st[made].aside,
                st[made].whole, st[made].say, st[made].proof, st[made].lists, st[made].all, st[made].wants);
         keep_statement();
         check(); x = 0
       }
     }
  :: atomic {
       made > 0 ->
       select(k : 0 .. made - 1);
       if
       :: MAY_TAKE(0, k) -> x = 0
       :: MAY_TAKE(1, k) -> x = 1
#if CLONES > 0
       :: clones != 0 && MAY_TAKE(2, k) -> x = 2
#endif
       :: else
       fi;
       if
       :: bare_ = false
       :: proofs_lost < PROOFS_LOST && st[k].proof && NODE(st[k].from) != NODE(x) -> bare_ = true
       fi;
       d_step {
         touched_ = false;
         again_ = REPLAYED(x, k);
         if
         :: MAY_TAKE(x, k) -> take(x, k)
         :: else -> applied_ = false
         fi;
         replays = replays + (again_ && touched_);
         proofs_lost = proofs_lost + (bare_ && touched_);
         printf("> take %d %d %d %d\n", x, k, bare_, applied_); check(); bare_ = false; x = 0; k = 0
       }
     }
  :: atomic {
       hellos < HELLOS ->
       if
       :: x = 0; k = 1
       :: x = 1; k = 0
#if CLONES > 0
       :: clones != 0 -> x = 2; k = 1
       :: clones != 0 -> x = 1; k = 2
#endif
       fi;
       d_step {
         touched_ = false;
         printf("> hello %d %d\n", x, k); hello(x, k);
         hellos = hellos + touched_;
         check(); x = 0; k = 0
       }
     }
  :: atomic {
       restores < RESTORES ->
       if
       :: x = 0
       :: x = 1
       fi;
       d_step { restores++; printf("> restore %d\n", x); restore(x); drop_backups(); check(); x = 0 }
     }
  :: restores < RESTORES && backups[0] < BACKUPS ->
     d_step { backups[0]++; printf("> backup 0\n"); copy_disk(backup[0], m[0].d); skip }
  :: restores < RESTORES && backups[1] < BACKUPS ->
     d_step { backups[1]++; printf("> backup 1\n"); copy_disk(backup[1], m[1].d); skip }
#if CLONES > 0
  :: clones < CLONES ->
     d_step {
       clones++; printf("> clone\n");
       copy_disk(m[2].d, m[0].d); lives++; m[2].life = lives; begin_life(2);
       check(); x = 0
     }
#endif
  :: atomic {
       restarts < RESTARTS -> some_machine(x);
       d_step { restarts++; printf("> restart %d\n", x); begin_life(x); check(); x = 0 }
     }
  :: hours < HOURS ->
     d_step {
       hours++; printf("> hour\n");
       let_an_hour_pass(); check(); x = 0
     }
  :: atomic {
       lies < LIES -> some_machine(x);
       d_step { lies++; printf("> lie %d\n", x); note_echo(x, LIE); check(); x = 0 }
     }
  :: atomic {
       faults < FAULTS -> some_machine(x);
       d_step { faults++; printf("> fault %d\n", x); m[x].d.bad = 1; check(); x = 0 }
     }
#ifdef TRACE
  :: made == STATES || events > 150 -> break
#else
  :: break
#endif
  od;
  /* From wherever a history got to, either box goes on alone with the commune: all is known, then nothing moves. Then
   * all that was ever stated comes once more, which nobody can tell from a lost past that nobody saw; and once more,
   * when it was seen and is not believed. */
  if
  :: x = 0
#if CLONES > 0
  :: clones != 0 -> x = 2
#endif
  fi;
  atomic {
    if
    :: by_stick = false
    :: by_stick = true
    fi;
    d_step { printf("> rest %d %d\n", x, by_stick); let_an_hour_pass(); phase = 0; begin_rest() }
    do
    :: moved && !by_stick -> d_step { assert(rounds < ROUNDS); rounds++; meet(x); skip }
    :: moved && by_stick -> d_step { assert(rounds < STICK_ROUNDS); rounds++; pass_stick(x); skip }
    :: !moved && phase != 2 ->
       d_step {
         assert(D.said == m[1].d.held && D.said == D.mine && m[1].d.said == D.held);
         assert(!D.bad && (by_stick || !m[1].d.bad));
         replay_all(x);
         phase++; begin_rest()
       }
    :: !moved && phase == 2 -> break
    od;
    d_step {
      assert(D.said == m[1].d.held && D.said == D.mine && m[1].d.said == D.held);
      assert(!D.bad && (by_stick || !m[1].d.bad));
      printf("> end\n"); forget_all(); skip
    }
  }
}
