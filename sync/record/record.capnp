@0xc2f14b0c7d5a9e31;
# What records say, once opened. A field is never renumbered or reused; readers ignore what they do not know.
# Submissions and edits carry their XML outside these structures (see FORMATS.md), because a message's framing would
# cost a sixth of a whole record.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("khuoi::sync::schema");

struct Ref {
  author @0 :UInt64;   # identities are 8 octets, kept as big-endian numbers
  run @1 :UInt64;
  number @2 :UInt32;
}

struct File {          # how to fetch and open one attachment
  name @0 :Text;
  octets @1 :UInt64;
  type @2 :Text;
  key @3 :Data;        # 32 octets
  root @4 :Data;       # 32 octets
}

struct EditFacts {     # stands before an edit's payload
  dossier @0 :Data;    # 16 octets
  seen @1 :List(Ref);
}

struct Withdrawal {
  dossier @0 :Data;
  seen @1 :List(Ref);
  reason @2 :Text;
}

struct Manifest {
  dossier @0 :Data;
  file @1 :File;
}

struct ManifestOfVersion {   # a Manifest that says which submission or edit brought the file; read as one by old programs
  dossier @0 :Data;
  file @1 :File;
  version @2 :Ref;
}

struct Pick {
  dossier @0 :Data;
  chosen @1 :Ref;
  seen @2 :List(Ref);
}

struct State {
  hamlet @0 :UInt64;
  dossier @1 :Data;
  state @2 :UInt8;
  code @3 :Text;
  note @4 :Text;
  due @5 :Text;        # yyyy-mm-dd
  feeVnd @6 :UInt64;
  files @7 :List(File);
  seen @8 :List(Ref);
}

struct AnnouncementContent {   # what officers sign, as its octets stand
  text @0 :Text;
  urgency @1 :UInt8;           # 0 routine, 1 priority, 2 emergency
  to @2 :List(UInt64);         # hamlets; empty for all
  slots @3 :UInt8;             # bit 0 noon, bit 1 afternoon
  issued @4 :Int64;            # seconds since 1970 UTC
  expires @5 :Int64;
  clip @6 :File;
}

struct Approval {
  officer @0 :UInt64;          # BLAKE2b-64 of the officer's key
  signature @1 :Data;
}

struct Announcement {
  content @0 :Data;
  approvals @1 :List(Approval);
}

struct Played {
  announcement @0 :Ref;
  at @1 :Int64;
  byPerson @2 :Bool;
  notHeard @3 :Bool;   # takes back the one of that time: it failed before its first sample
}

struct Document {
  title @0 :Text;
  files @1 :List(File);
  to @2 :List(UInt64);
}

struct DocumentRead {
  document @0 :Ref;
  at @1 :Int64;
  person @2 :Text;
}

struct Message {
  text @0 :Text;
  person @1 :Text;
}

struct Form {
  id @0 :Text;
  version @1 :Text;
  title @2 :Text;
  domain @3 :UInt8;
  xml @4 :Data;
  media @5 :List(File);
  closed @6 :Bool;
}

struct Dictionary {
  formHash @0 :Data;     # BLAKE2b-256 of the form's octets
  octets @1 :Data;
}

struct GroupKey {
  key @0 :Data;
}

struct GroupKeyOfEpoch {     # a GroupKey that says which; read as one by old programs
  key @0 :Data;
  epoch @1 :UInt32;
}

struct Checkpoint {
  run @0 :UInt64;
  upTo @1 :UInt32;       # the last number covered
  chain @2 :Data;        # 32 octets: BLAKE2b-256 chain over the plaintexts
  final @3 :Bool;        # nothing follows in that run
  signature @4 :Data;
}

struct NodeHealth {
  version @0 :Text;
  storeOctets @1 :UInt64;
  diskFreeOctets @2 :UInt64;
  uptimeSeconds @3 :UInt64;
  clockTrusted @4 :Bool;
}

struct Erase {
  hamlet @0 :UInt64;
  dossier @1 :Data;
  reason @2 :Text;
}
