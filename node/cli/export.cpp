#include <filesystem>
#include <map>
#include <set>

#include "node/acts/text.h"
#include "node/cli/folder_names.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

using sync::DossierDetail;
using sync::DossierVersion;
using sync::ReplicaReader;

namespace {

constexpr std::size_t folder_octets_max = 240;  // of 255, and "~2" of a second one must fit

/// A folder's name from an instanceID: without "uuid:", percent-encoded outside [A-Za-z0-9._-]. "." and ".." would
/// leave the folder, so their dots are encoded too. What is too long for a file system ends with the id people use.
std::string folder_name(const std::string& whole) {
  std::string_view instance_id = whole;
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (instance_id.starts_with("uuid:")) instance_id.remove_prefix(5);
  const bool dots_only = instance_id == "." || instance_id == "..";
  std::string out;
  for (const char c : instance_id) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const auto octet = static_cast<unsigned char>(c);
    if ((letter || c == '.' || c == '_' || c == '-') && !dots_only) {
      out += c;
    } else {
      out += '%';
      out += digits[octet >> 4U];
      out += digits[octet & 15U];
    }
  }
  if (out.size() <= folder_octets_max) return out;
  return out.substr(0, folder_octets_max - 33) + "~" + sync::dossier_id_of(whole).hex();
}

class Export final {
 public:
  Export(Task& task, std::vector<sync::LockKey> keys) : task_(task), keys_(std::move(keys)) {}

  Result<ExitCode> run() {
    KHUOI_TRY_VOID(task_.engine.ask(keys_, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY_VOID(reader.dossiers().each_key(
          txn,
          [&](const sync::DossierKey& key, const sync::DossierRow& row) {
            if (task_.may.reads(row.domain)) in_order_.emplace(row.number, key);
          },
          [&](const sync::DossierKey& key, const Error& why) { leave_out("dossier " + key.id.hex(), why.what); }));
      return {};
    }));
    std::size_t done = 0;
    for (const auto& [number, key] : in_order_) {
      KHUOI_TRY_VOID(export_dossier(key));
      if (++done % 50 == 0) task_.caller.progress("dossiers", done, in_order_.size());
      if (task_.caller.gone()) return fail(Errc::closed, "stopped");
    }
    task_.caller.warn("exported " + std::to_string(exported_) + " submissions and " + std::to_string(files_) +
                      " files to " + task_.request.one("OUTDIR"));
    if (left_out_ != 0)
      task_.caller.warn(std::to_string(left_out_) + " records, named above, could not be exported");
    return failed_ || left_out_ != 0 ? exit_failure : exit_success;
  }

 private:
  /// What came while the keys were shut was opened by the first question.
  Result<void> look(const Engine::LookFn& fn) {
    return keys_.locks().empty() ? task_.engine.look(fn) : task_.engine.look_as(keys_, fn);
  }
  /// What cannot be exported is named, and the rest goes on.
  void leave_out(const std::string& what, const std::string& why) {
    ++left_out_;
    task_.caller.warn(what + ": " + why);
  }

  Result<void> export_dossier(const sync::DossierKey& key) {
    DossierDetail detail;
    std::string why;
    bool readable = true;
    KHUOI_TRY_VOID(look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      auto found = reader.views().detail(txn, key, sync::DossierReader::Keep::facts);
      // Of the domain that this phrase does not open.
      readable = found || found.error().code != Errc::not_found;
      if (!readable) return {};
      if (!found && found.error().code == Errc::locked) return found.error();
      if (!found) why = found.error().what;
      if (found) detail = std::move(*found);
      return {};
    }));
    if (!readable) return {};
    if (!why.empty()) {
      leave_out("dossier " + key.id.hex(), why);
      return {};
    }
    std::set<std::pair<std::string, Bytes>> written;
    for (const DossierVersion& version : detail.versions) {
      if (task_.request.has("--form") && version.facts.head.form_id != task_.request.one("--form")) continue;
      const auto xml = xml_of(version.ref);
      if (!xml) {
        leave_out("dossier " + detail.entry.id.hex() + ", version " + text_of_ref(version.ref), xml.error().what);
        continue;
      }
      // Handed in twice, it is one submission.
      if (written.emplace(version.facts.instance_id, sync::Blake2b(32).add(*xml).finish()).second) {
        KHUOI_TRY_VOID(export_version(version, *xml));
      }
    }
    for (const sync::Unreadable& one : detail.unreadable) {
      KHUOI_TRY_VOID(export_unreadable(detail, one));
    }
    return export_loose_files(detail);
  }

  /// Files of versions that cannot be read, so that nobody knows which form they are of, and of none.
  Result<void> export_loose_files(const DossierDetail& detail) {
    std::set<sync::FileId> of_versions;
    for (const DossierVersion& version : detail.versions) {
      for (const sync::VersionFile& file : version.files) {
        if (file.facts) of_versions.insert(sync::file_id_of(file.facts->key));
      }
    }
    FolderNames names;
    for (const sync::FileFacts& file : detail.files) {
      const std::string folder = task_.request.one("OUTDIR") + "/unreadable-" + detail.entry.id.hex();
      if (!of_versions.contains(sync::file_id_of(file.key))) KHUOI_TRY_VOID(export_one_of(folder, names, file));
    }
    return {};
  }

  Result<Bytes> xml_of(const sync::Ref& version) {
    Result<Bytes> out = Bytes();
    KHUOI_TRY_VOID(look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      out = reader.views().xml(txn, version);
      return {};
    }));
    return out;
  }

  /// Of what cannot be read whole, the XML is written if that much can be: under the dossier's id, since its own name is
  /// not known.
  Result<void> export_unreadable(const DossierDetail& detail, const sync::Unreadable& one) {
    const std::string id = detail.entry.id.hex();
    leave_out("dossier " + id + ", " + std::string(sync::name_of(one.kind)) + " " + text_of_ref(one.ref), one.why);
    const auto xml = xml_of(one.ref);
    if (!xml) return {};
    const std::string folder = task_.request.one("OUTDIR") + "/unreadable-" + id + "-" + text_of_ref(one.ref);
    return task_.caller.write_file(folder + "/submission.xml", Caller::Durable::no,
                                   [&](const Caller::Sink& sink) { return sink(*xml); });
  }

  Result<void> export_version(const DossierVersion& version, const Bytes& xml) {
    const std::string name = folder_name(version.facts.instance_id);
    const std::size_t count = ++used_[name];
    const std::string folder =
        task_.request.one("OUTDIR") + "/" + name + (count > 1 ? "~" + std::to_string(count) : "");
    KHUOI_TRY_VOID(task_.caller.write_file(folder + "/submission.xml", Caller::Durable::no,
                                           [&](const Caller::Sink& sink) { return sink(xml); }));
    ++exported_;
    FolderNames names;
    for (const sync::VersionFile& file : version.files) {
      if (file.facts) KHUOI_TRY_VOID(export_one_of(folder, names, *file.facts));
    }
    return {};
  }

  /// Whatever is wrong with one file, the others are still wanted; on a full disk none of them would come out.
  Result<void> export_one_of(const std::string& folder, FolderNames& names, const sync::FileFacts& file) {
    auto written = export_file(folder, names.take(file.name), file);
    const std::string portable = portable_name(file.name);
    if (!written && written.error().code == Errc::io && portable != file.name)
      written = export_file(folder, names.take(portable), file);
    if (written) return {};
    if (written.error().code == Errc::disk_full || written.error().code == Errc::closed) return written.error();
    task_.caller.warn(written.error().what);
    failed_ = true;
    return {};
  }

  Result<void> export_file(const std::string& folder, const std::string& name, const sync::FileFacts& file) {
    // A picture of its own: whoever takes the file slowly must not keep others from the engine.
    KHUOI_TRY(const auto txn, task_.engine.store().begin_read());
    const auto status = sync::Files::status(*txn, sync::file_id_of(file.key));
    if (!status) return fail(status.error().code, folder + "/" + name + ": " + status.error().what);
    if (!status->complete) return {};
    const auto written =
        task_.caller.write_file(folder + "/" + name, Caller::Durable::no,
                                [&](const Caller::Sink& sink) { return sync::Files::read(*txn, file, sink); });
    if (!written) return fail(written.error().code, folder + "/" + name + ": " + written.error().what);
    ++files_;
    return {};
  }

  Task& task_;
  HeldKeys keys_;
  std::map<std::uint32_t, sync::DossierKey> in_order_;
  std::map<std::string, std::size_t> used_;
  std::size_t exported_ = 0;
  std::size_t files_ = 0;
  bool failed_ = false;
  std::size_t left_out_ = 0;
};

Result<ExitCode> run_export(Task& task) {
  KHUOI_TRY(auto keys, reading_keys(task));
  return Export(task, std::move(keys)).run();
}

}  // namespace

std::vector<Command> export_commands() {
  return {{
      .name = "export",
      .summary = "Write every submission byte for byte, with its attachments",
      .more = "OUTDIR gets a folder a submission, named by its instanceID, with submission.xml and the files beside "
              "it; a second\n"
              "one of the same instanceID gets ~2. What is there already and the same is left alone. What cannot be "
              "read is\n"
              "named on stderr, the rest is written all the same, and the exit code is 1.\n\n"
              "  khuoi export /srv/ho-so --form ho_so_mot_cua\n",
      .options = with_phrase_options({{.name = "OUTDIR", .help = "where to", .required = true},
                                      {.name = "--form", .help = "only submissions of the form with this id"}}),
      .run = run_export,
  }};
}

}  // namespace khuoi::node
