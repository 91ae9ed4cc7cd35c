#include "sim/fiber.h"

#include <algorithm>

#include "sync/wire/block.h"

namespace khuoi::sim {

void Stream::send(ByteView message) { Writer(flying_).u32(static_cast<std::uint32_t>(message.size())).raw(message); }

std::vector<Bytes> Stream::deliver(std::size_t octets) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(octets, flying_.size()));
  arrived_.insert(arrived_.end(), flying_.begin(), flying_.begin() + count);
  flying_.erase(flying_.begin(), flying_.begin() + count);
  std::vector<Bytes> out;
  std::size_t at = 0;
  for (;;) {
    Reader from(ByteView(arrived_).subspan(at));
    const std::uint32_t length = from.u32();
    const ByteView message = from.raw(length);
    if (!from.ok()) break;
    out.push_back(to_bytes(message));
    at += 4 + length;
  }
  arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(at));
  return out;
}

Fiber::Link::Link(Node& its_box, Node& commune, bool offers_grant)
    : box(&its_box),
      dialler(*its_box.replica, {.dials = true, .offers_grant = offers_grant},
              commune.replica->keys().sign().public_key),
      listener(*commune.replica, {}, its_box.replica->keys().sign().public_key) {}

Fiber::Link& Fiber::open(Node& box) {
  world_.trace().note(box.name + ": dials");
  return links_.emplace_back(box, world_.commune(), world_.rng().below(4) == 0);
}

void Fiber::drop_links_of(const Node& node, const std::string& why) {
  for (auto link = links_.begin(); link != links_.end();) {
    if (!node.is_commune() && link->box != &node) {
      ++link;
      continue;
    }
    world_.trace().note(link->box->name + ": its link is gone: " + why);
    link = links_.erase(link);
  }
}

bool Fiber::has_link(const Node& box) const {
  return std::ranges::any_of(links_, [&](const Link& link) { return link.box == &box; });
}

void Fiber::inject(Link& link) {
  // A stolen box says what it likes: old statements of others, and junk under others' names.
  SeededRng& rng = world_.rng();
  if (rng.below(3) == 0) {
    // It echoes heads that nobody gave, ever later ones, until the number would wrap.
    echoed_ordinal_ += rng.below(2) == 0 ? 4096 : 0x00ffffff;
    const sync::Head echo{echoed_ordinal_, rng.next() >> 32U, rng.id<RunId>().value};
    link.to_commune.send(sync::encode_message(sync::CaughtUp{rng.below(8), echo}));
    return;
  }
  if (!heard_.empty() && rng.below(2) == 0) {
    Bytes statement = heard_[rng.below(heard_.size())];
    if (rng.below(2) == 0) statement[rng.below(statement.size())] ^= static_cast<std::uint8_t>(1U << rng.below(8));
    link.to_commune.send(sync::encode_message(sync::StatementMessage{statement}));
    return;
  }
  sync::Sealed record;
  record.header.commune = link.box->replica->self().commune;
  record.header.author = world_.nodes()[rng.below(world_.nodes().size())]->replica->self().node;
  record.header.audience = sync::audience_id_of(link.box->replica->roster().commune()->kem.back());
  record.header.run = rng.id<RunId>();
  record.header.number = static_cast<std::uint32_t>(rng.below(4));
  if (record.header.number == 0) record.header.record_class = sync::Class::opener;
  record.body.resize(record.header.number == 0 ? sync::opener_octets : 4 * (4 + rng.below(20)));
  rng.fill(record.body);
  const std::vector<sync::Sealed> block{record};
  link.to_commune.send(sync::encode_message(sync::RecordsMessage{sync::encode_block(block)}));
}

Fiber::Turn Fiber::turn(Link& link, bool at_commune, std::size_t octets) {
  Node& here = at_commune ? world_.commune() : *link.box;
  sync::Session& session = at_commune ? link.listener : link.dialler;
  const auto messages = (at_commune ? link.to_commune : link.to_box).deliver(octets);
  const bool must_speak = !at_commune && !link.started;
  if (messages.empty() && !must_speak && world_.rng().below(4) != 0 && !world_.calm()) return Turn::idle;
  link.started = true;
  std::vector<Bytes> out;
  const NodeId box = link.box->replica->self().node;
  const Outcome outcome = world_.work(here, "takes " + std::to_string(messages.size()) + " messages",
                                      [&](sync::Batch& batch) -> Result<void> {
                                        for (const Bytes& message : messages) {
                                          KHUOI_TRY_VOID(session.on_message(batch, message));
                                        }
                                        if (!world_.calm()) session.on_local_change();
                                        const std::size_t octets_max = world_.rng().below(2) == 0 ? 2'000 : 1U << 20U;
                                        KHUOI_TRY(out, session.transmit(batch, octets_max));
                                        return {};
                                      });
  if (outcome == Outcome::crashed) return Turn::broken;  // the restart has dropped the link already
  if (outcome != Outcome::committed) {
    const auto at = std::ranges::find_if(links_, [&](const Link& one) { return &one == &link; });
    if (at != links_.end()) links_.erase(at);
    return Turn::broken;
  }
  for (const Bytes& message : out) {
    const auto decoded = sync::decode_message(message);
    if (!decoded) violated("a message of our own does not decode");
    if (const auto* statement = std::get_if<sync::StatementMessage>(&*decoded);
        statement != nullptr && heard_.size() < 64) {
      heard_.push_back(statement->octets);
    }
    (at_commune ? link.to_box : link.to_commune).send(message);
  }
  (void)box;
  return messages.empty() && out.empty() ? Turn::idle : Turn::moved;
}

void Fiber::act() {
  SeededRng& rng = world_.rng();
  const auto boxes = world_.boxes();
  if (boxes.empty()) return;
  if (links_.empty() || rng.below(4) == 0) {
    Node& box = *boxes[rng.below(boxes.size())];
    if (!has_link(box)) open(box);
  }
  if (links_.empty()) return;
  auto link = links_.begin();
  std::advance(link, static_cast<std::ptrdiff_t>(rng.below(links_.size())));
  const std::uint64_t turns = 1 + rng.below(12);
  for (std::uint64_t i = 0; i < turns; ++i) {
    world_.pass(static_cast<std::int64_t>(rng.below(600'000)));
    if (world_.strikes(world_.scenario().link_cut)) {
      world_.trace().note(link->box->name + ": the fiber is cut with " + std::to_string(link->to_commune.in_flight()) +
                          " and " + std::to_string(link->to_box.in_flight()) + " octets in flight");
      links_.erase(link);
      return;
    }
    if (link->listener.established() && world_.strikes(world_.scenario().forged)) inject(*link);
    const std::size_t octets = rng.below(3) == 0 ? rng.below(400) : 1U << 20U;
    if (turn(*link, i % 2 == 1, octets) == Turn::broken) return;
    if (link->dialler.finished()) {
      world_.trace().note(link->box->name + ": hangs up, all said");
      links_.erase(link);
      return;
    }
  }
}

sync::Counts Fiber::contact(Node& box) {
  drop_links_of(box, "a new contact");
  Link& link = open(box);
  for (std::size_t i = 0; i < 400; ++i) {
    const Turn here = turn(link, false, 1U << 24U);
    if (here == Turn::broken) violated(box.name + ": a calm contact breaks");
    if (link.dialler.finished() && link.to_commune.in_flight() == 0) {
      sync::Counts counts = link.dialler.counts();
      counts.add(link.listener.counts());
      world_.trace().note(box.name + ": a calm contact: " + describe(link.dialler.counts()) + " / " +
                          describe(link.listener.counts()));
      links_.pop_back();
      return counts;
    }
    const Turn there = turn(link, true, 1U << 24U);
    if (there == Turn::broken) violated(box.name + ": a calm contact breaks at the commune");
    if (here == Turn::idle && there == Turn::idle) violated(box.name + ": a calm contact stands still unfinished");
  }
  violated(box.name + ": a calm contact does not end: " + describe(link.dialler.counts()) + " / " +
           describe(link.listener.counts()));
}

}  // namespace khuoi::sim
