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
    found->second->peer.alone = &objects_.alone(*peer);
  }
  return found->second.get();
}

namespace {
/// From its first to its last.
void close_gaps(RangeSet& set) {
  if (!set.empty()) set = RangeSet(set.ranges().begin()->first, set.last());
}

/// An acknowledgement has room for so much. Records that are told to be unknown and are not cost their way again;
/// those that are told to be refused and are not wait for a stick.
Bytes note_of(RadioPeer& peer, std::size_t octets_max) {
  auto said = std::exchange(peer.note, {});
  if (!said || said->empty()) return {};
  for (RangeSet* wide : {&said->unknown, &said->refused}) {
    Bytes out = encode_note(*said);
    if (out.size() <= octets_max) return out;
    close_gaps(*wide);
  }
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
    if (with == nullptr) continue;
    KHUOI_TRY_VOID(with->out.confirmed(batch, one.names));
    KHUOI_TRY_VOID(taker_.heard(batch, with->peer.node));
  }
  for (const auto& one : work.arrived) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with == nullptr) continue;
    KHUOI_TRY_VOID(with->in.take(batch, one.octets, taker_));
    Bytes note = note_of(with->peer, one.note_octets_max);
    KHUOI_TRY_VOID(taker_.heard(batch, *peer_of(one.alias)));
    out.committed.push_back({one.alias, one.association, one.frames, std::move(note)});
  }
  KHUOI_TRY_VOID(run_objects(batch, work, out));
  for (const AssociationId id : work.ended) streams_.erase(id);
  for (const auto& one : work.wanted) {
    RadioStreams* with = stream(one.association, one.alias);
    if (with == nullptr) continue;
    KHUOI_TRY(auto pieces, with->out.load(batch, one.octets, work.goes, one.alone));
    const RadioOut::Left& left = with->out.left();
    out.loaded.push_back({one.alias, one.association, std::move(pieces), left.behind, left.held});
  }
  return out;
}

/// By the newest association with it.
RadioMarks::Start RadioContact::start_of(const NodeId& node) const {
  for (auto one = streams_.rbegin(); one != streams_.rend(); ++one) {
    if (one->second->peer.node == node && one->second->peer.start.octets != 0) return one->second->peer.start;
  }
  return {};
}

/// What goes to all hamlets at once: at the commune what they have of it and the next one, at a hamlet what came.
Result<void> RadioContact::run_objects(Batch& batch, const RadioWork& work, RadioWorkDone& done) {
  for (const auto& one : work.told) {
    const auto node = peer_of(one.alias);
    if (node) KHUOI_TRY_VOID(objects_.told(batch, one, *node, start_of(*node)));
  }
  for (const auto& one : work.objects_arrived) {
    RadioPeer commune{replica_.self().commune_node, {}, {}, {}, {}, {}, nullptr};
    RadioIn in(replica_, commune, true);
    KHUOI_TRY_VOID(in.take(batch, one.octets, taker_));
    done.objects_taken.push_back({one.tag, in.whole()});
    if (replica_.since_start().told_time().is_live()) continue;
    // An announcement may be an old one that somebody sends again: the commune has to tell the time, to this box alone.
    for (const auto& [id, with] : streams_) with->out.greet_again();
  }
  std::vector<RadioObjects::Listener> listeners;
  for (const RadioAlias alias : work.listeners) {
    if (const auto node = peer_of(alias)) listeners.push_back({alias, *node});
  }
  if (listeners.empty() || !replica_.self().is_commune()) return {};
  KHUOI_TRY(done.object, objects_.load(batch.txn, listeners));
  return {};
}

}  // namespace khuoi::sync
