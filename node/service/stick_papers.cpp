#include "node/service/stick_papers.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "storage/files.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t papers_max = 100;

/// False when there are too many already, or the same one is there.
Result<bool> put_paper(const fs::path& folder, const std::string& name, const std::string& text) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return storage::errno_error(failed.value(), "making the folder " + folder.string());
  const auto there = std::distance(fs::directory_iterator(folder, failed), fs::directory_iterator());
  const fs::path target = folder / name;
  if (fs::exists(target, failed) || static_cast<std::size_t>(there) >= papers_max) return false;
  const storage::Fd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open()) return storage::errno_error(errno, "writing " + target.string());
  KHUOI_TRY_VOID(storage::write_all(file.get(), view_of(text), "writing " + target.string()));
  return true;
}

Result<void> note_request(sync::Replica& replica, ByteView octets, const fs::path& folder,
                          std::vector<std::string>& notes) {
  const auto request = sync::decode_request(octets);
  if (!request) return {};
  const NodeId node = sync::node_id_of(request->sign);
  if (replica.roster().node(node) != nullptr) return {};
  const std::string name = node.hex() + ".request";
  KHUOI_TRY(const bool fresh, put_paper(folder, name, sync::armour("request", octets) + "\n"));
  if (fresh) {
    notes.push_back("a box called '" + request->name + "' asks to join, fingerprint " +
                    sync::fingerprint_digits(octets) + ": have it read aloud, then khuoi enrol grant --in " +
                    (folder / name).string() + " --out FILE");
  }
  return {};
}

Result<void> note_grant(sync::Replica& replica, const std::vector<Bytes>& statements, const fs::path& folder,
                        std::vector<std::string>& notes) {
  for (const Bytes& statement : statements) {
    const auto authority = sync::Roster::authority_named_in(statement);
    if (!authority) continue;
    sync::Roster roster(*authority);
    for (const Bytes& one : statements) (void)roster.add(one);
    const bool for_us = roster.node(replica.self().node) != nullptr && roster.commune() != nullptr;
    if (!for_us) continue;
    const std::string name = sync::commune_id_of(*authority).hex() + ".grant";
    KHUOI_TRY(const bool fresh,
              put_paper(folder, name, sync::armour("grant", sync::encode_grant_file(statements)) + "\n"));
    if (fresh) {
      notes.push_back("the commune '" + roster.commune()->name +
                      "' lets this box in, digits " + sync::fingerprint_digits(*authority) +
                      ": have the commune read its own aloud, and if they are the same, run khuoi enrol accept --in " +
                      (folder / name).string());
    }
    return {};
  }
  return {};
}

}  // namespace

Result<void> note_papers(sync::Replica& replica, const sync::Courier& courier, const fs::path& dir,
                         std::vector<std::string>& notes) {
  const fs::path folder = dir / "papers";
  if (replica.self().is_commune()) {
    for (const Bytes& request : courier.requests()) {
      KHUOI_TRY_VOID(note_request(replica, request, folder, notes));
    }
  } else if (!replica.self().granted()) {
    for (const std::vector<Bytes>& statements : courier.grants()) {
      KHUOI_TRY_VOID(note_grant(replica, statements, folder, notes));
    }
  }
  return {};
}

}  // namespace khuoi::node
