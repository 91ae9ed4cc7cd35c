#include "sync/log/record_writer.h"

namespace khuoi::sync {

Result<Ref> RecordWriter::write(Batch& batch, const Recipient& to, Rank rank, Domain domain, const Body& body) {
  KHUOI_TRY(const Ref ref, runs_.append(batch, to, rank, domain, body));
  Plain plain;
  plain.kind = kind_of(body);
  plain.domain = domain;
  plain.body = body;
  plain.at.wall = batch.now.wall;
  KHUOI_TRY_VOID(acceptor_.apply_own(batch, ref, plain));
  return ref;
}

Recipient commune_recipient(const Membership& members, Domain domain) {
  if (!members.self.granted()) {
    Recipient own = Recipient::sealed_to(members.keys.reader_public(domain), domain);
    own.local = true;
    return own;
  }
  return Recipient::sealed_to(members.roster.commune()->kem.back(), domain);
}

Result<Recipient> box_recipient(const Membership& members, const HamletId& hamlet, Domain domain) {
  const NodeFacts* box = members.roster.box_of(hamlet);
  if (box == nullptr) return fail(Errc::not_found, "the hamlet " + hamlet.hex() + " has no box in force");
  return Recipient::sealed_to(box->reader(domain), domain);
}

}  // namespace khuoi::sync
