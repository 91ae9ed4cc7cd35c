#include "sync/contact/radio/radio_contact.h"

#include <utility>

namespace khuoi::sync {

std::optional<NodeId> RadioContact::peer_of(RadioAlias alias) const {
  const Self& self = replica_.self();
  if (!self.granted()) return std::nullopt;
  if (!self.is_commune()) return self.commune_node;
  for (const NodeFacts* node : replica_.roster().nodes()) {
    if (node->radio_alias == alias && !node->revoked) return node->node;
  }
  return std::nullopt;
}

RadioStreams* RadioContact::stream(AssociationId id, RadioAlias alias) {
  auto found = streams_.find(id);
  if (found == streams_.end()) {
    const auto peer = peer_of(alias);
    if (!peer) return nullptr;
    found = streams_.emplace(id, std::make_unique<RadioStreams>(replica_, *peer)).first;
  }
  return found->second.get();
}

namespace {
Bytes note_of(RadioPeer& peer) {
  auto said = std::exchange(peer.note, {});
  if (!said || said->empty()) return {};
  Bytes out = encode_note(*said);
  if (out.size() <= radio_note_octets_max) return out;
  said->refused = RangeSet(said->refused.ranges().begin()->first, said->refused.last());
  return encode_note(*said);
}
}  // namespace

Result<RadioWorkDone> RadioContact::run(Batch& batch, const RadioWork& work) {
  RadioWorkDone out;
  for (const auto& one : work.noted) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with != nullptr) KHUOI_TRY_VOID(with->out.noted(batch, one.note, one.fresh));
  }
  for (const auto& one : work.confirmed) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with != nullptr) KHUOI_TRY_VOID(with->out.confirmed(batch, one.names));
  }
  for (const auto& one : work.arrived) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with == nullptr) continue;
    KHUOI_TRY_VOID(with->in.take(batch, one.octets, taker_));
    Bytes note = note_of(with->peer);
    KHUOI_TRY_VOID(taker_.heard(batch, *peer_of(one.alias)));
    out.committed.push_back({one.alias, one.association, one.frames, std::move(note)});
  }
  for (const AssociationId id : work.ended) streams_.erase(id);
  for (const auto& one : work.wanted) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with == nullptr) continue;
    KHUOI_TRY(auto pieces, with->out.load(batch, one.octets, !work.idle));
    out.loaded.push_back({one.alias, one.association, std::move(pieces)});
  }
  return out;
}

}  // namespace khuoi::sync
