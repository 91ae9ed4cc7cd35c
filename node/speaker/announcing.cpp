#include <fcntl.h>

#include "node/engine/log.h"
#include "node/speaker/speaker.h"
#include "storage/files.h"

namespace khuoi::speaker {

namespace fs = std::filesystem;
using sync::AnnouncementContent;

namespace {
constexpr std::uint64_t clip_octets_max = std::uint64_t{64} << 20U;
}  // namespace

Announcing::Announcing(node::Engine& engine, fs::path data, const Config& config)
    : engine_(engine), voice_(std::move(data), config), announcer_(config.times) {}

Result<sync::Announcer::Plan> Announcing::plan() {
  sync::Announcer::Plan out;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, announcer_.plan(reader.board(), txn, engine_.now()));
    return {};
  }));
  return out;
}

Result<Announcing::Begun> Announcing::begin(const sync::Ref& ref, sync::Announcer::Who who) {
  if (!voice_.can_be_heard()) return Voice::no_sound();
  Begun out;
  out.ref = ref;
  KHUOI_TRY_VOID(engine_.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out.content, announcer_.begin(replica.bulletin(), batch, ref, who, &out.playing));
    return {};
  }));
  node::log_info("announcement_played", {{"issued", std::to_string(out.content.issued.value)},
                                         {"by", who == sync::Announcer::Who::person ? "person" : "itself"}});
  return out;
}

Result<void> Announcing::not_heard(const sync::Ref& ref, const sync::Items::Playing& playing) {
  KHUOI_TRY_VOID(engine_.work([&](sync::Replica& replica, sync::Batch& batch) {
    return sync::Announcer::not_heard(replica.bulletin(), batch, ref, playing);
  }));
  node::log_warning("announcement_not_heard", {{"began", std::to_string(playing.at.value)},
                                               {"by", playing.by_person ? "person" : "itself"}});
  return {};
}

Result<void> Announcing::no_sound(const sync::Ref& ref) {
  KHUOI_TRY_VOID(engine_.work(
      [&](sync::Replica& replica, sync::Batch& batch) { return announcer_.no_sound(replica.bulletin(), batch, ref); }));
  node::log_warning("announcement_not_heard", {{"why", Voice::no_sound().what}});
  return {};
}

/// Chunks are checked against the root in the signed content as they are read. Nothing when it has not come whole.
Result<std::optional<fs::path>> Announcing::fetch_clip(const sync::FileFacts& clip) {
  if (clip.octets > clip_octets_max) return std::optional<fs::path>();
  const fs::path to = voice_.fresh_path(".clip");
  storage::RemoveUnlessKept removed(to);
  const storage::Fd fd(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.open()) return storage::errno_error(errno, "writing the clip " + to.string());
  bool whole = false;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(clip.key)));
    if (!status.complete) return {};
    whole = true;
    return sync::Files::read(txn, clip, [&](ByteView part) { return storage::write_all(fd.get(), part, "writing the clip"); });
  }));
  if (!whole) return std::optional<fs::path>();
  removed.keep();
  return std::optional(to);
}

Result<Ended> Announcing::sound(const AnnouncementContent& content, const GiveUp& give_up, bool& words) {
  const Chime before = content.urgency == sync::Urgency::emergency ? Chime::alarm : Chime::attention;
  if (content.clip) {
    const auto clip = fetch_clip(*content.clip);
    if (clip && *clip) {
      const storage::RemoveUnlessKept removed(**clip);
      auto played = voice_.play_clip(before, **clip, give_up, &words);
      if (played) return played;
      node::log_warning("clip_not_played", {{"why", played.error().what}});
    } else {
      node::log_warning("clip_not_played", {{"why", clip ? "it has not come whole" : clip.error().what}});
    }
  }
  return voice_.say(before, content.text, give_up, &words);
}

}  // namespace khuoi::speaker
