#include "node/web_server/sealed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "node/acts/staged_files.h"
#include "node/engine/descriptors.h"
#include "sync/base/check.h"
#include "sync/dossiers/intake.h"
#include "sync/files/chunk_tree.h"
#include "sync/seal/secret.h"

namespace khuoi::http {

namespace fs = std::filesystem;
using storage::Fd;

namespace {

constexpr std::size_t sealed_octets = sync::sealed_leaf_octets_max;
/// Most submissions without a photo: they need no file at all.
constexpr std::size_t small_octets_max = sealed_octets + 4096;
/// The store, too, lives on this disk.
constexpr std::uint64_t disk_left_min = std::uint64_t{128} << 20U;

Error full() {
  return fail(Errc::disk_full, "there is no room for this upload: wait for others to end, or make room on the disk");
}

}  // namespace

Result<std::shared_ptr<Spool>> Spool::open(const fs::path& folder, std::uint64_t octets_max) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  // On a full disk the page answers all the same; only uploads are refused, as they would be.
  if (failed == std::errc::no_space_on_device) return std::shared_ptr<Spool>(new Spool(folder, octets_max));
  if (failed) return storage::errno_error(failed.value(), "making the folder " + folder.string());
  if (::chmod(folder.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + folder.string() + " private");
  for (const fs::directory_entry& left : fs::directory_iterator(folder, failed)) {
    std::error_code ignored;
    if (left.path().filename().string().starts_with("upload-")) fs::remove(left.path(), ignored);
  }
  return std::shared_ptr<Spool>(new Spool(folder, octets_max));
}

bool Spool::take(std::uint64_t octets, bool for_stranger) {
  const std::uint64_t most = for_stranger ? octets_max_ / 4 * 3 : octets_max_;
  if (taken_.fetch_add(octets) + octets <= most) {
    std::error_code failed;
    const fs::space_info space = fs::space(folder_, failed);
    if (failed || space.available > disk_left_min + octets) return true;
  }
  taken_ -= octets;
  return false;
}

UploadFile::~UploadFile() { spool_->give_back(octets_); }

Result<void> UploadFile::open() {
  const fs::path& folder = spool_->folder();
  Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.open() && errno != EMFILE && errno != ENFILE) {
    // Some file systems know no files without a name.
    std::string name = (folder / "upload-XXXXXX").string();
    file = Fd(::mkostemp(name.data(), O_CLOEXEC));
    if (file.open()) ::unlink(name.c_str());
  }
  const bool none_left = !file.open() && (errno == EMFILE || errno == ENFILE);
  if (!file.open() && !none_left) return storage::errno_error(errno, "making a file in " + folder.string());
  if (none_left || !node::leaves_reserve(file.get())) {
    return fail(Errc::busy, "too much is sent to this node at once: send it again in a minute");
  }
  file_ = std::move(file);
  return {};
}

Result<void> UploadFile::write(ByteView octets, std::uint64_t at) {
  while (!octets.empty()) {
    const ssize_t wrote = ::pwrite(file_.get(), octets.data(), octets.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return storage::errno_error(errno, "keeping an upload in " + spool_->folder().string());
    octets = octets.subspan(static_cast<std::size_t>(wrote));
    at += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

Result<std::uint64_t> UploadFile::append(ByteView sealed) {
  if (!spool_->take(sealed.size(), of_stranger_)) return full();
  const std::uint64_t at = octets_;
  octets_ += sealed.size();
  if (!file_.open() && octets_ <= small_octets_max) {
    khuoi::append(small_, sealed);
    return at;
  }
  if (!file_.open()) {
    KHUOI_TRY_VOID(open());
    KHUOI_TRY_VOID(write(small_, 0));
    small_ = Bytes();
  }
  KHUOI_TRY_VOID(write(sealed, at));
  return at;
}

Result<std::size_t> UploadFile::read(std::uint64_t at, std::span<std::uint8_t> to) const {
  if (file_.open()) return storage::read_some_at(file_.get(), at, to, "reading an upload again");
  const std::size_t from = std::min<std::uint64_t>(at, small_.size());
  const std::size_t octets = std::min(to.size(), small_.size() - from);
  std::copy_n(small_.begin() + static_cast<std::ptrdiff_t>(from), octets, to.begin());
  return octets;
}

SealedFile::SealedFile(std::shared_ptr<UploadFile> in, Rng& rng)
    : in_(std::move(in)), hash_(sync::file_content_octets) {
  rng.fill(key_);
}

SealedFile::SealedFile(SealedFile&& other) noexcept
    : in_(std::move(other.in_)),
      key_(other.key_),
      piece_(std::move(other.piece_)),
      sealed_(std::move(other.sealed_)),
      begins_(other.begins_),
      ends_(other.ends_),
      pieces_(other.pieces_),
      octets_(other.octets_),
      hash_(std::move(other.hash_)),
      content_(std::move(other.content_)) {
  sync::wipe(other.key_);
}

SealedFile::~SealedFile() {
  sync::wipe(key_);
  if (!piece_.empty()) sync::wipe(piece_);
}

Result<void> SealedFile::flush() {
  sync::seal_leaf(key_, pieces_, piece_, sealed_);
  KHUOI_TRY(const std::uint64_t at, in_->append(sealed_));
  if (pieces_ == 0) begins_ = at;
  // Only the last piece of a part is shorter than the others.
  KHUOI_CHECK(at == begins_ + std::uint64_t{pieces_} * sealed_octets);
  ends_ = at + sealed_.size();
  ++pieces_;
  sync::wipe(piece_);
  piece_.clear();
  return {};
}

Result<void> SealedFile::append(ByteView octets) {
  octets_ += octets.size();
  hash_.add(octets);
  // Once: a growing vector leaves plaintext behind.
  if (piece_.capacity() == 0) piece_.reserve(sync::chunk_plain_octets);
  while (!octets.empty()) {
    const std::size_t fits = std::min(octets.size(), sync::chunk_plain_octets - piece_.size());
    khuoi::append(piece_, octets.first(fits));
    octets = octets.subspan(fits);
    if (piece_.size() == sync::chunk_plain_octets) KHUOI_TRY_VOID(flush());
  }
  return {};
}

Result<void> SealedFile::finish() {
  if (!piece_.empty()) KHUOI_TRY_VOID(flush());
  if (content_.empty()) content_ = hash_.finish();
  piece_ = Bytes();
  sealed_ = Bytes();
  return {};
}

Result<Bytes> SealedFile::piece(std::uint32_t index) const {
  Bytes out;
  if (index >= pieces_) return out;
  const std::uint64_t at = begins_ + std::uint64_t{index} * sealed_octets;
  Bytes sealed(static_cast<std::size_t>(std::min<std::uint64_t>(sealed_octets, ends_ - at)));
  std::size_t have = 0;
  while (have < sealed.size()) {
    KHUOI_TRY(const std::size_t got, in_->read(at + have, std::span(sealed).subspan(have)));
    if (got == 0) break;
    have += got;
  }
  if (!sync::open_leaf(key_, index, ByteView(sealed).first(have), out)) {
    return fail(Errc::damaged, "an upload in " + in_->folder().string() + " was changed on the disk: send it again");
  }
  return out;
}

node::FileSource SealedFile::source() const {
  node::FileSource out;
  out.type = node::FileSource::Type::by_beginning;
  out.open = [this]() -> Result<node::FileSource::Pieces> {
    return node::FileSource::Pieces([this, index = std::uint32_t{0}, held = Bytes()]() mutable -> Result<ByteView> {
      KHUOI_TRY(held, piece(index++));
      return ByteView(held);
    });
  };
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
