#include <charconv>

#include "node/acts/audit_log.h"
#include "node/cli/said_rows.h"
#include "node/cli/text.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::ReadTxn;
using sync::ReplicaReader;

namespace {

constexpr std::size_t entries_unless_told = 50;
constexpr std::size_t entries_at_once = 500;
/// 80 bits: who wants another log with this beginning looks for it in vain.
constexpr std::size_t expected_digits_min = 20;

Result<void> only_at_commune(const ReplicaReader& reader) {
  if (reader.self().is_commune()) return {};
  return fail(Errc::denied, "only a commune keeps an audit log, and this is the box of a hamlet");
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

Result<std::size_t> entries_asked(const Task& task) {
  if (!task.request.has("--count")) return entries_unless_told;
  const auto count = whole_number<std::size_t>(task.request.one("--count"));
  if (count && *count > 0) return *count;
  return fail(Errc::usage, "--count " + task.request.one("--count") + ": give how many entries, 1 or more");
}

void add_entry(SaidRows& rows, const AuditLog::Entry& entry) {
  const AuditEntryRow& row = entry.row;
  if (rows.is_json()) {
    if (!entry.readable) return rows.add(json::object{{"number", entry.number}, {"readable", false}});
    return rows.add(json::object{{"number", entry.number},
                                 {"readable", true},
                                 {"at", row.at.value},
                                 {"trusted", row.trusted},
                                 {"person", row.act.person},
                                 {"by", name_of(row.act.by)},
                                 {"act", row.act.what},
                                 {"about", row.act.target},
                                 {"detail", row.act.detail},
                                 {"head_damaged", row.head_damaged}});
  }
  std::string line = padded("#" + std::to_string(entry.number), 8);
  if (!entry.readable) return rows.add(line + "cannot be read: see 'khuoi audit verify'\n");
  line += padded(local_time(row.at) + (row.trusted ? "" : "?"), 18);
  line += padded(for_a_terminal(row.act.person, " "), 20) + padded(std::string(name_of(row.act.by)), 9);
  line += padded(for_a_terminal(row.act.what, " "), 18) + padded(for_a_terminal(row.act.target, " "), 34);
  line += for_a_terminal(row.act.detail, " ");
  while (line.ends_with(' ')) line.pop_back();
  rows.add(line + "\n");
}

Result<ExitCode> run_list_audit(Task& task) {
  KHUOI_TRY(std::size_t left, entries_asked(task));
  const AuditLog::Filter filter{
      .person = task.request.one("--by"), .what = task.request.one("--act"), .target = task.request.one("--about")};
  SaidRows rows(task);
  std::optional<std::uint64_t> from;
  do {
    KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
      KHUOI_TRY_VOID(only_at_commune(reader));
      KHUOI_TRY(from, AuditLog::newest(txn, filter, from, std::min(left, entries_at_once), [&](const AuditLog::Entry& entry) {
                  add_entry(rows, entry);
                  --left;
                }));
      return {};
    }));
  } while (from && left > 0 && rows.say());
  rows.end();
  return exit_success;
}

Result<std::optional<AuditLog::Known>> expected_head(const Task& task) {
  if (!task.request.has("--expect")) return std::optional<AuditLog::Known>();
  const std::string& text = task.request.one("--expect");
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto number = whole_number<std::uint64_t>(std::string_view(text).substr(0, colon));
  const std::string digits = colon < text.size() ? text.substr(colon + 1) : std::string();
  auto hash = from_hex(digits);
  if (number && hash && digits.size() >= expected_digits_min && hash->size() <= sizeof(AuditHash)) {
    return std::optional(AuditLog::Known{*number, std::move(*hash)});
  }
  return fail(Errc::usage, "--expect " + text + ": write it as 'khuoi audit verify' printed it, NUMBER:HASH, with " +
                               std::to_string(expected_digits_min) + " digits of the hash or more, an even number");
}

Result<ExitCode> run_verify_audit(Task& task) {
  KHUOI_TRY(const auto expected, expected_head(task));
  AuditLog::Verified found;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
    KHUOI_TRY_VOID(only_at_commune(reader));
    KHUOI_TRY(found, AuditLog::verify(AuditKey::of(reader.membership()), txn, expected));
    return {};
  }));
  const bool sound = found.wrong.empty();
  const std::string head = std::to_string(found.count) + ":" + to_hex(found.hash);
  if (task.request.has("--json")) {
    task.caller.say(json_text(json::object{{"sound", sound},
                                           {"count", found.count},
                                           {"hash", to_hex(found.hash)},
                                           {"head", head},
                                           {"wrong", sound ? json::value(nullptr) : json::value(found.wrong)}}));
    return sound ? exit_success : exit_failure;
  }
  if (!sound) return fail(Errc::damaged, "the audit log is not whole: " + found.wrong);
  task.caller.say("the audit log is whole: " + std::to_string(found.count) + " entries\nits head, to be written down: " + head +
                  "\n");
  return exit_success;
}

}  // namespace

std::vector<Command> audit_commands() {
  const Option json{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag};
  return {
      {.name = "audit list",
       .summary = "At the commune: who did what, and when, the newest first",
       .more = "A ? behind the time: the clock had gone back. 'page', 'command' or 'service' is by what it was done.\n\n"
               "  khuoi audit list --by 'Lan' --act state\n"
               "  khuoi audit list --about 1f0c9a --count 500\n",
       .options = {json,
                   {.name = "--by", .help = "only what this person did"},
                   {.name = "--act", .help = "only acts of this kind, as a command is called: state, 'form add'"},
                   {.name = "--about", .help = "only what was done to this: an id or a name, or its beginning"},
                   {.name = "--count", .help = "how many entries; 50 unless told"}},
       .run = run_list_audit},
      {.name = "audit verify",
       .summary = "At the commune: whether the audit log is whole",
       .more = "Walks the log from its first entry and tells the first thing that is wrong: an entry that was changed, taken\n"
               "away or put in, an end that was cut off, a daily signature that is missing. Exit code 1 then.\n"
               "Whoever holds the commune's signing key can write the whole log anew. So write the head that this prints on\n"
               "paper now and then; 20 digits of the hash are enough. --expect tells whether the log still contains it:\n\n"
               "  khuoi audit verify --expect 1204:9f2c81d07a5be0134466\n",
       .options = {json, {.name = "--expect", .help = "a head that was written down, NUMBER:HASH"}},
       .run = run_verify_audit}};
}

}  // namespace khuoi::node
