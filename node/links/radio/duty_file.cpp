#include "node/links/radio/duty_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "storage/files.h"

namespace khuoi::node {

namespace {

constexpr std::size_t ledger_octets_max = 4096;

Result<radio::BootId> boot_id() {
  std::ifstream from("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(from, text);
  std::erase(text, '-');
  const auto octets = from_hex(text);
  radio::BootId out{};
  if (!octets || octets->size() != out.size()) {
    return fail(
        Errc::io,
        "/proc/sys/kernel/random/boot_id cannot be read: without it nobody knows how old the radio's airtime is");
  }
  std::ranges::copy(*octets, out.begin());
  return out;
}

}  // namespace

Result<radio::DutyLedger> DutyFile::open(const radio::DutyLedger::Limits& limits, Instant now, std::string& why) const {
  KHUOI_TRY(const radio::BootId boot, boot_id());
  std::error_code failed;
  const bool there = std::filesystem::exists(file_, failed);
  if (!there && !failed) return radio::DutyLedger(limits, boot);
  Bytes octets(ledger_octets_max + 1);
  std::ifstream from(file_, std::ios::binary);
  from.read(reinterpret_cast<char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(from.gcount()));
  auto ledger = octets.size() > ledger_octets_max || from.bad() ? fail(Errc::malformed, "it is no ledger")
                                                                : radio::DutyLedger::load(limits, boot, octets, now);
  if (ledger) return std::move(*ledger);
  why = file_.string() + " cannot be read (" + ledger.error().what + "): nothing is sent by radio for an hour";
  return radio::DutyLedger::spent(limits, boot, now);
}

Result<void> DutyFile::save(radio::DutyLedger& ledger) const {
  const std::filesystem::path temporary = file_.string() + ".new";
  const std::string doing = "writing " + file_.string();
  storage::RemoveUnlessKept litter(temporary);
  const storage::Fd to(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!to.open()) return storage::errno_error(errno, doing);
  KHUOI_TRY_VOID(storage::write_all(to.get(), ledger.encode(), doing));
  KHUOI_TRY_VOID(storage::sync_fd(to.get(), doing));
  if (::rename(temporary.c_str(), file_.c_str()) != 0) return storage::errno_error(errno, doing);
  litter.keep();
  KHUOI_TRY_VOID(storage::sync_folder(storage::folder_of(file_)));
  ledger.saved();
  return {};
}

}  // namespace khuoi::node
