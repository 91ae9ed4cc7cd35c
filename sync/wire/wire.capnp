@0x9b1f6f0e6f0c2a57;
# What two nodes say to each other over a fiber, one message a frame: u32 length, then the message packed.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("khuoi::sync::wire");

struct Head {
  ordinal @0 :UInt32;
  sequence @1 :UInt64;
  start @2 :UInt64;
}

struct Hello {
  commune @0 :UInt64;
  node @1 :UInt64;
  capabilities @2 :UInt64;   # bits; unknown ones are ignored. 1: takes carried segments; 2: start proofs;
                             # 4: version 2 of statements of holdings
  head @3 :Head;             # of the statement I would make for you now
  echo @4 :Head;             # the latest of yours that I applied
  rosterDigest @5 :UInt64;
  nonce @6 :UInt64;          # fresh
  answers @7 :UInt64;        # your nonce, in the answer
  time @8 :Int64;            # seconds since 1970; a commune's is what hamlets trust
  caughtUp @9 :Bool;         # I have nothing for you
  grant @10 :Data;           # my grant, when you may have forgotten me
  sayWhole @11 :Bool;        # what you stated last does not add up here: state all
  echoSum @12 :UInt32;       # of the statement whose head is `echo`: see FORMATS.md; 0: not told
}

struct Chunk {
  file @0 :Data;
  level @1 :UInt8;
  index @2 :UInt32;
  octets @3 :Data;
}

struct CaughtUp {            # nothing more to send now
  taken @0 :UInt64;          # how many of your statements, records and chunk messages I took in
  echo @1 :Head;
  sayWhole @2 :Bool;         # as in Hello
}

struct Message {
  union {
    hello @0 :Hello;
    statement @1 :Data;      # tagged: holdings or roster; with capability 2, start proofs too
    records @2 :Data;        # a block
    chunk @3 :Chunk;
    caughtUp @4 :CaughtUp;
    carried @5 :Data;        # a whole segment of records that another box signed, to a commune only
  }
}
