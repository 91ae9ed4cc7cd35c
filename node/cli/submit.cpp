#include <algorithm>
#include <map>
#include <set>

#include "node/cli/attaching.h"
#include "sync/record/file_name.h"

namespace khuoi::node {

using sync::Prepared;
using sync::Replica;

namespace {

constexpr std::size_t batch_submissions_max = 256;
constexpr std::size_t batch_octets_max = std::size_t{8} << 20U;

/// A submission that was read and not yet written.
struct Read {
  std::string path;
  Bytes xml;
};

/// One `submit`: the files in order, in commits of up to 256.
class Submit final {
 public:
  explicit Submit(Task& task) : task_(task), attachments_(task) {}
  Result<ExitCode> run();

 private:
  Result<Bytes> read(const std::string& path);
  Result<void> pair_attachments();
  Result<void> take(const std::string& path);
  Result<void> write_waiting();
  Result<void> write_one(const Read& one);
  Result<DossierId> put(Replica& replica, sync::Batch& batch, const Read& one);
  Result<std::vector<std::size_t>> files_of(const std::vector<std::string>& names);
  void refuse(const std::string& path, const Error& why);
  void tell_erased(const std::string& path) {
    task_.caller.warn(path + ": its dossier was erased; this is kept apart, see 'khuoi quarantine list'");
  }

  Task& task_;
  Attachments attachments_;
  std::map<std::string, std::string> given_;                ///< by the name it is kept under: the path
  std::map<std::string, Bytes> contents_;                   ///< by the same, where it was asked for
  std::map<std::string, std::size_t> staged_;               ///< by the same
  std::set<std::string> kept_;                              ///< of these, what a commit holds
  std::map<std::string, std::vector<std::string>> wanted_;  ///< by the submission's path: names of files it takes
  std::vector<Read> waiting_;
  std::size_t waiting_octets_ = 0;
  std::size_t done_ = 0;
  bool failed_ = false;
};

/// The limit holds before anything is read into memory.
Result<Bytes> Submit::read(const std::string& path) {
  auto xml = task_.caller.read_file(path, sync::submission_xml_octets_max);
  if (!xml && xml.error().code == Errc::too_large) return sync::submission_too_large();
  return xml;
}

void Submit::refuse(const std::string& path, const Error& why) {
  failed_ = true;
  const bool named = why.what.find(path) != std::string::npos;
  task_.caller.warn((named ? "" : path + ": ") + why.what);
}

/// Says which file goes to which submission, before anything is stored.
Result<void> Submit::pair_attachments() {
  for (const std::string& path : task_.request.many("--attach")) {
    KHUOI_TRY(const storage::Fd readable, task_.caller.open_file(path));
    const auto [place, fresh] = given_.emplace(sync::kept_name(path), path);
    if (!fresh && place->second != path) {
      return fail(Errc::usage, "two files to attach are called '" + place->first + "'; nothing was stored");
    }
  }
  if (given_.empty()) return {};
  std::set<std::string> unused;
  for (const auto& [name, path] : given_) unused.insert(name);
  for (const std::string& path : task_.request.many("FILE")) {
    const auto xml = read(path);
    if (!xml) continue;  // told when its turn comes
    KHUOI_TRY_VOID(task_.engine.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
      const auto prepared = replica.intake().prepare(txn, *xml);
      if (!prepared) return {};
      for (const std::string& name : prepared->facts.attachments) {
        if (!given_.contains(name)) continue;
        unused.erase(name);
        KHUOI_TRY(bool here, replica.intake().has_name(txn, *prepared, name));
        if (here) {
          if (!contents_.contains(name)) {
            KHUOI_TRY(contents_[name], content_of(task_, given_.at(name)));
          }
          KHUOI_TRY(here, replica.intake().has_file(txn, *prepared, name, contents_.at(name)));
        }
        if (!here) wanted_[path].push_back(name);
      }
      return {};
    }));
  }
  if (unused.empty()) return {};
  return fail(Errc::usage, "no submission names the file '" + *unused.begin() + "'; nothing was stored");
}

Result<std::vector<std::size_t>> Submit::files_of(const std::vector<std::string>& names) {
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    if (!staged_.contains(name)) {
      KHUOI_TRY(const std::size_t file, attachments_.stage(given_.at(name)));
      staged_.emplace(name, file);
    }
    out.push_back(staged_.at(name));
  }
  return out;
}

Result<DossierId> Submit::put(Replica& replica, sync::Batch& batch, const Read& one) {
  KHUOI_TRY(const Prepared prepared, replica.intake().prepare(batch.txn, one.xml));
  if (prepared.erased) tell_erased(one.path);
  std::vector<sync::FileFacts> files;
  std::vector<Bytes> contents;
  if (const auto wanted = wanted_.find(one.path); wanted != wanted_.end()) {
    std::vector<std::size_t> staged;
    for (const std::string& name : wanted->second) staged.push_back(staged_.at(name));
    for (const std::size_t file : staged) contents.push_back(attachments_.content(file));
    KHUOI_TRY(files, attachments_.finish(batch, staged));
  }
  return replica.intake().submit(batch, prepared, files, contents);
}

Result<void> Submit::write_one(const Read& one) {
  const auto usage = task_.engine.store().usage();
  std::optional<DossierId> id;
  const auto wanted = wanted_.find(one.path);
  if (wanted != wanted_.end()) {
    const auto staged = files_of(wanted->second);
    if (!staged) return staged.error();
  }
  const Result<void> done = task_.engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    replica.intake().set_usage(usage);
    KHUOI_TRY(id, put(replica, batch, one));
    return {};
  });
  if (wanted != wanted_.end()) {
    for (const std::string& name : wanted->second) {
      if (done) {
        kept_.insert(name);
      } else if (!kept_.contains(name) && staged_.contains(name)) {
        // It went with the commit; whoever else takes this file takes it in anew.
        attachments_.drop(staged_.at(name));
        staged_.erase(name);
      }
    }
  }
  if (done) task_.caller.say(id->hex() + "\n");
  return done;
}

/// One commit for all that wait; when one of them cannot be written, each on its own, so that it is named.
Result<void> Submit::write_waiting() {
  if (waiting_.empty()) return {};
  const auto usage = task_.engine.store().usage();
  std::string ids;
  std::vector<std::pair<const Read*, Error>> refused;
  const Result<void> together = task_.engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    replica.intake().set_usage(usage);
    for (const Read& one : waiting_) {
      // What cannot be prepared has written nothing yet.
      const auto prepared = replica.intake().prepare(batch.txn, one.xml);
      if (!prepared) {
        refused.emplace_back(&one, prepared.error());
        continue;
      }
      if (prepared->erased) tell_erased(one.path);
      KHUOI_TRY(const DossierId id, replica.intake().submit(batch, *prepared, {}));
      ids += id.hex() + "\n";
    }
    return {};
  });
  if (together) {
    if (!ids.empty()) task_.caller.say(ids);
    for (const auto& [one, why] : refused) refuse(one->path, why);
  } else {
    for (const Read& one : waiting_) {
      if (const auto written = write_one(one); !written) refuse(one.path, written.error());
    }
  }
  done_ += waiting_.size();
  waiting_.clear();
  waiting_octets_ = 0;
  task_.caller.progress("submissions", done_, task_.request.many("FILE").size());
  return task_.caller.gone() ? Result<void>(fail(Errc::closed, "stopped")) : Result<void>();
}

Result<void> Submit::take(const std::string& path) {
  auto xml = read(path);
  if (!xml) {
    refuse(path, xml.error());
    return {};
  }
  Read one{path, std::move(*xml)};
  if (wanted_.contains(path)) {
    KHUOI_TRY_VOID(write_waiting());
    if (const auto written = write_one(one); !written) refuse(path, written.error());
    ++done_;
    task_.caller.progress("submissions", done_, task_.request.many("FILE").size());
    return {};
  }
  waiting_octets_ += one.xml.size();
  waiting_.push_back(std::move(one));
  if (waiting_.size() < batch_submissions_max && waiting_octets_ < batch_octets_max) return {};
  return write_waiting();
}

Result<ExitCode> Submit::run() {
  bool hamlet = false;
  KHUOI_TRY_VOID(task_.engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    hamlet = !replica.self().is_commune();
    return {};
  }));
  if (!hamlet) return fail(Errc::denied, "submissions are taken at a hamlet, not at a commune");
  KHUOI_TRY_VOID(pair_attachments());
  for (const std::string& path : task_.request.many("FILE")) {
    KHUOI_TRY_VOID(take(path));
  }
  KHUOI_TRY_VOID(write_waiting());
  return failed_ ? exit_failure : exit_success;
}

Result<ExitCode> run_submit(Task& task) { return Submit(task).run(); }

}  // namespace

std::vector<Command> submit_commands() {
  return {{
      .name = "submit",
      .summary = "Take filled forms (XForms instances) into this node",
      .more = "Prints an id a line, in the order of the files, each only after its record is durable. Each file stands "
              "alone:\n"
              "good ones are stored, bad ones are named on stderr, and the exit code is 1 if there was a bad one. The "
              "same\n"
              "submission again gives the same id. Files to attach pair with the submissions that name them; one that "
              "none\n"
              "names is wrong usage (exit code 2), and then nothing is stored. No passphrase is needed.\n\n"
              "  khuoi submit kham_1.xml kham_2.xml\n"
              "  khuoi submit to_khai.xml --attach cccd_truoc.jpg cccd_sau.jpg\n",
      .options = {{.name = "FILE", .help = "submissions", .shape = Option::Shape::many, .required = true},
                  {.name = "--attach",
                   .help = "photos and files that the submissions name",
                   .shape = Option::Shape::many}},
      .run = run_submit,
  }};
}

}  // namespace khuoi::node
