#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "node/acts/submit.h"
#include "node/cli/given_file.h"
#include "sync/record/file_name.h"

namespace khuoi::node {

namespace {

constexpr std::size_t batch_submissions_max = 256;
constexpr std::size_t batch_octets_max = std::size_t{8} << 20U;
constexpr std::size_t read_ahead_max = 6;  // files
constexpr std::size_t attached_octets_max = staged_octets_max / 64 * 63;  // sealed they are a little larger

/// One `submit`: the files in order, in commits of up to 256, with 12 MiB of what is attached to them.
class Submit final {
 public:
  explicit Submit(Task& task) : task_(task) {}
  Result<ExitCode> run();

 private:
  Result<Bytes> read(const std::string& path);
  Result<void> offer_files();
  Result<void> pair_files();
  Result<void> take(const std::string& path);
  Result<void> write_waiting();
  void read_ahead();
  void write_one(const std::string& path, const HandedIn& one);
  void refuse(const std::string& path, const Error& why);
  void tell_erased(const std::string& path) {
    task_.caller.warn(path + ": its dossier was erased; this is kept apart, see 'khuoi quarantine list'");
  }
  void show_progress() { task_.caller.progress("submissions", done_, task_.request.many("FILE").size()); }

  Task& task_;
  /// By the name it is kept under; shared with the submissions that name it.
  std::map<std::string, std::shared_ptr<OfferedFile>> offered_;
  std::map<std::string, std::string> given_;  ///< by the same: the path
  std::map<std::string, std::vector<std::shared_ptr<OfferedFile>>>
      wanted_;  ///< by the submission's path: what it lacks
  // Read and not yet written.
  std::vector<std::string> waiting_paths_;
  std::vector<HandedIn> waiting_;
  std::size_t waiting_octets_ = 0;
  std::uint64_t waiting_attached_ = 0;  ///< octets
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

Result<void> Submit::offer_files() {
  for (const std::string& path : task_.request.many("--attach")) {
    KHUOI_TRY(const storage::Fd readable, task_.caller.open_file(path));
    const std::string name = sync::kept_name(path);
    const auto [place, fresh] = given_.emplace(name, path);
    if (!fresh && place->second != path) {
      return fail(Errc::usage, "two files to attach are called '" + name + "'; nothing was stored");
    }
    if (!fresh) continue;
    auto file = std::make_shared<OfferedFile>();
    file->names = {path};
    file->octets = static_cast<std::uint64_t>(std::max<off_t>(0, ::lseek(readable.get(), 0, SEEK_END)));
    file->source = given_file(task_, path);
    file->content = [source = file->source, known = Bytes()]() mutable -> Result<Bytes> {
      if (known.empty()) {
        KHUOI_TRY(known, content_of(source));
      }
      return known;
    };
    offered_.emplace(name, std::move(file));
  }
  return {};
}

/// Says which file goes to which submission, before anything is stored.
Result<void> Submit::pair_files() {
  if (offered_.empty()) return {};
  std::set<std::string> unused;
  for (const auto& [name, file] : offered_) unused.insert(name);
  for (const std::string& path : task_.request.many("FILE")) {
    HandedIn one{.refuse_variant = false};
    auto xml = read(path);
    if (!xml) continue;  // told when its turn comes
    one.xml = std::move(*xml);
    for (const auto& [name, file] : offered_) one.files.push_back(file);
    KHUOI_TRY(const auto pairing, node::pair_files(task_.engine, one));
    for (OfferedFile* file : pairing.named) {
      unused.erase(file->source.name);
      if (std::ranges::find(pairing.wanted, file) == pairing.wanted.end()) continue;
      wanted_[path].push_back(offered_.at(file->source.name));
    }
  }
  if (unused.empty()) return {};
  return fail(Errc::usage, "no submission names the file '" + *unused.begin() + "'; nothing was stored");
}

void Submit::write_one(const std::string& path, const HandedIn& one) {
  const auto taken = submit(task_.engine, one);
  if (!taken) return refuse(path, taken.error());
  if (taken->erased) tell_erased(path);
  task_.caller.say(taken->id.hex() + "\n");
}

/// What the next submissions want, while those that wait are written.
void Submit::read_ahead() {
  const auto& paths = task_.request.many("FILE");
  std::size_t begun = 0;
  for (std::size_t i = done_ + waiting_.size(); i < paths.size() && begun < read_ahead_max; ++i) {
    const auto wanted = wanted_.find(paths[i]);
    if (wanted == wanted_.end()) return;
    for (const auto& file : wanted->second) {
      if (begun++ < read_ahead_max) begin_to_read(task_.engine, *file);
    }
  }
}

/// One commit for all that wait; when one of them cannot be written, each on its own, so that it is named.
Result<void> Submit::write_waiting() {
  if (waiting_.empty()) return {};
  read_ahead();
  const auto together = submit_together(task_.engine, waiting_);
  std::string ids;
  for (std::size_t i = 0; together && i < together->size(); ++i) {
    const Result<TakenIn>& one = (*together)[i];
    if (one && one->erased) tell_erased(waiting_paths_[i]);
    if (one) ids += one->id.hex() + "\n";
  }
  if (!ids.empty()) task_.caller.say(ids);
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (!together) {
      write_one(waiting_paths_[i], waiting_[i]);
    } else if (!(*together)[i]) {
      refuse(waiting_paths_[i], (*together)[i].error());
    }
  }
  done_ += waiting_.size();
  waiting_.clear();
  waiting_paths_.clear();
  waiting_octets_ = 0;
  waiting_attached_ = 0;
  show_progress();
  return task_.caller.gone() ? Result<void>(fail(Errc::closed, "stopped")) : Result<void>();
}

Result<void> Submit::take(const std::string& path) {
  auto xml = read(path);
  if (!xml) {
    refuse(path, xml.error());
    return {};
  }
  HandedIn one{.xml = std::move(*xml), .refuse_variant = false};
  std::uint64_t attached = 0;
  if (const auto wanted = wanted_.find(path); wanted != wanted_.end()) {
    one.files = wanted->second;
    for (const auto& file : one.files) attached += file->staged && file->staged->kept() ? 0 : file->octets;
  }
  if (waiting_attached_ > 0 && waiting_attached_ + attached > attached_octets_max) KHUOI_TRY_VOID(write_waiting());
  waiting_attached_ += attached;
  waiting_octets_ += one.xml.size();
  waiting_.push_back(std::move(one));
  waiting_paths_.push_back(path);
  if (waiting_.size() < batch_submissions_max && waiting_octets_ < batch_octets_max) return {};
  return write_waiting();
}

Result<ExitCode> Submit::run() {
  KHUOI_TRY_VOID(check_takes_submissions(task_.engine));
  KHUOI_TRY_VOID(offer_files());
  KHUOI_TRY_VOID(pair_files());
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
