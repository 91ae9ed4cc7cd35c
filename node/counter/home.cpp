#include "node/counter/home.h"

#include <boost/json.hpp>

#include "node/acts/summary.h"
#include "node/counter/counter.h"
#include "node/counter/dates.h"
#include "node/counter/dossier_json.h"
#include "node/counter/drafts.h"
#include "node/counter/items_shown.h"
#include "node/counter/shelf.h"
#include "node/counter/slips.h"
#include "node/engine/log.h"
#include "node/links/dossier_outlook.h"
#include "node/speaker/listing.h"
#include "node/speaker/speaker.h"
#include "node/web_server/problem.h"
#include "node/web_server/workers.h"
#include "sync/peers/reach.h"

namespace khuoi::http {

namespace json = boost::json;
using node::StickNews;
using sync::ReplicaReader;

namespace {

constexpr std::chrono::milliseconds settle_time{150};  // a burst of commits is looked at once
constexpr std::chrono::minutes counted_anew_after{1};
constexpr std::chrono::minutes slips_swept_every{1};

std::string_view name_of(StickNews::What what) {
  switch (what) {
    case StickNews::What::none:
      return "none";
    case StickNews::What::working:
      return "working";
    case StickNews::What::safe:
      return "safe";
    case StickNews::What::failed:
      return "failed";
    case StickNews::What::foreign:
      return "foreign";
  }
  return "none";
}

}  // namespace

/// Those by which the commune is reached, as far as somebody asked for them.
json::array links_to_commune(node::LinkList links) {
  json::array out;
  for (const auto& link : links) {
    const node::LinkState::Word word = link->state().word;
    if (!link->leads_to_commune() || word == node::LinkState::Word::off) continue;
    json::object one{{"kind", link->kind()}, {"state", node::name_of(word)}};
    if (const auto outlook = link->outlook()) one["outlook"] = node::json_of(*outlook);
    out.push_back(std::move(one));
  }
  return out;
}

/// How all items of a kind look as a whole: another look, another list. They are only ever added and settled.
Result<Bytes> look_of(ReplicaReader& reader, const sync::ReadTxn& txn, sync::Kind kind) {
  KHUOI_TRY(const auto last, reader.items().newest(txn, kind, 1));
  KHUOI_TRY(const sync::ItemCounts counts, reader.items().counts(txn, kind));
  Bytes out;
  Writer(out).u64(last.empty() ? 0 : last.front().order).u64(counts.all).u64(counts.settled);
  return out;
}

/// How far the own messages have got that a page shows first.
Result<void> add_reach_of_messages(ReplicaReader& reader, const sync::ReadTxn& txn, Bytes& to) {
  KHUOI_TRY(const auto newest, reader.items().newest(txn, sync::Kind::message, items_shown_first));
  for (const sync::ItemEntry& item : newest) {
    if (!item.by_me) continue;
    KHUOI_TRY(const sync::Reach reach,
              sync::reach_of(txn, reader.peers(), reader.self().commune_node, item.ref));
    Writer(to).u8(static_cast<std::uint8_t>((reach.sent ? 1U : 0U) | (reach.received ? 2U : 0U)));
  }
  return {};
}

struct HomeBoard::Facts {
  sync::Unreceipted open;  ///< own records of people without a receipt
  std::string commune;
  sync::PeerRow peer;
  bool trusted = false;
  Bytes announcements;  ///< how they look as a whole
  std::uint64_t messages = 0, documents = 0;  ///< unread
};

HomeBoard::HomeBoard(Counter& counter) : counter_(counter) {
  listener_ = counter_.engine().on_commit([this] { touch(); }, node::Engine::Hears::all);
  if (counter_.around().loudspeaker == nullptr) return;
  counter_.around().loudspeaker->on_change([this] {
    {
      const std::lock_guard held(mutex_);
      ++sounds_;
    }
    look_soon();
  });
}

HomeBoard::~HomeBoard() { stop(); }

void HomeBoard::stop() {
  {
    const std::lock_guard held(mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  counter_.engine().forget(listener_);
  if (counter_.around().loudspeaker != nullptr) counter_.around().loudspeaker->on_change({});
}

Result<HomeBoard::Facts> HomeBoard::facts(const people::Viewer& viewer) {
  Facts out;
  const Now now = counter_.engine().now();
  KHUOI_TRY_VOID(counter_.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out.open, reader.unreceipted(txn));
    out.trusted = reader.since_start().told_time().at(now).has_value();
    const sync::CommuneFacts* commune = reader.roster().commune();
    if (commune != nullptr && !reader.self().is_commune()) {
      out.commune = commune->name;
      KHUOI_TRY(out.peer, reader.peers().row(txn, commune->node));
    }
    KHUOI_TRY(out.announcements, look_of(reader, txn, sync::Kind::announcement));
    if (!viewer.may.has(Capability::read_general)) return {};
    KHUOI_TRY(const sync::ItemCounts documents, reader.items().counts(txn, sync::Kind::document));
    KHUOI_TRY(const sync::ItemCounts messages, reader.items().counts(txn, sync::Kind::message));
    out.documents = documents.open;
    out.messages = messages.open;
    return {};
  }));
  return out;
}

Result<std::uint64_t> HomeBoard::unplayed(const Facts& facts) {
  speaker::Speaker* const loudspeaker = counter_.around().loudspeaker;
  if (loudspeaker == nullptr) return std::uint64_t{0};
  Unplayed out;
  out.at = counter_.engine().now().monotonic;
  out.look = facts.announcements;
  Writer(out.look).u8(facts.trusted ? 1 : 0);
  {
    const std::lock_guard held(mutex_);
    if (unplayed_.look == out.look && out.at - unplayed_.at < counted_anew_after) return unplayed_.count;
  }
  KHUOI_TRY(out.count, speaker::count_unheard(counter_.engine(), loudspeaker->times()));
  const std::lock_guard held(mutex_);
  unplayed_ = out;
  return out.count;
}

Result<std::string> HomeBoard::text(const people::Viewer& viewer) {
  KHUOI_TRY(const Facts facts, this->facts(viewer));
  KHUOI_TRY(const std::uint64_t unplayed, this->unplayed(facts));
  KHUOI_TRY(const std::uint64_t drafts, counter_.drafts().count(viewer));
  const ShelfBoard::Counts counts = counter_.shelf().counts(viewer.may, date_text(counter_.engine().now().wall));
  // Who is logged in is told of their own domains; a machine that nobody opened tells how much waits in all.
  std::uint64_t waiting = facts.open.general + facts.open.health;
  if (viewer.logged_in() && !viewer.may.has(Capability::read_health)) waiting -= facts.open.health;
  if (viewer.logged_in() && !viewer.may.has(Capability::read_general)) waiting = facts.open.health;
  StickNews stick;
  {
    const std::lock_guard held(mutex_);
    stick = stick_;
  }
  const auto usage = counter_.engine().store().usage();
  const bool heard = facts.peer.heard_at.value != 0;
  return json::serialize(json::object{
      {"waiting", waiting},
      {"heard", heard ? json::value(json::object{
                            {"at", facts.peer.heard_at.value}, {"by", facts.peer.heard_by}, {"trusted", facts.trusted}})
                      : json::value(nullptr)},
      {"links", links_to_commune(counter_.around().links)},
      {"stick", json::object{{"state", name_of(stick.what)},
                             {"done", stick.done},
                             {"of", stick.of},
                             {"name", stick.folder.filename().string()},
                             {"message", nullable(stick.message)},
                             {"reason", nullable(stick.reason)},
                             {"commune", nullable(facts.commune)}}},
      {"counts", json::object{{"dossiers", counts.dossiers},
                              {"answers_unseen", counts.unseen},
                              {"health_due", counts.due},
                              {"announcements_unplayed", unplayed},
                              {"messages_unread", facts.messages},
                              {"documents_unread", facts.documents},
                              {"drafts", drafts}}},
      {"store", json::object{{"used", usage.octets_used}, {"of", usage.octets_max}}}});
}

void HomeBoard::stick_news(const StickNews& news) {
  {
    const std::lock_guard held(mutex_);
    stick_ = news;
  }
  touch();
}

void HomeBoard::touch() {
  counter_.shelf().note_change();
  look_soon();
}

void HomeBoard::look_soon() {
  {
    const std::lock_guard held(mutex_);
    if (touched_ || stopped_) return;
    touched_ = true;
  }
  counter_.later(settle_time, [this] { look(); });
}

void HomeBoard::look() {
  {
    const std::lock_guard held(mutex_);
    touched_ = false;
    if (stopped_) return;
  }
  // What was erased takes its slip along, also while the box is locked.
  const Instant now = counter_.engine().now().monotonic;
  if (now - slips_swept_ >= slips_swept_every) {
    const auto swept = counter_.slips().sweep();
    if (!swept) node::log_warning("slips_not_swept", {{"why", swept.error().what}});
    slips_swept_ = now;
  }
  const auto changed = counter_.shelf().refresh();
  if (!changed) {
    if (changed.error().code != Errc::closed) node::log_warning("shelf_not_read", {{"why", changed.error().what}});
    return;
  }
  if (!changed->none()) {
    const Capabilities which = *changed;
    counter_.hub().publish("dossiers", [which](Capabilities may) {
      return (which & may).none() ? std::nullopt : std::optional<std::string>("{}");
    });
  }
  tell_items();
  tell_home();
}

void HomeBoard::tell_items() {
  Bytes announcements, messages, documents;
  const auto looked = counter_.engine().look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const bool trusted = reader.since_start().told_time().at(counter_.engine().now()).has_value();
    KHUOI_TRY(announcements, look_of(reader, txn, sync::Kind::announcement));
    KHUOI_TRY(messages, look_of(reader, txn, sync::Kind::message));
    KHUOI_TRY(documents, look_of(reader, txn, sync::Kind::document));
    KHUOI_TRY_VOID(add_reach_of_messages(reader, txn, messages));
    Writer(announcements).u8(trusted ? 1 : 0);
    return {};
  });
  if (!looked) return;
  std::uint64_t sounds = 0;
  {
    const std::lock_guard held(mutex_);
    sounds = sounds_;
  }
  Writer(announcements).u64(sounds);
  const auto tell = [&](const std::string& event, Bytes look, bool is_public) {
    {
      const std::lock_guard held(mutex_);
      Bytes& before = told_items_[event];
      if (before == look) return;
      before = std::move(look);
    }
    counter_.hub().publish(event, [is_public](Capabilities may) {
      return is_public || may.has(Capability::read_general) ? std::optional<std::string>("{}") : std::nullopt;
    });
  };
  tell("announcements", std::move(announcements), true);
  tell("messages", std::move(messages), false);
  tell("documents", std::move(documents), false);
}

void HomeBoard::tell_home() {
  std::map<Capabilities, std::string> texts;
  const std::set<Capabilities> listening = counter_.hub().listening();
  {
    const std::lock_guard held(mutex_);
    std::erase_if(told_, [&](const auto& one) { return !listening.contains(one.first); });
  }
  for (const Capabilities may : listening) {
    people::Viewer viewer;
    viewer.may = may;
    if (!may.none()) viewer.person = "-";
    const auto told = text(viewer);
    if (!told) return;
    const std::lock_guard held(mutex_);
    std::string& before = told_[may];
    if (before == *told) continue;
    before = *told;
    texts[may] = *told;
  }
  if (texts.empty()) return;
  counter_.hub().publish("home", [texts](Capabilities may) {
    const auto found = texts.find(may);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  });
}

namespace {

Response home(Counter& counter, Request& request) {
  KHUOI_ANSWER(std::string text, counter.home().text(*request.viewer));
  return text_response(200, std::move(text), "application/json; charset=utf-8");
}

Response listen(Counter& counter, Request& request) {
  const people::Viewer viewer = *request.viewer;
  KHUOI_ANSWER(const std::string text, counter.home().text(viewer));
  const auto still_there = [&counter, viewer, cookie = std::string(request.header("cookie"))] {
    const people::Viewer now = counter.sessions().viewer(cookie, true);
    return now.person == viewer.person && now.may == viewer.may;
  };
  // What changed while it did not listen, a page finds out by reading its lists again.
  Hub::Told first{{"home", text}, {"announcements", "{}"}};
  if (viewer.logged_in()) first["dossiers"] = "{}";
  if (viewer.may.has(Capability::read_general)) first["messages"] = first["documents"] = "{}";
  auto feed = counter.hub().open(viewer.may, still_there, first);
  if (!feed) return problem_of(fail(Errc::busy, "too many pages listen already"));
  Response out;
  out.type = "text/event-stream; charset=utf-8";
  out.events = std::move(feed);
  return out;
}

}  // namespace

void add_home_routes(Counter& counter) {
  counter.add(Method::get, "/api/home", Access::anybody(), home);
  counter.add(Method::get, std::string(events_path), Access::anybody(), listen);
}

}  // namespace khuoi::http
