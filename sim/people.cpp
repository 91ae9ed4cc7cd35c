#include "sim/people.h"

#include <algorithm>
#include <array>

#include "sync/files/file_intake.h"
#include "sync/seal/hash.h"

namespace khuoi::sim {

namespace {

const std::array<const char*, 8> names{"Bế Thị An",  "Nông Văn Páo",  "Hoàng Mỹ",   "Lý A Sình",
                                       "Đàm Thị Lê", "Triệu Văn Dìn", "Mã Thị Sen", "Vi Văn Hùng"};

}  // namespace

std::string People::new_instance() {
  std::string hex = to_hex(world_.rng().id<DossierId>().view());
  hex[12] = '4';
  hex[16] = "89ab"[world_.rng().below(4)];
  return "uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

std::string People::some_text() {
  Bytes octets(world_.rng().below(64));
  world_.rng().fill(octets);
  return to_hex(octets);
}

void People::publish_form(sync::Domain domain) {
  Node& commune = world_.commune();
  world_.work(commune, "publishes a form", [&](sync::Batch& batch) {
    sync::FormRecord form;
    form.domain = domain;
    form.xml = to_bytes(view_of(form_xml(domain)));
    return commune.replica->add_form(batch, form);
  });
}

void People::publish_forms() {
  for (const auto domain : {sync::Domain::general, sync::Domain::health}) publish_form(domain);
}

void People::begin() {
  if (world_.scenario().early_writing && world_.scenario().built_in_forms) {
    for (Node* box : world_.boxes()) submit_new(*box);
  }
  for (Node* box : world_.boxes()) {
    world_.join(*box);
    if (world_.scenario().early_writing) world_.unlock(*box);
  }
  publish_forms();
}

void People::act() {
  const auto boxes = world_.boxes();
  if (boxes.empty()) return;
  Node& box = *boxes[world_.rng().below(boxes.size())];
  switch (world_.rng().below(24)) {
    case 0:
      return withdraw(box);
    case 1:
      return pick(box);
    case 2:
    case 3:
      return message(box);
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return set_state();
    case 9:
      return announce();
    case 10:
      return backup_and_mark_safe();
    case 11:
      return world_.scenario().hamlets < 4 ? train() : announce();
    case 12:
      return publish_forms();
    case 13:
      return box.unlocked ? world_.lock(box) : world_.unlock(box);
    case 14:
      return world_.strikes(world_.scenario().rotate_kem) ? rotate_kem() : submit_at(box);
    default:
      return submit_at(box);
  }
}

void People::submit_at(Node& box) {
  switch (world_.rng().below(8)) {
    case 0:
    case 1:
      return submit_edit(box);
    case 2:
      return submit_again(box);
    default:
      return submit_new(box);
  }
}

void People::submit_new(Node& box) {
  Saved version;
  version.domain = world_.rng().below(3) == 0 ? sync::Domain::health : sync::Domain::general;
  version.instance = new_instance();
  if (world_.strikes(world_.scenario().files)) {
    version.file_names.push_back("anh-" + std::to_string(world_.rng().below(3)) + ".jpg");
    if (world_.rng().below(2) == 0) version.file_names.push_back("giấy.pdf");
  }
  version.xml = submission_xml(version.domain, version.instance, names[world_.rng().below(names.size())], some_text(),
                               version.file_names, "");
  hand_in(box, std::move(version));
}

void People::submit_edit(Node& box) {
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < saved_.size(); ++i) {
    if (saved_[i].hamlet == box.hamlet && saved_[i].durable) own.push_back(i);
  }
  if (own.empty()) return submit_new(box);
  const Saved& before = saved_[own[world_.rng().below(own.size())]];
  Saved version;
  version.domain = before.domain;
  // Now and then the same instanceID with other words: both are kept.
  const bool variant = world_.rng().below(8) == 0;
  version.instance = variant ? before.instance : new_instance();
  version.xml = submission_xml(version.domain, version.instance, names[world_.rng().below(names.size())], some_text(),
                               {}, variant ? "" : before.instance);
  hand_in(box, std::move(version));
}

void People::submit_again(Node& box) {
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < saved_.size(); ++i) {
    if (saved_[i].hamlet == box.hamlet) own.push_back(i);
  }
  if (own.empty()) return submit_new(box);
  const Saved& before = saved_[own[world_.rng().below(own.size())]];
  Saved version;
  version.domain = before.domain;
  version.instance = before.instance;
  version.xml = before.xml;
  hand_in(box, std::move(version));
}

void People::hand_in(Node& box, Saved version) {
  version.hamlet = box.hamlet;
  version.local = !box.replica->self().granted();
  const NodeId author = box.replica->self().node;
  (void)author;
  bool repeat = false;
  const Outcome outcome = world_.work(box, "submits", [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const sync::Prepared prepared, box.replica->reader().submissions().prepare(batch.txn, view_of(version.xml)));
    repeat = prepared.repeat;
    std::vector<sync::FileFacts> files;
    for (const std::string& name : version.file_names) {
      Bytes octets(500 + world_.rng().below(world_.rng().below(4) == 0 ? 200'000 : 3'000));
      world_.rng().fill(octets);
      sync::FileIntake taking(box.rng);
      KHUOI_TRY_VOID(taking.add(batch, octets));
      KHUOI_TRY(const sync::FileFacts facts, taking.finish(batch, name, "image/jpeg"));
      version.files.push_back({name, sync::Blake2b(32).add(octets).finish(), sync::file_id_of(facts.key)});
      files.push_back(facts);
    }
    KHUOI_TRY_VOID(box.replica->intake().submit(batch, prepared, files));
    return {};
  });
  for (Bytes& key : box.watch.take_written()) {
    Reader from(key);
    from.raw(16);
    if (from.u32() >= 2) version.keys.push_back(std::move(key));
  }
  if (outcome == Outcome::refused || outcome == Outcome::failed) version.keys.clear();
  version.event = world_.trace().events();
  version.durable = outcome == Outcome::committed || outcome == Outcome::crashed;
  version.must = outcome == Outcome::committed && !box.revoked;
  if (box.revoked) version.durable = world_.scenario().restore_commune.of != 0;
  world_.trace().note(box.name + ": " + (version.must ? "saved " : "tried ") + version.instance.substr(5, 8) +
                      (repeat ? " (again)" : "") + (version.files.empty() ? "" : " with files") +
                      (version.keys.empty() ? "" : " at " + name_of_key(version.keys.back())));
  if (outcome == Outcome::committed && repeat) {
    // What was there stays what must arrive; the box has just said that it has it.
    for (Saved& before : saved_) {
      if (before.hamlet == version.hamlet && before.xml == version.xml && before.durable) {
        if (holds(box, before)) before.must = !box.revoked;
        return;
      }
    }
    violated(box.name + " knows a repeat of what nobody saved: " + version.instance);
  }
  saved_.push_back(std::move(version));
}

bool People::holds(Node& node, const Saved& version) const {
  const auto txn = sure(node.replica->read(), "read");
  if (!version.local) {
    return std::ranges::all_of(
        version.keys, [&](const Bytes& key) { return sure(txn->get(sync::Table::record, key), "get").has_value(); });
  }
  bool found = false;
  sure(node.replica->dossiers().each_key(*txn,
                                         [&](const sync::DossierKey& key, const sync::DossierRow&) {
                                           found = found || key.id == sync::dossier_id_of(version.instance);
                                         }),
       "each_key");
  return found;
}

void People::excuse_lost() {
  for (Saved& version : saved_) {
    if (!version.must) continue;
    bool held = false;
    std::vector<bool> files(version.files.size(), false);
    for (const auto& node : world_.nodes()) {
      const bool concerned = node->is_commune() || (node->hamlet == version.hamlet && node->on && !node->revoked);
      if (!concerned || !holds(*node, version)) continue;
      held = true;
      const auto txn = sure(node->replica->read(), "read");
      for (std::size_t i = 0; i < files.size(); ++i) {
        files[i] = files[i] || sure(sync::Files::status(*txn, version.files[i].file), "status").complete;
      }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!files[i]) version.files[i].must = false;
    }
    if (held) continue;
    version.must = false;
    world_.trace().note("oracle: no disk holds " + version.instance.substr(5, 8) + " any more");
  }
}

void People::withdraw(Node& box) {
  std::vector<sync::DossierKey> keys;
  {
    const auto txn = sure(box.replica->read(), "read");
    sure(box.replica->dossiers().each_key(
             *txn, [&](const sync::DossierKey& key, const sync::DossierRow&) { keys.push_back(key); }),
         "each_key");
  }
  if (keys.empty()) return;
  const sync::DossierKey key = keys[world_.rng().below(keys.size())];
  world_.work(box, "withdraws " + key.id.hex().substr(0, 8),
              [&](sync::Batch& batch) { return box.replica->withdraw(batch, key, "thôi"); });
}

void People::pick(Node& box) {
  if (!box.unlocked) world_.unlock(box);
  std::vector<std::pair<sync::DossierKey, sync::DossierRow>> rows;
  {
    const auto txn = sure(box.replica->read(), "read");
    sure(box.replica->dossiers().each_key(*txn,
                                          [&](const sync::DossierKey& key, const sync::DossierRow& row) {
                                            if (row.heads.size() > 1) rows.emplace_back(key, row);
                                          }),
         "each_key");
  }
  if (rows.empty()) return;
  const auto& [key, row] = rows[world_.rng().below(rows.size())];
  const sync::Ref chosen = row.heads[world_.rng().below(row.heads.size())];
  world_.work(box, "picks a version of " + key.id.hex().substr(0, 8),
              [&, &key = key](sync::Batch& batch) { return box.replica->pick(batch, key, chosen); });
}

void People::message(Node& box) {
  if (world_.rng().below(2) == 0) return write_to_commune(box);
  const sync::Message message{some_text(), "An"};
  const HamletId to = box.replica->self().hamlet;
  Node& commune = world_.commune();
  world_.work(commune, "sends a message to " + box.name, [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->bulletin().send_message(batch, message, to));
    return {};
  });
}

void People::write_to_commune(Node& box) {
  const sync::Message message{some_text(), "An"};
  world_.work(box, "sends a message", [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(box.replica->bulletin().send_message(batch, message, std::nullopt));
    return {};
  });
}

void People::set_state() {
  Node& commune = world_.commune();
  std::vector<std::pair<sync::DossierKey, sync::State>> rows;
  {
    const auto txn = sure(commune.replica->read(), "read");
    sure(commune.replica->dossiers().each_key(*txn,
                                              [&](const sync::DossierKey& key, const sync::DossierRow& row) {
                                                rows.emplace_back(key, row.state.value_or(sync::State::fresh));
                                              }),
         "each_key");
  }
  if (rows.empty()) return;
  const auto& [key, from] = rows[world_.rng().below(rows.size())];
  std::vector<sync::State> next;
  for (std::uint8_t number = 1; number <= 10; ++number) {
    const auto to = sync::state_numbered(number);
    if (to && sync::may_move(from, *to)) next.push_back(*to);
  }
  if (next.empty()) return;
  sync::StateChange change;
  change.state = next[world_.rng().below(next.size())];
  change.code = "H14." + std::to_string(world_.rng().below(10'000));
  world_.work(commune, "sets " + key.id.hex().substr(0, 8) + " to " + std::string(sync::name_of(change.state)),
              [&, &key = key](sync::Batch& batch) { return commune.replica->set_state(batch, key, change); });
}

void People::announce() {
  Node& commune = world_.commune();
  world_.work(commune, "announces", [&](sync::Batch& batch) -> Result<void> {
    sync::AnnouncementContent content;
    content.text = some_text() + ".";
    content.issued = batch.now.wall;
    content.expires = UnixSeconds{batch.now.wall.value + 86'400};
    KHUOI_TRY_VOID(sync::check_announcement_content(content));
    KHUOI_TRY_VOID(commune.replica->bulletin().announce(batch, {sync::encode_announcement_content(content), {}}));
    return {};
  });
}

void People::backup_and_mark_safe() {
  Node& commune = world_.commune();
  world_.make_backup(commune);
  world_.work(commune, "marks all safe", [&](sync::Batch& batch) { return commune.replica->mark_all_safe(batch); });
}

void People::train() {
  // A dictionary that both the commune and a box forgot is not asked for yet: the box could not read back its own
  // words.
  if (world_.scenario().restore_commune.of != 0 && world_.scenario().restore_hamlet.of != 0) return announce();
  Node& commune = world_.commune();
  world_.work(commune, "trains dictionaries", [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->trainer().at_once(batch));
    return {};
  });
}

void People::rotate_kem() {
  Node& commune = world_.commune();
  world_.work(commune, "takes a new receiving key",
              [&](sync::Batch& batch) { return commune.replica->enrolment().rotate_kem(batch); });
  // A backup without the key that hamlets seal to from now on could open nothing of theirs: whoever renews it makes a
  // new backup and keeps no older one.
  commune.backups.clear();
}

void People::revoke(Node& box) {
  Node& commune = world_.commune();
  const NodeId node = box.replica->self().node;
  const Outcome outcome = world_.work(commune, "revokes " + box.name,
                                      [&](sync::Batch& batch) { return commune.replica->enrolment().revoke(batch, node); });
  if (outcome == Outcome::failed || outcome == Outcome::refused) return;
  revoked_.insert(node);
  for (const auto& one : world_.nodes()) {
    if (one->replica->self().node == node) one->revoked = true;
  }
  excuse_lost();
}

}  // namespace khuoi::sim
