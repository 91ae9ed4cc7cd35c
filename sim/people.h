#pragma once

#include <map>
#include <set>

#include "sim/world.h"

namespace khuoi::sim {

/// One attachment as it was handed in.
struct SavedFile {
  std::string name;
  Bytes digest;
  sync::FileId file;
  bool must = true;  ///< false: the only disk that held it is gone
};

/// One version of one dossier as it was handed in, kept by the oracle and never by the code under test.
struct Saved {
  std::size_t hamlet = 0;
  sync::Domain domain = sync::Domain::general;
  std::string instance;
  std::string xml;
  std::vector<std::string> file_names;
  std::vector<Bytes> keys;  ///< of the records written for it
  bool local = false;       ///< before the grant: it is sealed again, under other numbers
  std::uint64_t event = 0;
  bool durable = false;  ///< a commit happened, so it may appear at the commune
  bool must = false;     ///< and somebody was told: it must
  std::vector<SavedFile> files;
};

/// What people do at the boxes and at the commune, and the oracle's own record of it.
class People final {
 public:
  explicit People(World& world) : world_(world) {}

  /// Forms and early submissions, before and after the grants.
  void begin();
  /// One person does one thing somewhere.
  void act();
  void submit_at(Node& box);
  void submit_new(Node& box);
  void announce();
  void publish_form(sync::Domain domain);
  void revoke(Node& box);
  /// Something new to carry, whatever forms the box knows.
  void write_to_commune(Node& box);

  [[nodiscard]] std::vector<Saved>& saved() { return saved_; }
  [[nodiscard]] const std::set<NodeId>& revoked() const { return revoked_; }
  /// After a disk was set back: what no disk holds any more can no longer be asked for.
  void excuse_lost();

 private:
  void submit_edit(Node& box);
  void submit_again(Node& box);
  void hand_in(Node& box, Saved version);
  void withdraw(Node& box);
  void pick(Node& box);
  void message(Node& box);
  void set_state();
  void backup_and_mark_safe();
  void train();
  void rotate_kem();
  void publish_forms();
  std::string new_instance();
  std::string some_text();
  bool holds(Node& node, const Saved& version) const;

  World& world_;
  std::vector<Saved> saved_;
  std::set<NodeId> revoked_;
};

}  // namespace khuoi::sim
