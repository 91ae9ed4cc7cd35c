#include "sim/judge.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sim {

namespace {

using sync::Table;

void each_number(const RangeSet& numbers, const sync::RunKey& key, const std::function<void(const Bytes&)>& visit) {
  for (const auto& [first, last] : numbers.ranges()) {
    for (std::uint64_t number = first; number <= last; ++number) {
      visit(sync::key_of(sync::Ref{key.author, key.run, static_cast<std::uint32_t>(number)}));
    }
  }
}

/// Class, rank and body; the octet between is a node's own view.
Bytes sealed_part(ByteView value) {
  Bytes out = to_bytes(value.first(1));
  append(out, value.subspan(2));
  return out;
}

std::map<Bytes, Bytes> records_of(const sync::ReadTxn& txn, const sync::RunKey& key) {
  std::map<Bytes, Bytes> out;
  sure(sync::scan_prefix(txn, Table::record, sync::key_of(key),
                         [&](ByteView at, ByteView value) { out.emplace(to_bytes(at), sealed_part(value)); }),
       "scan");
  return out;
}

std::string short_of(const std::string& instance) { return instance.substr(0, 13); }

}  // namespace

void Judge::check_receipts() {
  const auto commune = sure(world_.commune().replica->read(), "read");
  for (const auto& node : world_.nodes()) {
    if (world_.scenario().radio) check_marks(*node);
    if (node->is_commune() || !std::exchange(node->touched, false)) continue;
    const auto txn = sure(node->replica->read(), "read");
    const NodeId self = node->replica->self().node;
    Believed now;
    sure(node->replica->peers().each_run(*txn, node->replica->self().commune_node,
                                         [&](const sync::RunKey& key, const sync::PeerRun& run) {
                                           if (key.author != self) return;
                                           now.received.emplace(key, run.received);
                                           now.safe.emplace(key, run.safe);
                                         }),
         "each_run");
    Believed& before = believed_[node.get()];
    const Ledger& ledger = world_.ledger();
    for (const auto& [key, received] : now.received) {
      each_number(received.minus(before.received[key]), key, [&](const Bytes& at) {
        const bool there = sure(commune->get(Table::record, at), "get").has_value();
        if (there || ledger.lost_by_commune(at)) return;
        violated("a receipt lies: " + node->name + " believes that the commune holds " + name_of_key(at));
      });
    }
    for (const auto& [key, received] : before.received) {
      each_number(received.minus(now.received[key]), key, [&](const Bytes& at) {
        // After a restore, a stick out of the lost life may say less, until the commune hears that it was believed.
        if (ledger.commune_was_restored()) return;
        violated("a receipt was taken back: " + node->name + " no longer believes that the commune holds " +
                 name_of_key(at));
      });
    }
    for (const auto& [key, safe] : now.safe) {
      if (!now.received[key].contains(safe)) violated(node->name + " believes a record safe that was not received");
    }
    before = std::move(now);
  }
}

void Judge::check_run(Node& author, const sync::RunKey& key, const sync::RunRow& row, Node& reader) {
  const auto at_author = records_of(*sure(author.replica->read(), "read"), key);
  const auto at_reader = records_of(*sure(reader.replica->read(), "read"), key);
  for (const auto& [at, value] : at_author) {
    const auto there = at_reader.find(at);
    if (there == at_reader.end()) violated(reader.name + " never got " + name_of_key(at) + " of " + author.name);
    if (there->second != value) violated(reader.name + " holds other octets for " + name_of_key(at));
  }
  // Nobody states that an opener and an author copy came, and nothing is read with them alone.
  if (!row.is_public && !at_reader.empty() && sync::ref_from_key(at_reader.rbegin()->first)->number <= 1) return;
  for (const auto& [at, value] : at_reader) {
    if (!at_author.contains(at) && !lost_its_copy(author, reader, key)) violated(author.name + " never got back its own " + name_of_key(at));
  }
}

void Judge::check_records(Node& author) {
  const NodeId self = author.replica->self().node;
  std::vector<std::pair<sync::RunKey, sync::RunRow>> runs;
  const auto collect = [&](Node& node) {
    const auto txn = sure(node.replica->read(), "read");
    sure(node.replica->runs().each(*txn,
                                        [&](const sync::RunKey& key, const sync::RunRow& row) {
                                          const bool known = std::ranges::any_of(
                                              runs, [&](const auto& run) { return run.first == key; });
                                          if (key.author == self && !row.local && !known) runs.emplace_back(key, row);
                                        }),
         "each");
  };
  collect(author);
  for (const auto& node : world_.nodes()) {
    if (node->on && !node->revoked) collect(*node);
  }
  for (const auto& [key, row] : runs) {
    if (!author.is_commune()) {
      check_run(author, key, row, world_.commune());
      continue;
    }
    for (Node* box : world_.boxes()) {
      const bool for_it = row.is_public || box->replica->keys().has_public(row.audience);
      if (for_it) check_run(author, key, row, *box);
    }
  }
}

void Judge::check_files(const Saved& version, const sync::DossierDetail& detail) {
  sync::Replica& commune = *world_.commune().replica;
  const auto txn = sure(commune.read(), "read");
  for (const SavedFile& file : version.files) {
    if (!file.must) continue;
    const auto facts = std::ranges::find_if(
        detail.files, [&](const sync::FileFacts& one) { return sync::file_id_of(one.key) == file.file; });
    if (facts == detail.files.end())
      violated("the commune does not know " + file.name + " of " + short_of(version.instance));
    if (facts->name != file.name) violated(file.name + " is called " + facts->name + " at the commune");
    sync::Blake2b hash(32);
    const auto done = sync::Files::read(*txn, *facts, [&](ByteView part) -> Result<void> {
      hash.add(part);
      return {};
    });
    if (!done)
      violated("the commune cannot read " + file.name + " of " + short_of(version.instance) + ": " + done.error().what);
    if (hash.finish() != file.digest)
      violated(file.name + " of " + short_of(version.instance) + " has other octets at the commune");
  }
}

void Judge::check_saved() {
  sync::Replica& commune = *world_.commune().replica;
  const auto txn = sure(commune.read(), "read");
  const auto status = sure(commune.reader().status(*txn), "status");
  if (status.unopened != 0) {
    std::string why;
    for (const auto& item : sure(sync::quarantined(*txn), "quarantined")) why += "; " + item.why;
    violated("the commune holds " + std::to_string(status.unopened) + " records that it cannot open" + why);
  }
  std::vector<sync::DossierKey> keys;
  sure(commune.dossiers().each_key(*txn,
                                   [&](const sync::DossierKey& key, const sync::DossierRow&) { keys.push_back(key); }),
       "each_key");
  std::map<HamletId, std::size_t> hamlets;
  for (const auto& node : world_.nodes()) {
    if (!node->is_commune()) hamlets.emplace(HamletId(node->replica->self().node.value), node->hamlet);
  }
  std::map<std::pair<std::size_t, std::string>, std::pair<std::size_t, std::size_t>> there;  // xml → copies, detail
  std::vector<sync::DossierDetail> details;
  for (const sync::DossierKey& key : keys) {
    details.push_back(sure(commune.views().detail(*txn, key), "detail"));
    for (const sync::DossierVersion& version : details.back().versions) {
      auto& seen = there[{hamlets.at(key.hamlet), std::string(text_of(version.xml))}];
      ++seen.first;
      seen.second = details.size() - 1;
    }
  }
  std::map<std::pair<std::size_t, std::string>, std::size_t> durable;  // how often it was written
  for (const Saved& version : people_.saved()) {
    if (version.durable) ++durable[{version.hamlet, version.xml}];
  }
  for (const auto& [xml, seen] : there) {
    const auto written = durable.find(xml);
    if (written == durable.end()) violated("the commune shows what nobody saved: " + xml.second);
    if (seen.first > written->second) violated("the commune shows a version more than once: " + xml.second);
  }
  for (const Saved& version : people_.saved()) {
    if (!version.must) continue;
    const auto seen = there.find({version.hamlet, version.xml});
    if (seen == there.end()) {
      violated("saved, but not at the commune byte for byte: " + short_of(version.instance) +
               (version.keys.empty() ? "" : " at " + name_of_key(version.keys.back())));
    }
    check_files(version, details[seen->second.second]);
  }
}

void Judge::check_agreement(Node& box) {
  if (lost_some_copy(box)) return;
  sync::Replica& here = *box.replica;
  sync::Replica& commune = *world_.commune().replica;
  const auto box_txn = sure(here.read(), "read");
  const auto commune_txn = sure(commune.read(), "read");
  const auto status = sure(here.reader().status(*box_txn), "status");
  if (status.waiting != 0) violated(box.name + " still has " + std::to_string(status.waiting) + " waiting");
  if (status.unopened != 0) violated(box.name + " cannot open " + std::to_string(status.unopened) + " records");
  const HamletId hamlet = here.self().hamlet;
  std::size_t at_commune = 0;
  std::size_t at_box = 0;
  std::vector<DossierId> ids;
  sure(here.dossiers().each_key(*box_txn,
                                [&](const sync::DossierKey& key, const sync::DossierRow&) {
                                  ++at_box;
                                  ids.push_back(key.id);
                                }),
       "each_key");
  sure(commune.dossiers().each_key(*commune_txn,
                                   [&](const sync::DossierKey& key, const sync::DossierRow&) {
                                     if (key.hamlet == hamlet) ++at_commune;
                                   }),
       "each_key");
  for (const DossierId& id : ids) {
    const std::string name = box.name + "'s dossier " + id.hex().substr(0, 8);
    const auto mine = sure(here.views().detail(*box_txn, {HamletId(), id}), "detail at a hamlet");
    const auto theirs_found = commune.views().detail(*commune_txn, {hamlet, id});
    if (!theirs_found) violated(name + " is not at the commune: " + theirs_found.error().what);
    const auto& theirs = *theirs_found;
    const auto my_row = sure(here.dossiers().row(*box_txn, {HamletId(), id}), "row");
    const auto their_row = sure(commune.dossiers().row(*commune_txn, {hamlet, id}), "row");
    if (my_row->stale || their_row->stale)
      violated(name + " was not folded again (" + (my_row->stale ? "hamlet" : "commune") + ")");
    if (my_row->items.size() != their_row->items.size()) {
      violated(name + " has " + std::to_string(my_row->items.size()) + " records here and " +
               std::to_string(their_row->items.size()) + " at the commune");
    }
    if (mine.entry.pending) violated(name + " still shows pending");
    if (mine.entry.state == "saved" || mine.entry.state == "sent") violated(name + " still shows " + mine.entry.state);
    if (mine.entry.state != theirs.entry.state) {
      violated(name + " is '" + mine.entry.state + "' there and '" + theirs.entry.state + "' at the commune");
    }
    if (mine.entry.conflict != theirs.entry.conflict) violated(name + ": one side shows a conflict, the other none");
    if (mine.withdrawal_asked != theirs.withdrawal_asked) violated(name + ": the sides differ on a withdrawal");
    if (mine.entry.instance_id != theirs.entry.instance_id) violated(name + ": the sides show other versions");
    if (mine.versions.size() != theirs.versions.size()) violated(name + ": the sides hold other versions");
    if (mine.history != theirs.history) violated(name + ": the sides tell another history");
  }
  if (at_box != at_commune) {
    violated(box.name + " shows " + std::to_string(at_box) + " dossiers, the commune " + std::to_string(at_commune) +
             " of it");
  }
}

void Judge::check_roster() {
  for (const NodeId& node : people_.revoked()) {
    const auto knows = [&](Node& one) {
      const sync::NodeFacts* facts = one.replica->roster().node(node);
      return facts != nullptr && facts->revoked;
    };
    bool anybody = knows(world_.commune());
    for (Node* box : world_.boxes()) anybody = anybody || knows(*box);
    if (!anybody) continue;
    if (!knows(world_.commune())) violated("the commune forgot a revocation");
    for (Node* box : world_.boxes()) {
      if (!knows(*box)) violated(box->name + " does not know of a revocation");
    }
  }
  for (Node* box : world_.boxes()) {
    if (box->replica->roster().digest() != world_.commune().replica->roster().digest()) {
      violated(box->name + " has " + std::to_string(box->replica->roster().statements().size()) +
               " roster statements, not the commune's " +
               std::to_string(world_.commune().replica->roster().statements().size()));
    }
  }
}

void Judge::check_rest() {
  check_receipts();
  check_roster();
  check_records(world_.commune());
  for (Node* box : world_.boxes()) check_records(*box);
  check_saved();
  for (Node* box : world_.boxes()) check_agreement(*box);
  for (const auto& node : world_.nodes()) {
    const auto txn = sure(node->replica->read(), "read");
    const auto fine = node->replica->reader().verify(*txn);
    if (!fine) violated(node->name + ": verify: " + fine.error().what);
  }
}

}  // namespace khuoi::sim
