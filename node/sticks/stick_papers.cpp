#include "node/sticks/stick_papers.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "storage/files.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t papers_max = 100;
constexpr std::size_t communes_max = 30;      // on one stick; each statement is verified under each
constexpr std::size_t statements_max = 2000;

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

/// The communes that statements on a stick name, each once. Whoever writes a stick may name many.
std::vector<sync::SignPublic> communes_in(const std::vector<std::vector<Bytes>>& bundles) {
  std::vector<sync::SignPublic> out;
  for (const std::vector<Bytes>& statements : bundles) {
    for (const Bytes& statement : statements) {
      const auto authority = sync::Roster::authority_named_in(statement);
      if (!authority || std::ranges::find(out, *authority) != out.end()) continue;
      if (out.size() < communes_max) out.push_back(*authority);
      break;  // a bundle is of one commune
    }
  }
  return out;
}

/// A bundle holds only what older ones on the same stick lack, so a grant is put together from all of them.
Result<void> note_grant(sync::Replica& replica, const sync::SignPublic& authority,
                        const std::vector<std::vector<Bytes>>& bundles, const fs::path& folder,
                        std::vector<std::string>& notes) {
  sync::Roster roster(authority);
  std::size_t tried = 0;
  for (const std::vector<Bytes>& statements : bundles) {
    for (const Bytes& one : statements) {
      if (++tried <= statements_max) (void)roster.add(one);
    }
  }
  if (roster.node(replica.self().node) == nullptr || roster.commune() == nullptr) return {};
  std::vector<Bytes> whole;
  for (const auto& [hash, octets] : roster.statements()) whole.push_back(octets);
  const std::string name = sync::commune_id_of(authority).hex() + ".grant";
  KHUOI_TRY(const bool fresh, put_paper(folder, name, sync::armour("grant", sync::encode_grant_file(whole)) + "\n"));
  if (fresh) {
    notes.push_back("the commune '" + roster.commune()->name + "' lets this box in, digits " +
                    sync::fingerprint_digits(authority) +
                    ": have the commune read its own aloud, and if they are the same, run khuoi enrol accept --in " +
                    (folder / name).string());
  }
  return {};
}

}  // namespace

Result<void> note_papers(sync::Replica& replica, const sync::Courier& courier, const fs::path& dir,
                         std::vector<std::string>& notes) {
  const fs::path folder = dir / "papers";
  if (replica.self().is_commune()) {
    for (const Bytes& request : courier.finds().requests) {
      KHUOI_TRY_VOID(note_request(replica, request, folder, notes));
    }
  } else if (!replica.self().granted()) {
    for (const sync::SignPublic& authority : communes_in(courier.finds().grants)) {
      KHUOI_TRY_VOID(note_grant(replica, authority, courier.finds().grants, folder, notes));
    }
  }
  return {};
}

}  // namespace khuoi::node
