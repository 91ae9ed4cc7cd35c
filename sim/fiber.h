#pragma once

#include <list>

#include "sim/world.h"
#include "sync/contact/session.h"

namespace khuoi::sim {

/// One direction of a link: octets in flight, framed as on the real one, delivered in pieces of any length.
class Stream final {
 public:
  void send(ByteView message);
  /// Up to `octets` arrive; gives the messages that are whole now.
  std::vector<Bytes> deliver(std::size_t octets);
  [[nodiscard]] std::size_t in_flight() const { return flying_.size(); }

 private:
  Bytes flying_;
  Bytes arrived_;
};

/// Fibers between hamlets and the commune: they flap, and lose what is in flight.
class Fiber final {
 public:
  explicit Fiber(World& world) : world_(world) {}

  /// A random link moves on a little, or a new one opens.
  void act();
  void drop_links_of(const Node& node, const std::string& why);
  /// Of a box, with the commune.
  [[nodiscard]] bool has_link(const Node& box) const;
  /// A whole contact without a fault. Violation: it does not come to an end.
  sync::Counts contact(Node& box);

 private:
  struct Link {
    Node* box = nullptr;
    sync::Session dialler;
    sync::Session listener;
    Stream to_commune;
    Stream to_box;
    bool started = false;
    Link(Node& its_box, Node& commune, bool offers_grant);
  };
  enum class Turn : std::uint8_t { moved, idle, broken };
  Link& open(Node& box);
  /// One side takes what arrived and says what it has to say.
  Turn turn(Link& link, bool at_commune, std::size_t octets);
  void inject(Link& link);

  World& world_;
  std::list<Link> links_;
  std::uint32_t echoed_ordinal_ = 1;  ///< of the last head that a stolen box made up
  std::vector<Bytes> heard_;  ///< statements that went over some link, for those who replay them
};

}  // namespace khuoi::sim
