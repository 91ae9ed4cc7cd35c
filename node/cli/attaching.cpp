#include "node/cli/attaching.h"

#include <unistd.h>

#include <algorithm>

#include "node/acts/media_type.h"
#include "node/engine/read_ahead.h"
#include "sync/files/file_intake.h"
#include "sync/record/file_name.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

namespace {
/// A commit's worth: read and sealed while the one before is written.
constexpr std::size_t piece_octets = std::size_t{4} << 20U;
using Leaves = sync::FileIntake::Leaves;
}  // namespace

Attachments::~Attachments() {
  // What was not finished is nobody's; a start of the writer would remove it too.
  std::vector<sync::FileId> left;
  for (const Staged& one : staged_) {
    if (one.intake && !one.facts) left.push_back(one.intake->file());
  }
  if (left.empty()) return;
  (void)task_.engine.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    for (const sync::FileId& file : left) {
      KHUOI_TRY_VOID(sync::Files::erase(batch, file));
    }
    return {};
  });
}

bool Attachments::has(const std::string& name) const {
  return std::ranges::find(staged_, name, &Staged::name) != staged_.end();
}

Result<std::size_t> Attachments::stage(const std::string& path) {
  Staged one;
  one.name = sync::kept_name(path);
  if (one.name.empty()) return fail(Errc::usage, "'" + path + "' names no file");
  KHUOI_TRY(const storage::Fd file, task_.caller.open_file(path));
  one.intake = std::make_unique<sync::FileIntake>(task_.engine.rng());
  staged_.push_back(std::move(one));
  sync::FileIntake& intake = *staged_.back().intake;
  const off_t size = lseek(file.get(), 0, SEEK_END);
  const std::uint64_t octets = size > 0 ? static_cast<std::uint64_t>(size) : 0;
  if (octets > sync::file_octets_max) return fail(Errc::too_large, path + " is larger than 2 GiB");
  sync::Blake2b content(sync::file_content_octets);
  Bytes piece(static_cast<std::size_t>(std::clamp<std::uint64_t>(octets, 1, piece_octets)));
  std::uint64_t read = 0;
  ReadAhead<Leaves> sealed([&]() -> Result<std::optional<Leaves>> {
    KHUOI_TRY(const std::size_t got, storage::read_some_at(file.get(), read, piece, "reading " + path));
    if (got == 0) return std::optional<Leaves>();
    read += got;
    content.add(ByteView(piece).first(got));
    KHUOI_TRY(Leaves leaves, intake.seal(ByteView(piece).first(got)));
    return std::optional(std::move(leaves));
  });
  std::uint64_t at = 0;
  for (;;) {
    KHUOI_TRY(const auto leaves, sealed.next());
    if (!leaves) break;
    if (leaves->hashes.empty()) continue;
    KHUOI_TRY_VOID(
        task_.engine.work([&](sync::Replica&, sync::Batch& batch) { return intake.add(batch, *leaves); }));
    at += leaves->octets.size();
    if (octets > piece_octets) task_.caller.progress(staged_.back().name + ": octets", std::min(at, octets), octets);
    if (task_.caller.gone()) return fail(Errc::closed, "stopped before " + path + " was taken in");
  }
  staged_.back().content = content.finish();
  return staged_.size() - 1;
}

Result<Bytes> content_of(Task& task, const std::string& path) {
  KHUOI_TRY(const storage::Fd file, task.caller.open_file(path));
  sync::Blake2b hash(sync::file_content_octets);
  Bytes piece(std::size_t{1} << 20U);
  for (std::uint64_t at = 0;;) {
    KHUOI_TRY(const std::size_t got, storage::read_some_at(file.get(), at, piece, "reading " + path));
    if (got == 0) return hash.finish();
    hash.add(ByteView(piece).first(got));
    at += got;
  }
}

Result<std::vector<sync::FileFacts>> Attachments::finish(sync::Batch& batch, const std::vector<std::size_t>& files) {
  std::vector<sync::FileFacts> out;
  for (const std::size_t file : files) {
    Staged& one = staged_[file];
    if (!one.facts) {
      KHUOI_TRY(one.facts, one.intake->finish(batch, one.name, media_type(one.name)));
    }
    out.push_back(*one.facts);
  }
  return out;
}

}  // namespace khuoi::node
