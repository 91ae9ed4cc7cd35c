#include "node/sticks/stick_news.h"

#include "node/engine/log.h"
#include "node/sticks/plain_text.h"

namespace khuoi::node {

namespace {

bool belongs_to_commune(Engine& engine) {
  bool out = true;
  (void)engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    out = reader.self().is_commune() || reader.self().granted();
    return {};
  });
  return out;
}

StickNews failed(StickNews news, const Error& why) {
  news.what = StickNews::What::failed;
  news.message = mounts::plain_text(why.what);  // it may name a folder that is called as the stick's label says
  news.reason = name_of(why.code);
  return news;
}

}  // namespace

StickNews visit_stick(Engine& engine, const std::filesystem::path& dir, StickNews news, const TellStickNews& tell,
                      const std::function<bool()>& gone, StickMemory* memory) {
  news.what = StickNews::What::working;
  tell(news);
  StickOptions options;
  options.gone = gone;
  options.progress = [&](std::string_view, std::uint64_t done, std::uint64_t of) {
    news.done = done;
    news.of = of;
    tell(news);
  };
  auto report = sync_stick(engine, dir, options);
  const std::string name = news.folder.string();
  if (!report) {
    // Of the errors that leave nothing to report a full disk can only be this machine's.
    const bool box_full = report.error().code == Errc::disk_full || report.error().code == Errc::store_full;
    news = failed(std::move(news), report.error());
    if (box_full) news.reason = box_fault_of(report.error().code);
    log_error("stick_failed", {{"folder", name}, {"why", news.message}});
    return news;
  }
  for (const std::string& fault : report->faults) log_warning("stick_fault", {{"why", mounts::plain_text(fault)}});
  for (const std::string& note : report->notes) log_info("stick_note", {{"note", note}});
  const sync::Counts& counts = report->counts;
  log_info("stick_synced", {{"folder", name},
                            {"records_in", std::to_string(counts.records_in)},
                            {"records_out", std::to_string(counts.records_out)},
                            {"attachments_in", std::to_string(counts.attachments_in)},
                            {"attachments_out", std::to_string(counts.attachments_out)},
                            {"octets_in", std::to_string(counts.bytes_in)},
                            {"octets_out", std::to_string(counts.bytes_out)}});
  // To a box that belongs to no commune yet every bundle is foreign: its own commune's brings the grant.
  const bool nothing_of_ours = belongs_to_commune(engine) && report->bundles_foreign > 0 &&
                               report->bundles_written == 0 && counts.records_in == 0;
  news.what = nothing_of_ours ? StickNews::What::foreign : StickNews::What::safe;
  news.counts = counts;
  if (memory != nullptr) *memory = std::move(report->memory);
  if (!report->faults.empty()) {
    news = failed(std::move(news), fail(*report->first_fault, report->faults.front()));
    if (!report->box_fault.empty()) news.reason = report->box_fault;
  }
  return news;
}

}  // namespace khuoi::node
