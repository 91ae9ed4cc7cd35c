@0xf00d6da9f789a172;
# What the commune's authority says of boxes, of the commune and of its officers, and how a box asks to join. Each
# message travels packed, followed by a signature (see ROSTER.md). A field is never renumbered or reused; readers ignore
# what they do not know. Identities are 8 octets, kept as big-endian numbers.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("khuoi::sync::schema");

struct RosterStatement {
  union {
    grant @0 :Grant;
    revocation @1 :Revocation;
    commune @2 :CommuneStatement;
    officer @3 :OfficerStatement;
  }
}

struct BoxKeys {               # 32 octets each
  sign @0 :Data;               # Ed25519; its BLAKE2b-64 is the box's identity
  auth @1 :Data;               # X25519, as are the next
  readerGeneral @2 :Data;
  readerHealth @3 :Data;
}

struct Grant {
  hamlet @0 :UInt64;           # the identity of the hamlet's first box
  name @1 :Text;
  keys @2 :BoxKeys;
  radioAlias @3 :UInt16;
  granted @4 :Int64;           # seconds since 1970 UTC, by the commune's clock
}

struct RunEnd {
  run @0 :UInt64;
  number @1 :UInt32;           # the last one that counts
}

struct Revocation {
  node @0 :UInt64;
  at @1 :Int64;
  countedUpTo @2 :List(RunEnd);
}

struct CommuneStatement {
  name @0 :Text;
  authority @1 :Data;          # Ed25519; its BLAKE2b-64 is the commune's identity
  sign @2 :Data;               # Ed25519; its BLAKE2b-64 is the identity the commune writes under
  radio @3 :Data;              # X25519
  serial @4 :UInt32;
  kem @5 :List(Data);          # X25519, oldest first; the last one is sealed to
}

struct OfficerStatement {
  key @0 :Data;                # Ed25519; its BLAKE2b-64 is the officer's identity
  name @1 :Text;
  revoked @2 :Bool;
}

struct EnrolRequest {
  name @0 :Text;
  keys @1 :BoxKeys;
}
