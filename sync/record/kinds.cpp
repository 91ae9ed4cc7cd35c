#include "sync/record/kinds.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace khuoi::sync {

namespace {

// clang-format off
constexpr std::array<KindFacts, kind_last + 1> kinds{{
    // kind                  name                writers              room             peoples  hamlet's version
    {Kind::opener,           "opener",           Writers::nobody,     Room::log,       false,   false,   false},
    {Kind::author_copy,      "author-copy",      Writers::nobody,     Room::log,       false,   false,   false},
    {Kind::submission,       "submission",       Writers::hamlets,    Room::dossiers,  true,    true,    true},
    {Kind::edit,             "edit",             Writers::hamlets,    Room::dossiers,  true,    true,    true},
    {Kind::withdrawal,       "withdrawal",       Writers::hamlets,    Room::dossiers,  true,    true,    false},
    {Kind::manifest,         "manifest",         Writers::hamlets,    Room::dossiers,  false,   true,    false},
    {Kind::pick,             "pick",             Writers::hamlets,    Room::dossiers,  true,    true,    false},
    {Kind::state,            "state",            Writers::commune,    Room::dossiers,  true,    false,   false},
    {Kind::announcement,     "announcement",     Writers::commune,    Room::bulletin,  true,    false,   false},
    {Kind::played,           "played",           Writers::hamlets,    Room::bulletin,  false,   false,   false},
    {Kind::document,         "document",         Writers::commune,    Room::bulletin,  true,    false,   false},
    {Kind::document_read,    "document-read",    Writers::hamlets,    Room::bulletin,  true,    false,   false},
    {Kind::message,          "message",          Writers::anybody,    Room::bulletin,  true,    false,   false},
    {Kind::form,             "form",             Writers::commune,    Room::library,   true,    false,   false},
    {Kind::dictionary,       "dictionary",       Writers::commune,    Room::library,   false,   false,   false},
    {Kind::group_key,        "group-key",        Writers::commune,    Room::keys,      false,   false,   false},
    {Kind::receipt,          "receipt",          Writers::nobody,     Room::none,      false,   false,   false},
    {Kind::roster_statement, "roster-statement", Writers::nobody,     Room::none,      false,   false,   false},
    {Kind::checkpoint,       "checkpoint",       Writers::anybody,    Room::log,       false,   false,   false},
    {Kind::node_health,      "node-health",      Writers::anybody,    Room::health,    false,   false,   false},
    {Kind::erase,            "erase",            Writers::its_owner,  Room::dossiers,  true,    true,    false},
}};
// clang-format on
static_assert([] {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (static_cast<std::size_t>(kinds[i].kind) != i) return false;
  }
  return true;
}(), "a kind's row stands at its number");

}  // namespace

const KindFacts& facts_of(Kind kind) {
  // A damaged row of a store may name any number.
  static constexpr KindFacts unknown{Kind::opener, "unknown", Writers::nobody, Room::none};
  const auto at = static_cast<std::size_t>(kind);
  return at < kinds.size() ? kinds[at] : unknown;
}

std::string_view name_of(Kind kind) { return facts_of(kind).name; }

bool is_peoples(Kind kind) { return facts_of(kind).peoples; }

// A body's own fields tell what it refers to, so that a new kind needs no line here.
std::optional<DossierId> dossier_named(const Body& body) {
  return std::visit(
      [](const auto& one) -> std::optional<DossierId> {
        if constexpr (requires { one.dossier; }) return one.dossier;
        return std::nullopt;
      },
      body);
}

const std::vector<Ref>* seen_of(const Body& body) {
  return std::visit(
      [](const auto& one) -> const std::vector<Ref>* {
        if constexpr (requires { one.seen; }) return &one.seen;
        return nullptr;
      },
      body);
}

void each_ref(Body& body, const std::function<void(Ref&)>& visit) {
  std::visit(
      [&](auto& one) {
        using One = std::decay_t<decltype(one)>;
        if constexpr (requires { one.seen; }) std::ranges::for_each(one.seen, visit);
        if constexpr (std::is_same_v<One, Manifest>) {
          if (one.version) visit(*one.version);
        }
        if constexpr (requires { one.chosen; }) visit(one.chosen);
        if constexpr (std::is_same_v<One, Played>) visit(one.announcement);
        if constexpr (std::is_same_v<One, DocumentRead>) visit(one.document);
      },
      body);
}

}  // namespace khuoi::sync
