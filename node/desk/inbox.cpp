#include "node/desk/inbox.h"

#include <algorithm>
#include <array>

#include "node/counter/dates.h"
#include "node/counter/dossier_json.h"
#include "sync/peers/file_paths.h"
#include "sync/record/answers.h"
#include "sync/record/official_code.h"

namespace khuoi::desk {

namespace json = boost::json;
using node::Summary;

namespace {

constexpr std::int64_t day_seconds = 24LL * 3600;
constexpr std::int64_t soon_days = 2;

constexpr std::array<std::pair<std::string_view, InboxQuery::Only>, 8> only_words = {{
    {"new", InboxQuery::Only::fresh},
    {"unseen", InboxQuery::Only::unseen},
    {"open", InboxQuery::Only::open},
    {"overdue", InboxQuery::Only::overdue},
    {"due_soon", InboxQuery::Only::due_soon},
    {"conflicts", InboxQuery::Only::conflicts},
    {"withdrawals", InboxQuery::Only::withdrawals},
    {"mine", InboxQuery::Only::mine},
}};

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> out;
  std::string words = sync::search_text(text);
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (end != 0) out.push_back(words.substr(0, end));
    words = end == std::string::npos ? std::string() : words.substr(end + 1);
  }
  return out;
}

bool has_word(const Summary& one, const std::string& word) { return one.searched.find(word) != std::string::npos; }

}  // namespace

Result<InboxQuery> InboxQuery::of(const Request& request, UnixSeconds now) {
  InboxQuery out;
  out.may = request.viewer->may;
  out.person = request.viewer->person;
  out.today = http::date_text(now);
  out.soon = http::date_text({now.value + soon_days * day_seconds});
  if (const auto only = node::capability_named(request.query("domain")); !only.none()) out.may = out.may & only;
  if (const std::string_view word = request.query("only"); !word.empty()) {
    const auto* const known = std::ranges::find(only_words, word, &std::pair<std::string_view, Only>::first);
    if (known == only_words.end()) return fail(Errc::usage, "'only' is no word of this list");
    out.only = known->second;
  }
  out.words = search_words(request.query("q"));
  out.state = request.query("state");
  out.form = request.query("form");
  out.charge = request.query("charge");
  for (const auto& [name, day] : {std::pair{"since", &out.since}, std::pair{"until", &out.until}}) {
    *day = request.query(name);
    if (!day->empty() && !sync::day_of_text(*day)) return fail(Errc::usage, "'" + std::string(name) + "' is no day: write 2026-01-31");
  }
  if (const std::string_view text = request.query("hamlet"); !text.empty()) {
    out.hamlet = HamletId::from_hex_text(text);
    if (!out.hamlet) return fail(Errc::usage, "'hamlet' is no id");
  }
  return out;
}

InboxQuery::Facts InboxQuery::facts_of(const Summary& one, const Desk::Mark& mark) const {
  const sync::State now = sync::state_named(one.state).value_or(sync::State::fresh);
  Facts out;
  out.open = !one.erased && !sync::is_closed(now);
  out.fresh = !one.erased && now == sync::State::fresh;
  out.unseen = out.fresh && mark.seen_at == 0;
  out.overdue = out.open && now != sync::State::resolved && !one.due.empty() && one.due < today;
  out.due_soon = out.open && !one.due.empty() && one.due >= today && one.due <= soon;
  out.conflict = one.conflict;
  out.withdrawal = out.open && one.withdrawal_asked;
  out.mine = out.open && mark.charge == person;
  return out;
}

bool InboxQuery::Facts::has(Only wanted) const {
  switch (wanted) {
    case Only::all:
      return true;
    case Only::fresh:
      return fresh;
    case Only::unseen:
      return unseen;
    case Only::open:
      return open;
    case Only::overdue:
      return overdue;
    case Only::due_soon:
      return due_soon;
    case Only::conflicts:
      return conflict;
    case Only::withdrawals:
      return withdrawal;
    case Only::mine:
      return mine;
  }
  return false;
}

bool InboxQuery::takes(const Summary& one, const Desk::Mark& mark, const Facts& facts) const {
  if (!facts.has(only)) return false;
  if (hamlet && one.key.hamlet != *hamlet) return false;
  if (!form.empty() && one.form != form) return false;
  if (!state.empty() && state_word(one.state) != state) return false;
  if (!charge.empty() && mark.charge != charge) return false;
  if (!since.empty() || !until.empty()) {
    const std::string day = http::date_text({one.at});
    if ((!since.empty() && day < since) || (!until.empty() && day > until)) return false;
  }
  return std::ranges::all_of(words, [&](const std::string& word) { return has_word(one, word); });
}

Result<std::map<HamletId, std::string>> file_paths(node::Engine& engine, const std::vector<HamletId>& hamlets) {
  std::map<HamletId, std::string> out;
  if (hamlets.empty()) return out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    for (const HamletId& hamlet : hamlets) {
      const sync::NodeFacts* box = out.contains(hamlet) ? nullptr : reader.roster().box_of(hamlet);
      if (box == nullptr) continue;
      KHUOI_TRY(const auto by, sync::FilePaths::of(txn, box->node));
      if (by) out[hamlet] = sync::name_of(*by);
    }
    return {};
  }));
  return out;
}

json::value json_of_to_come(const Summary& one, const std::map<HamletId, std::string>& paths) {
  if (one.files_have >= one.files_of) return nullptr;
  const auto by = paths.find(one.key.hamlet);
  return json::object{{"files", one.files_of - one.files_have},
                      {"by", by == paths.end() ? json::value(nullptr) : json::value(by->second)}};
}

json::object json_of_inbox_row(const Summary& one, sync::Domain domain, const Desk::Mark& mark,
                               const std::map<HamletId, std::string>& hamlets, std::string_view today) {
  const auto hamlet = hamlets.find(one.key.hamlet);
  return {{"id", one.id.hex()},
          {"number", one.number},
          {"domain", sync::name_of(domain)},
          {"hamlet", json::object{{"id", one.key.hamlet.hex()}, {"name", hamlet == hamlets.end() ? "" : hamlet->second}}},
          {"form", json::object{{"id", one.form}, {"version", one.version}, {"title", one.title}}},
          {"label", one.label},
          {"state", state_word(one.state)},
          {"code", one.code},
          {"due", one.due},
          {"overdue", is_overdue(one.state, one.due, today)},
          {"at", one.at},
          {"conflict", one.conflict},
          {"erased", one.erased},
          {"withdrawal_asked", one.withdrawal_asked},
          {"seen", mark.seen_at != 0 || state_word(one.state) != sync::name_of(sync::State::fresh)},
          {"charge", mark.charge},
          {"files", json::object{{"have", one.files_have}, {"of", one.files_of}}},
          {"to_come", nullptr},
          {"problem", one.problem}};
}

}  // namespace khuoi::desk
