#include "sim/sticks.h"

#include <algorithm>

#include "storage/parity.h"
#include "sync/peers/radio_marks.h"
#include "sync/wire/block.h"

namespace khuoi::sim {

namespace {

/// The data of a file with parity, mended as far as it goes.
Bytes mend(Bytes file) {
  const auto read = [&](std::uint64_t offset, std::span<std::uint8_t> out) -> Result<std::size_t> {
    const std::size_t from = std::min<std::size_t>(offset, file.size());
    const std::size_t count = std::min(out.size(), file.size() - from);
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(from), count, out.begin());
    return count;
  };
  const auto write = [&](std::uint64_t offset, ByteView octets) -> Result<void> {
    if (offset + octets.size() > file.size()) file.resize(offset + octets.size());
    std::ranges::copy(octets, file.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  };
  const auto report = sure(storage::repair_data(file.size(), read, write), "repair_data");
  if (report.parity_found) file.resize(std::min<std::size_t>(file.size(), report.data_octets));
  return file;
}

std::string bundle_name(Rng& rng) { return rng.id<RunId>().hex(); }

}  // namespace

Sticks::Sticks(World& world) : world_(world), sticks_(world.scenario().sticks) {}

void Sticks::damage(Bundles& bundles) {
  SeededRng& rng = world_.rng();
  for (auto& [name, octets] : bundles) {
    if (octets.empty() || rng.below(2) == 0) continue;
    const std::uint64_t flips = 1 + rng.below(6);
    for (std::uint64_t i = 0; i < flips; ++i) {
      octets[rng.below(octets.size())] ^= static_cast<std::uint8_t>(1U << rng.below(8));
    }
  }
}

void Sticks::forge(Bundles& bundles) {
  // Somebody who knows the format, but no key, writes in another's name; or signs as himself what is not his.
  SeededRng& rng = world_.rng();
  const auto& nodes = world_.nodes();
  Node& victim = *nodes[rng.below(nodes.size())];
  const sync::SignKeyPair own = sync::make_sign_key(rng);
  const sync::BundleHeader header{victim.replica->self().commune, victim.replica->self().node};
  sync::BundleWriter writer(header, own.secret_key);
  sync::Sealed record;
  record.header.commune = header.commune;
  record.header.author = header.writer;
  record.header.audience =
      rng.below(2) == 0 ? audience_everyone() : sync::audience_id_of(victim.replica->roster().commune()->kem.back());
  record.header.run = rng.id<RunId>();
  record.header.number = 1 + static_cast<std::uint32_t>(rng.below(4));
  record.body.resize(4 * (20 + rng.below(20)));
  rng.fill(record.body);
  Bytes octets = writer.header();
  append(octets, writer.records(std::vector<sync::Sealed>{record}));
  sync::Holdings lie;
  lie.commune = header.commune;
  lie.from = world_.commune().replica->self().node;
  lie.to = victim.replica->self().node;
  lie.head = {1000, 1'000'000, {}};
  append(octets, writer.statements(std::vector<Bytes>{
                     sync::tag_statement(sync::StatementType::holdings, sync::encode_holdings(lie, own.secret_key))}));
  bundles.insert_or_assign(bundle_name(rng), std::move(octets));
}

void Sticks::on_the_way(std::size_t stick) {
  const Scenario& scenario = world_.scenario();
  Bundles& bundles = sticks_[stick];
  SeededRng& rng = world_.rng();
  if (world_.strikes(scenario.stick_old) && !attic_.empty()) {
    world_.trace().note("fault: stick " + std::to_string(stick) + " is as it once was");
    bundles = attic_[rng.below(attic_.size())];
  }
  if (!world_.calm() && scenario.stick_old.of != 0 && attic_.size() < 16) attic_.push_back(bundles);
  if (world_.strikes(scenario.stick_lost)) {
    world_.trace().note("fault: stick " + std::to_string(stick) + " is lost; there is a new one");
    bundles.clear();
  }
  if (world_.strikes(scenario.stick_copied)) {
    const std::size_t to = rng.below(sticks_.size());
    world_.trace().note("fault: stick " + std::to_string(stick) + " is copied to " + std::to_string(to));
    for (const auto& [name, octets] : bundles) sticks_[to].insert_or_assign(name, octets);
  }
  if (world_.strikes(scenario.stick_damaged)) {
    world_.trace().note("fault: stick " + std::to_string(stick) + " is damaged");
    damage(bundles);
  }
  if (world_.strikes(scenario.stick_cut) && !bundles.empty()) {
    auto at = bundles.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(rng.below(bundles.size())));
    at->second.resize(rng.below(at->second.size() + 1));
    world_.trace().note("fault: a bundle on stick " + std::to_string(stick) + " is cut to " +
                        std::to_string(at->second.size()) + " octets");
  }
  if (world_.strikes(scenario.forged)) {
    world_.trace().note("fault: a forged bundle on stick " + std::to_string(stick));
    forge(bundles);
  }
}

bool Sticks::take_all(Node& node, sync::Courier& courier, Bundles& bundles, std::vector<sync::BundleContent>& mine) {
  std::vector<std::pair<std::string, sync::BundleContent>> own;
  for (const auto& [name, stored] : bundles) {
    const Bytes octets = world_.scenario().parity ? mend(stored) : stored;
    const auto source = [&octets](std::uint64_t at, std::size_t count) -> Result<Bytes> {
      const std::size_t end = std::min<std::size_t>(octets.size(), at + count);
      const std::size_t from = std::min<std::size_t>(at, end);
      return Bytes(octets.begin() + static_cast<std::ptrdiff_t>(from),
                   octets.begin() + static_cast<std::ptrdiff_t>(end));
    };
    auto reader = sync::BundleReader::open(source, octets.size());
    if (!reader) continue;
    const sync::BundleFile file{name, stored.size(), sync::hash_id<sync::BundleHash>(stored)};
    {
      const auto txn = sure(node.replica->read(), "read");
      if (sure(courier.knows(*txn, file), "knows")) continue;
    }
    world_.plan_commit_failure(node);
    auto content = courier.take_in(*reader, file, [&] { return node.replica->begin(world_.now(node)); });
    world_.cancel_commit_failure(node);
    if (!content) {
      if (content.error().code != Errc::io) violated(node.name + ": taking in a bundle: " + content.error().what);
      world_.trace().note(node.name + ": taking in " + name + " failed");
      return false;
    }
    if (world_.strikes(world_.scenario().crash_after_commit)) {
      world_.restart(node, "a crash in the middle of a stick");
      return false;
    }
    if (courier.is_mine(content->header)) own.emplace_back(name, std::move(*content));
  }
  for (auto& [name, content] : own) {
    const auto txn = sure(node.replica->read(), "read");
    if (sure(courier.may_drop(*txn, content), "may_drop") || sure(courier.passed_over(*txn, content), "passed_over")) {
      bundles.erase(name);
    } else {
      mine.push_back(std::move(content));
    }
  }
  return true;
}

/// What came by radio need not be carried.
void Sticks::check_written(Node& node, const sync::BundleContent& written) {
  const auto txn = sure(node.replica->read(), "read");
  for (const auto& [run, numbers] : written.records) {
    if (run.author != node.replica->self().node) continue;
    const auto mark = sure(sync::RadioMarks::of(*txn, node.replica->self().commune_node, run), "mark");
    const RangeSet again = numbers.intersect(mark.received);
    if (again.empty()) continue;
    violated(node.name + " writes to a stick what came by radio: " +
             name_of_key(sync::key_of(sync::Ref{run.author, run.run, static_cast<std::uint32_t>(again.last())})));
  }
}

bool Sticks::write(Node& node, sync::Courier& courier, Bundles& bundles, const std::vector<sync::BundleContent>& mine) {
  std::optional<sync::Parcel> parcel;
  const Outcome packed = world_.work(node, "packs a stick", [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(parcel, courier.pack(batch, mine));
    return {};
  });
  if (packed != Outcome::committed) return false;
  if (parcel->empty()) return true;
  const bool small = world_.strikes(world_.scenario().stick_small);
  const std::uint64_t octets_max = small ? 200 + world_.rng().below(4000) : 1U << 30U;
  Bytes octets;
  std::optional<sync::BundleContent> written;
  {
    const auto txn = sure(node.replica->read(), "read");
    auto done = courier.write(*txn, *parcel, octets_max, [&](ByteView part) -> Result<void> {
      append(octets, part);
      return {};
    });
    if (!done && done.error().code == Errc::disk_full) {
      world_.trace().note(node.name + ": " + done.error().what);
      return false;
    }
    written = sure(std::move(done), "write");
  }
  if (octets.size() > octets_max) violated(node.name + " wrote past the end of a stick");
  if (!node.is_commune() && world_.scenario().radio) check_written(node, *written);
  bundles.insert_or_assign(bundle_name(node.rng), world_.scenario().parity ? storage::with_parity(octets) : octets);
  world_.work(node, "marks what left", [&](sync::Batch& batch) { return courier.mark_sent(batch, *written); });
  return true;
}

std::optional<sync::Counts> Sticks::plug_in(Node& node, Bundles& bundles) {
  node.touched = true;
  sync::Courier courier(*node.replica);
  std::vector<sync::BundleContent> mine;
  if (!take_all(node, courier, bundles, mine)) return std::nullopt;
  if (!write(node, courier, bundles, mine)) return std::nullopt;
  return courier.counts();
}

sync::Counts Sticks::visit(Node& node, std::size_t stick) {
  Bundles& bundles = sticks_.at(stick);
  world_.pass(1'000'000);
  const auto counts = plug_in(node, bundles);
  if (!counts) violated(node.name + ": a calm stick is refused");
  world_.trace().note(node.name + ": stick " + std::to_string(stick) + ": " + describe(*counts) + ", bundles " +
                      std::to_string(bundles.size()));
  return *counts;
}

void Sticks::act() {
  SeededRng& rng = world_.rng();
  const std::size_t stick = rng.below(sticks_.size());
  world_.wait(static_cast<std::int64_t>(rng.below(86'400)) * 1'000'000);
  on_the_way(stick);
  const auto& nodes = world_.nodes();
  // Every second trip ends at the commune.
  Node& node = rng.below(2) == 0 ? world_.commune() : *nodes[rng.below(nodes.size())];
  if (!node.on) return;
  const auto counts = plug_in(node, sticks_[stick]);
  if (!counts) return;
  world_.trace().note(node.name + ": stick " + std::to_string(stick) + ": " + describe(*counts) + ", bundles " +
                      std::to_string(sticks_[stick].size()));
}

}  // namespace khuoi::sim
