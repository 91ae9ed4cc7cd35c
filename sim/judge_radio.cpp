#include <algorithm>

#include "sim/judge.h"
#include "sync/peers/radio_marks.h"
#include "sync/record/header.h"
#include "sync/store/meta.h"

namespace khuoi::sim {

namespace {

/// In force or waiting for its opener or a passphrase: committed.
bool holds_record(const sync::ReadTxn& txn, const Bytes& key) {
  if (sure(txn.get(sync::Table::record, key), "get")) return true;
  bool waits = false;
  sure(sync::scan_prefix(txn, sync::Table::waiting, key, [&](ByteView, ByteView) { waits = true; }), "scan");
  return waits;
}

/// Own records that the node knows by radio to be at this peer.
void each_marked(Node& node, const sync::ReadTxn& txn, const NodeId& peer,
                 const std::function<void(const sync::RunKey&, const RangeSet&)>& visit) {
  const NodeId self = node.replica->self().node;
  sure(sync::RadioMarks::each(txn, peer,
                              [&](const sync::RunKey& run, sync::RadioMark& mark) -> Result<void> {
                                if (run.author == self) visit(run, mark.received);
                                return {};
                              }),
       "marks");
}

/// As sync/contact/radio/FORMATS.md says which records do.
bool goes_by_radio(const Node& author, const sync::RunRow& run, ByteView key, ByteView value) {
  constexpr std::size_t octets_max = 16U << 10U;
  constexpr std::uint8_t erased = 2;
  const auto head = sync::read_class_octet(value[0]);
  Reader from(key);
  from.raw(16);
  const bool author_copy = from.u32() == 1 && !run.is_public;
  const auto least = author.is_commune() && !run.is_public ? sync::Rank::high : sync::Rank::normal;
  return head && head->second >= least && !author_copy && (value[1] & erased) == 0 && value.size() - 2 <= octets_max;
}

/// What the author knows by radio of a start of the reader before the one it lives under now: nothing on the air tells
/// whether the reader's disk was set back between the two, so only a signed statement, by another path, takes it back.
RangeSet marked_before(Node& author, Node& reader, const sync::RunKey& run) {
  const auto there = sure(reader.replica->read(), "read");
  const std::uint64_t start = sure(sync::meta_number(*there, "starts"), "starts");
  const auto txn = sure(author.replica->read(), "read");
  const auto mark = sure(sync::RadioMarks::of(*txn, reader.replica->self().node, run), "mark");
  return mark.ordinal < start ? mark.received : RangeSet();
}

}  // namespace

void Judge::check_marks(Node& node) {
  const auto txn = sure(node.replica->read(), "read");
  const auto check = [&](Node& peer, const NodeId& its_id) {
    const auto there = sure(peer.replica->read(), "read");
    each_marked(node, *txn, its_id, [&](const sync::RunKey& run, const RangeSet& numbers) {
      for (const auto& [first, last] : numbers.ranges()) {
        for (std::uint64_t number = first; number <= last; ++number) {
          const Bytes key = sync::key_of(sync::Ref{run.author, run.run, static_cast<std::uint32_t>(number)});
          const bool holds = holds_record(*there, key);
          if (holds && peer.is_commune()) world_.ledger().commune_committed(key);  // be it that it waits there
          if (holds || (peer.is_commune() && world_.ledger().lost_by_commune(key))) continue;
          violated("an acknowledgement by radio lies: " + node.name + " believes that " + peer.name + " holds " +
                   name_of_key(key));
        }
      }
    });
  };
  if (!node.is_commune()) return check(world_.commune(), node.replica->self().commune_node);
  for (const auto& box : world_.nodes()) {
    if (!box->is_commune() && !box->set_back) check(*box, box->replica->self().node);
  }
}

std::optional<Bytes> Judge::missing_by_radio(Node& author, Node& reader) {
  const auto txn = sure(author.replica->read(), "read");
  const auto there = sure(reader.replica->read(), "read");
  std::optional<Bytes> out;
  const NodeId self = author.replica->self().node;
  const bool set_back = author.is_commune() && reader.set_back;
  const auto look = [&](const sync::RunKey& run, const sync::RunRow& row) {
    // What a signed statement named is only sent again once another one, which comes by other paths, takes it back.
    RangeSet told = sure(author.replica->peers().run(*txn, reader.replica->self().node, run), "run").received;
    if (set_back) told.add(marked_before(author, reader, run));
    std::optional<Bytes> opener;
    bool any = false;
    const auto at = [&](ByteView key, ByteView value) {
      const bool opens = value[0] % 4 == static_cast<std::uint8_t>(sync::Class::opener);
      if (!opens && !goes_by_radio(author, row, key, value)) return;
      any = any || !opens;
      const auto ref = sync::ref_from_key(key);
      const bool forgot = set_back || world_.ledger().lost_by_commune(key);
      if (holds_record(*there, to_bytes(key)) || (forgot && told.contains(ref->number))) return;
      (opens ? opener : out) = to_bytes(key);
    };
    sure(sync::scan_prefix(*txn, sync::Table::record, sync::key_of(run), at), "scan");
    if (!out && any) out = opener;  // it goes with the first record of its run
  };
  const auto each = [&](const sync::RunKey& run, const sync::RunRow& row) {
    if (out || run.author != self || row.local) return;
    const bool for_reader =
        author.is_commune() ? row.is_public || reader.replica->keys().has_public(row.audience) : !row.is_public;
    if (for_reader) look(run, row);
  };
  sure(author.replica->runs().each(*txn, each), "each");
  return out;
}

bool Judge::lost_its_copy(Node& author, Node& reader, const sync::RunKey& run) {
  const Bytes copy = sync::key_of(sync::Ref{run.author, run.run, 1});
  return !holds_record(*sure(author.replica->read(), "read"), copy) &&
         !holds_record(*sure(reader.replica->read(), "read"), copy);
}

bool Judge::lost_some_copy(Node& box) {
  Node& commune = world_.commune();
  bool out = false;
  const auto look = [&](Node& author, Node& reader) {
    const auto txn = sure(reader.replica->read(), "read");
    sure(reader.replica->runs().each(*txn,
                                     [&](const sync::RunKey& run, const sync::RunRow& row) {
                                       if (run.author != author.replica->self().node || row.is_public) return;
                                       const bool tells = row.held.last() > 1;
                                       out = out || (tells && lost_its_copy(author, reader, run));
                                     }),
         "each");
  };
  if (!world_.scenario().radio) return false;
  look(box, commune);
  look(commune, box);
  return out;
}

Result<void> Judge::restore_marks(Node& box, sync::Batch& batch) {
  const NodeId commune = box.replica->self().commune_node;
  each_marked(box, batch.txn, commune, [&](const sync::RunKey& run, const RangeSet& numbers) {
    once_marked_[{&box, run}].add(numbers);
  });
  const auto row = sure(box.replica->peers().row(batch.txn, commune), "row");
  for (const auto& [key, numbers] : once_marked_) {
    if (key.first != &box) continue;
    KHUOI_TRY_VOID(sync::RadioMarks::add_received(batch, commune, key.second, numbers,
                                                  {row.absorbed.ordinal, row.absorbed.start, 8}));
  }
  return {};
}

}  // namespace khuoi::sim
