#include "node/http/sealed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "sync/replica/chunk_tree.h"
#include "sync/seal/secret.h"

namespace khuoi::http {

namespace fs = std::filesystem;
using storage::Fd;

namespace {

constexpr std::size_t piece_octets = sync::chunk_plain_octets;
constexpr std::size_t sealed_octets = sync::sealed_leaf_octets_max;
/// The store, too, lives on this disk.
constexpr std::uint64_t disk_left_min = std::uint64_t{128} << 20U;

Error full() {
  return fail(Errc::disk_full, "there is no room for this upload: wait for others to end, or make room on the disk");
}

}  // namespace

Result<std::shared_ptr<Spool>> Spool::open(const fs::path& folder, std::uint64_t octets_max) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return storage::errno_error(failed.value(), "making the folder " + folder.string());
  if (::chmod(folder.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + folder.string() + " private");
  for (const fs::directory_entry& left : fs::directory_iterator(folder, failed)) {
    std::error_code ignored;
    if (left.path().filename().string().starts_with("upload-")) fs::remove(left.path(), ignored);
  }
  return std::shared_ptr<Spool>(new Spool(folder, octets_max));
}

bool Spool::take(std::uint64_t octets) {
  if (taken_.fetch_add(octets) + octets <= octets_max_) {
    std::error_code failed;
    const fs::space_info space = fs::space(folder_, failed);
    if (failed || space.available > disk_left_min + octets) return true;
  }
  taken_ -= octets;
  return false;
}

SealedFile::SealedFile(std::shared_ptr<Spool> spool, Fd file, Rng& rng)
    : spool_(std::move(spool)), file_(std::move(file)) {
  rng.fill(key_);
}

Result<SealedFile> SealedFile::create(std::shared_ptr<Spool> spool, Rng& rng) {
  Fd file(::open(spool->folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.open()) {
    // Some file systems know no files without a name.
    std::string name = (spool->folder() / "upload-XXXXXX").string();
    file = Fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!file.open()) return storage::errno_error(errno, "making a file in " + spool->folder().string());
    ::unlink(name.c_str());
  }
  return SealedFile(std::move(spool), std::move(file), rng);
}

SealedFile::SealedFile(SealedFile&& other) noexcept
    : spool_(std::move(other.spool_)),
      file_(std::move(other.file_)),
      key_(other.key_),
      piece_(std::move(other.piece_)),
      sealed_(std::move(other.sealed_)),
      pieces_(other.pieces_),
      octets_(other.octets_),
      charged_(std::exchange(other.charged_, 0)) {
  sync::wipe(other.key_);
}

SealedFile::~SealedFile() {
  sync::wipe(key_);
  if (!piece_.empty()) sync::wipe(piece_);
  if (spool_ && charged_ > 0) spool_->give_back(charged_);
}

Result<void> SealedFile::flush() {
  if (!spool_->take(sealed_octets)) return full();
  charged_ += sealed_octets;
  sync::seal_leaf(key_, pieces_, piece_, sealed_);
  const auto at = static_cast<off_t>(std::uint64_t{pieces_} * sealed_octets);
  std::size_t done = 0;
  while (done < sealed_.size()) {
    const ssize_t wrote =
        ::pwrite(file_.get(), sealed_.data() + done, sealed_.size() - done, at + static_cast<off_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return storage::errno_error(errno, "keeping an upload in " + spool_->folder().string());
    done += static_cast<std::size_t>(wrote);
  }
  ++pieces_;
  sync::wipe(piece_);
  piece_.clear();
  return {};
}

Result<void> SealedFile::append(ByteView octets) {
  octets_ += octets.size();
  if (piece_.capacity() == 0) piece_.reserve(piece_octets);  // once: a growing vector leaves plaintext behind
  while (!octets.empty()) {
    const std::size_t fits = std::min(octets.size(), piece_octets - piece_.size());
    khuoi::append(piece_, octets.first(fits));
    octets = octets.subspan(fits);
    if (piece_.size() == piece_octets) KHUOI_TRY_VOID(flush());
  }
  return {};
}

Result<void> SealedFile::finish() {
  if (!piece_.empty()) KHUOI_TRY_VOID(flush());
  piece_ = Bytes();
  sealed_ = Bytes();
  return {};
}

Result<Bytes> SealedFile::piece(std::uint32_t index) const {
  Bytes out;
  if (index >= pieces_) return out;
  Bytes sealed(sealed_octets);
  const std::uint64_t at = std::uint64_t{index} * sealed_octets;
  std::size_t have = 0;
  while (have < sealed.size()) {
    KHUOI_TRY(const std::size_t got, storage::read_some_at(file_.get(), at + have, std::span(sealed).subspan(have),
                                                           "reading an upload again"));
    if (got == 0) break;
    have += got;
  }
  if (!sync::open_leaf(key_, index, ByteView(sealed).first(have), out)) {
    return fail(Errc::damaged, "an upload in " + spool_->folder().string() + " was changed on the disk: send it again");
  }
  return out;
}

Result<void> SealedFile::read(const std::function<Result<void>(ByteView)>& sink) const {
  for (std::uint32_t index = 0; index < pieces_; ++index) {
    KHUOI_TRY(Bytes octets, piece(index));
    const Result<void> taken = sink(octets);
    sync::wipe(octets);
    KHUOI_TRY_VOID(taken);
  }
  return {};
}

}  // namespace khuoi::http
